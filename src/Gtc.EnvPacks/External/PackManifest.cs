using System.Collections.Immutable;
using System.Text.Json;
using Gtc.Model;

namespace Gtc.EnvPacks;

/// <summary>The <c>pack.json</c> of an env-pack of other people (docs/reference/env-pack-protocol.md).</summary>
public sealed record PackManifest
{
    /// <summary>The value of <c>schema</c>.</summary>
    public const string SchemaId = "greentic.env-pack.v1";

    /// <summary>The name of the file.</summary>
    public const string FileName = "pack.json";

    /// <summary>The most bytes of the file.</summary>
    public const int MaxBytes = 64 * 1024;

    /// <summary>Always <see cref="SchemaId"/>.</summary>
    public required string Schema { get; init; }

    /// <summary>What it is; also the name of its folder.</summary>
    public required PackDescriptor Kind { get; init; }

    /// <summary>The slots that it fits.</summary>
    public required ImmutableArray<CapabilitySlot> Slots { get; init; }

    /// <summary>One line for people, or null.</summary>
    public string? Description { get; init; }

    /// <summary>Whether it has questions to ask; without, it takes no answers.</summary>
    public bool Questions { get; init; }

    /// <summary>What it is given beyond its own folder.</summary>
    public PackPermissions Permissions { get => field ?? new PackPermissions(); init; }

    /// <summary>The program, relative to the folder.</summary>
    public required string Executable { get; init; }

    /// <summary>Reads and checks a document.</summary>
    /// <returns>The manifest, or <see cref="Refusal.MalformedArtifact"/> that names the member.</returns>
    public static Outcome<PackManifest> Parse(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length > MaxBytes)
        {
            return Malformed($"it has {utf8.Length} bytes, the most is {MaxBytes}");
        }

        try
        {
            var manifest = JsonSerializer.Deserialize(utf8, EnvPackJson.Default.PackManifest);
            return manifest is null ? Malformed("it is null") : FindFault(manifest) is { } fault ? Malformed(fault) : manifest;
        }
        catch (JsonException error)
        {
            return Malformed(error.Path is { Length: > 1 } path ? $"`{path}` is wrong or not known" : error.Message);
        }
    }

    private static string? FindFault(PackManifest manifest)
    {
        if (manifest.Schema != SchemaId)
        {
            return $"schema is `{manifest.Schema}`, `{SchemaId}` was expected";
        }

        if (manifest.Slots.IsDefaultOrEmpty || manifest.Slots.Contains(CapabilitySlot.Messaging) || manifest.Slots.Distinct().Count() != manifest.Slots.Length)
        {
            return "slots must name each slot that it fits once, and not messaging";
        }

        if (!RuntimeConfigRules.IsContained(manifest.Executable))
        {
            return $"executable `{manifest.Executable}` is no path inside the folder";
        }

        return manifest.Permissions.Variables.FirstOrDefault(name => name.Length == 0 || !name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter == '_')) is { } wrong
            ? $"permissions.variables holds `{wrong}`, which is no name of a variable"
            : null;
    }

    private static Refusal.MalformedArtifact Malformed(string why) => new($"{FileName} cannot be used: {why}");
}

/// <summary>What a pack is given beyond its own folder.</summary>
public sealed record PackPermissions
{
    /// <summary>The environment variables that it sees, besides <c>PATH</c> and <c>LANG</c>.</summary>
    public ImmutableArray<string> Variables { get => field.IsDefault ? [] : field; init; }
}
