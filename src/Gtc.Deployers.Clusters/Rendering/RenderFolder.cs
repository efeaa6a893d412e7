using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Gtc.Kubernetes;
using Gtc.Model;

namespace Gtc.Deployers.Clusters;

/// <summary>What became of a folder.</summary>
/// <param name="Files">The files that were written, in the order in which they are applied.</param>
/// <param name="RemovedStaleFiles">Files of an earlier render that are wanted no more.</param>
/// <param name="UnmanagedFiles">YAML files that are not gtc's; they were left alone.</param>
/// <param name="Withheld">Objects whose content is secret and was not written.</param>
public sealed record FolderReport(ImmutableArray<string> Files, ImmutableArray<string> RemovedStaleFiles, ImmutableArray<string> UnmanagedFiles, ImmutableArray<string> Withheld);

/// <summary>
/// Writes rendered objects into a folder for GitOps (k8s-deployer.md §10). A marker file records what was written, with digests: only what it names
/// is ever deleted.
/// </summary>
public static class RenderFolder
{
    // No ending that `kubectl apply -f FOLDER` would take for an object.
    private const string Marker = ".greentic-render";
    private const string MarkerSchema = "greentic.render-folder.v1";
    private const int MaxMarkerBytes = 4 * 1024 * 1024;

    /// <summary>The name of an object's file.</summary>
    public static string FileName(int index, KubeObject item)
    {
        ArgumentNullException.ThrowIfNull(item);
        var name = new string([.. item.Metadata.Name!.ToLowerInvariant().Select(letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '-' ? letter : '-')]);
        return string.Create(CultureInfo.InvariantCulture, $"{index:00}-{item.Kind.ToLowerInvariant()}-{name}.yaml");
    }

    /// <summary>Writes them. Everything is put together before the first file is touched.</summary>
    /// <param name="folder">The folder, made when it is not there.</param>
    /// <param name="environment">The environment; a folder of another one is refused.</param>
    /// <param name="objects">The objects.</param>
    /// <param name="includesSecrets">Whether the content of secrets is written too.</param>
    public static Outcome<FolderReport> Write(string folder, EnvId environment, ImmutableArray<KubeObject> objects, bool includesSecrets)
    {
        var files = new List<(string Name, byte[] Content)>();
        var withheld = ImmutableArray.CreateBuilder<string>();
        for (var index = 0; index < objects.Length; index++)
        {
            var name = FileName(index, objects[index]);
            if (objects[index] is Secret && !includesSecrets)
            {
                withheld.Add(name);
                continue;
            }

            files.Add((name, Encoding.UTF8.GetBytes(YamlText.Of(KubeJson.ToElement(objects[index])))));
        }

        Directory.CreateDirectory(folder);
        if (!ReadMarker(folder, environment).TryGet(out var before, out var refusal))
        {
            return refusal;
        }

        foreach (var (name, content) in files)
        {
            Replace(Path.Combine(folder, name), content);
        }

        var removed = RemoveStale(folder, before, files.Select(file => file.Name).ToHashSet(StringComparer.Ordinal));
        var marker = new RenderMarker(MarkerSchema, environment.ToString(), [.. files.Select(file => new RenderedFile(file.Name, Digest(file.Content)))]);
        Replace(Path.Combine(folder, Marker), JsonSerializer.SerializeToUtf8Bytes(marker, RenderJson.Default.RenderMarker));
        var known = files.Select(file => file.Name).ToHashSet(StringComparer.Ordinal);
        return new FolderReport(
            [.. files.Select(file => file.Name)],
            removed,
            [.. Directory.EnumerateFiles(folder, "*.yaml").Select(file => Path.GetFileName(file)).Where(name => !known.Contains(name)).Order(StringComparer.Ordinal)],
            withheld.ToImmutable());
    }

    private static Outcome<RenderMarker> ReadMarker(string folder, EnvId environment)
    {
        var file = new FileInfo(Path.Combine(folder, Marker));
        if (!file.Exists)
        {
            return new RenderMarker(MarkerSchema, environment.ToString(), []);
        }

        try
        {
            var marker = file.Length > MaxMarkerBytes ? null : JsonSerializer.Deserialize(File.ReadAllBytes(file.FullName), RenderJson.Default.RenderMarker);
            return marker?.EnvId == environment.ToString()
                ? marker
                : new Refusal.Conflict($"{folder} holds what was rendered for environment `{marker?.EnvId}`; choose another folder");
        }
        catch (JsonException)
        {
            return new Refusal.Conflict($"{file.FullName} cannot be read; remove it to render here anew, files of the earlier render then stay");
        }
    }

    /// <summary>A file that was changed since it was written is somebody's work and stays.</summary>
    private static ImmutableArray<string> RemoveStale(string folder, RenderMarker before, HashSet<string> wanted)
    {
        var removed = ImmutableArray.CreateBuilder<string>();
        foreach (var old in before.Files.Where(old => !wanted.Contains(old.Name) && old.Name == Path.GetFileName(old.Name)))
        {
            var path = Path.Combine(folder, old.Name);
            if (File.Exists(path) && Digest(File.ReadAllBytes(path)) == old.Sha256)
            {
                File.Delete(path);
                removed.Add(old.Name);
            }
        }

        return removed.ToImmutable();
    }

    private static void Replace(string path, byte[] content)
    {
        var beside = $"{path}.new";
        File.WriteAllBytes(beside, content);
        File.Move(beside, path, overwrite: true);
    }

    private static string Digest(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content));
}

/// <summary>What a folder was rendered from.</summary>
internal sealed record RenderMarker(string Schema, string EnvId, ImmutableArray<RenderedFile> Files);

/// <summary>One file that was written.</summary>
internal sealed record RenderedFile(string Name, string Sha256);

/// <summary>The JSON of the marker.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(RenderMarker))]
internal sealed partial class RenderJson : JsonSerializerContext;
