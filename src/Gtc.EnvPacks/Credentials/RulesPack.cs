using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Gtc.Model;

namespace Gtc.EnvPacks;

/// <summary>The files that an administrator reviews and applies, in <c>rules/&lt;deployer kind path&gt;/</c> of the environment's folder (credentials.md §6).</summary>
public static class RulesPack
{
    /// <summary>The name of the list of files.</summary>
    public const string IndexName = "index.json";

    private const int MaxIndexBytes = 1024 * 1024;

    /// <summary>Where the pack of a deployer lies, relative to the environment's folder.</summary>
    public static string Reference(PackDescriptor kind) => $"rules/{kind.Path}";

    /// <summary>What is to be written and removed. Nothing is written here.</summary>
    /// <param name="folder">The environment's folder, absolute.</param>
    /// <param name="kind">The deployer.</param>
    /// <param name="entries">The files.</param>
    /// <returns>The changes, paths relative to the environment's folder, the index last; or <see cref="Refusal.Conflict"/> when a name leads out or through a link.</returns>
    public static Outcome<RulesChange> Plan(string folder, PackDescriptor kind, ImmutableArray<RulesEntry> entries)
    {
        var reference = Reference(kind);
        foreach (var name in entries.Select(entry => entry.FileName).Append(IndexName))
        {
            if (!RuntimeConfigRules.IsContained(name) || (name == IndexName && entries.Any(entry => entry.FileName == IndexName)) || HasLink(folder, $"{reference}/{name}"))
            {
                return new Refusal.Conflict($"rules export: `{name}` is no path of its own inside {reference}");
            }
        }

        var index = new RulesIndex(RulesIndex.SchemaId, [.. entries.Select(entry => new RulesIndexEntry(entry.FileName, Encoding.UTF8.GetByteCount(entry.Content)) { Description = entry.Description })]);
        var gone = Previous(Path.Combine(folder, reference, IndexName))
            .Where(name => RuntimeConfigRules.IsContained(name) && !entries.Any(entry => entry.FileName == name) && !HasLink(folder, $"{reference}/{name}"));
        return new RulesChange(
            [
                .. entries.Select(entry => new RulesFile($"{reference}/{entry.FileName}", Encoding.UTF8.GetBytes(entry.Content))),
                new($"{reference}/{IndexName}", [.. JsonSerializer.SerializeToUtf8Bytes(index, EnvPackJson.Default.RulesIndex), (byte)'\n']),
            ],
            [.. gone.Select(name => $"{reference}/{name}")]);
    }

    private static bool HasLink(string folder, string reference)
    {
        var path = folder;
        foreach (var segment in reference.Split('/'))
        {
            path = Path.Combine(path, segment);
            if (new FileInfo(path).LinkTarget is not null)
            {
                return true;
            }
        }

        return false;
    }

    private static IEnumerable<string> Previous(string path)
    {
        var file = new FileInfo(path);
        if (!file.Exists || file.Length > MaxIndexBytes)
        {
            return [];
        }

        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(path), EnvPackJson.Default.RulesIndex)?.Entries.Select(entry => entry.Filename) ?? [];
        }
        catch (JsonException)
        {
            // A list that somebody else wrote says nothing about our files.
            return [];
        }
    }
}

/// <summary>What a rules pack changes in the environment's folder.</summary>
/// <param name="Write">The files to write, in order.</param>
/// <param name="Remove">The files of the pack before that are no longer among them.</param>
public sealed record RulesChange(ImmutableArray<RulesFile> Write, ImmutableArray<string> Remove);

/// <summary>One file of a change.</summary>
/// <param name="Reference">Its path relative to the environment's folder.</param>
/// <param name="Content">Its bytes.</param>
public sealed record RulesFile(string Reference, byte[] Content);

/// <summary>The list of files of a rules pack.</summary>
internal sealed record RulesIndex(string Schema, ImmutableArray<RulesIndexEntry> Entries)
{
    public const string SchemaId = "greentic.rules-pack.index.v1";
}

/// <summary>One file of the list.</summary>
internal sealed record RulesIndexEntry(string Filename, int Bytes)
{
    public string? Description { get; init; }
}
