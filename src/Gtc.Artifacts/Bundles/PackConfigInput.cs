using System.Collections.Immutable;
using System.Text.Json;
using Gtc.Artifacts.Cbor;
using Gtc.Artifacts.Packs;
using Gtc.Model;

namespace Gtc.Artifacts.Bundles;

/// <summary><c>state/pack-configs/&lt;pack&gt;.json</c>: the configuration of a pack as a bundle carries it (bundle-format.md §2.6). Unknown members are refused.</summary>
/// <param name="PackId">The pack; equal to the file's stem.</param>
/// <param name="NonSecret">Plain values by key; a text may be a reference, <c>runtime://&lt;env&gt;/discovered/&lt;key&gt;</c>.</param>
/// <param name="SecretRefs">References of secrets by key, <c>secret://&lt;env&gt;/&lt;bundle&gt;/&lt;pack&gt;/&lt;key&gt;</c>.</param>
public sealed record PackConfigInput(
    string PackId, ImmutableSortedDictionary<string, JsonElement> NonSecret, ImmutableSortedDictionary<string, string> SecretRefs)
{
    /// <summary>The document's schema.</summary>
    public const string Schema = "greentic.pack-config-input.v1";

    /// <summary>The folder inside a bundle.</summary>
    public const string Folder = "state/pack-configs";

    private const int MaxBytes = 1 << 20;
    private const int MaxFiles = PackScan.MaxPacks;

    /// <summary>Reads every configuration of an unpacked bundle, sorted by pack id; no folder means none.</summary>
    /// <param name="bundleFolder">The unpacked bundle.</param>
    /// <param name="scope">What the configurations must be for.</param>
    public static Outcome<ImmutableArray<PackConfigInput>> ReadAll(string bundleFolder, PackConfigScope scope)
    {
        ArgumentNullException.ThrowIfNull(bundleFolder);
        var folder = new DirectoryInfo(Path.Combine(bundleFolder, Folder));
        if (folder is not { Exists: true, LinkTarget: null })
        {
            return ImmutableArray<PackConfigInput>.Empty;
        }

        string[] names = [.. folder.EnumerateFiles("*.json").Take(MaxFiles + 1).Select(file => file.Name).Order(StringComparer.Ordinal)];
        if (names.Length > MaxFiles)
        {
            return new Refusal.MalformedArtifact($"{Folder} holds more than {MaxFiles} files");
        }

        var inputs = ImmutableArray.CreateBuilder<PackConfigInput>(names.Length);
        foreach (var name in names)
        {
            if (!BundleFile.Read(bundleFolder, $"{Folder}/{name}", MaxBytes).TryGet(out var bytes, out var refusal)
                || !Read(bytes ?? [], Path.GetFileNameWithoutExtension(name), scope).TryGet(out var input, out refusal))
            {
                return refusal;
            }

            inputs.Add(input);
        }

        return inputs.MoveToImmutable();
    }

    /// <summary>Reads one configuration.</summary>
    /// <param name="json">The document.</param>
    /// <param name="fileStem">The file's name without its extension.</param>
    /// <param name="scope">What the configuration must be for.</param>
    public static Outcome<PackConfigInput> Read(ReadOnlySpan<byte> json, string fileStem, PackConfigScope scope)
    {
        var what = $"{Folder}/{fileStem}.json";
        return BoundedJson.Parse(json, what, MaxBytes)
            .Then(document => MalformedDocumentException.Guard(what, () => Read(new DocumentValue(document), fileStem, scope)));
    }

    private static PackConfigInput Read(DocumentValue root, string fileStem, PackConfigScope scope)
    {
        root.Only("schema", "pack_id", "env_id", "bundle_id", "non_secret", "secret_refs");
        MustBe(root, "schema", Schema);
        MustBe(root, "pack_id", fileStem);
        MustBe(root, "env_id", scope.EnvironmentId);
        MustBe(root, "bundle_id", scope.BundleId);
        if (!scope.PackIds.Contains(fileStem))
        {
            throw new MalformedDocumentException($"{fileStem} is not one of the bundle's packs ({string.Join(", ", scope.PackIds)})");
        }

        var secrets = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var (key, reference) in root.Optional("secret_refs")?.Members() ?? [])
        {
            var expected = $"secret://{scope.EnvironmentId}/{scope.BundleId}/{fileStem}/{key}";
            secrets[key] = reference.Text() == expected ? expected : throw reference.Wrong(expected);
        }

        return new(
            fileStem,
            (root.Optional("non_secret")?.Members() ?? []).ToImmutableSortedDictionary(member => member.Key, member => Setting(member.Value, scope.EnvironmentId), StringComparer.Ordinal),
            secrets.ToImmutable());
    }

    private static JsonElement Setting(DocumentValue value, string environmentId) =>
        value.IsText && value.Text().StartsWith(References.RuntimeScheme, StringComparison.Ordinal) && References.DiscoveredKey(value.Text(), environmentId) is null
            ? throw value.Wrong($"{References.RuntimeScheme}{environmentId}/discovered/ and a key")
            : value.Element;

    private static void MustBe(DocumentValue root, string member, string expected)
    {
        if (root.Text(member) != expected)
        {
            throw root.Required(member).Wrong(expected);
        }
    }
}

/// <summary>What the pack configurations of a bundle must be for.</summary>
/// <param name="EnvironmentId">The target environment.</param>
/// <param name="BundleId">The deployment's bundle id.</param>
/// <param name="PackIds">The pinned packs.</param>
public sealed record PackConfigScope(string EnvironmentId, string BundleId, ImmutableArray<string> PackIds);
