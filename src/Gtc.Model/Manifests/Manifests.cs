using System.Text.Json;

namespace Gtc.Model;

/// <summary>Reads manifests (op-cli.md §6). What is not of the shape is <c>answers-parse</c>, what breaks a rule <c>invalid-argument</c>; both say where.</summary>
public static class Manifests
{
    /// <summary>Parses and checks a manifest in JSON; a YAML one is converted before.</summary>
    public static Outcome<EnvManifest> Parse(ReadOnlySpan<byte> utf8)
    {
        if (!Authored.Parse(utf8, AuthoredJson.Default.EnvManifest, "the manifest").TryGet(out var manifest, out var refusal))
        {
            return refusal;
        }

        if (AuthoredNulls.FindItem(utf8) is { } path)
        {
            return new Refusal.UnreadableAnswers($"the manifest cannot be read at {path}: null stands in a list") { Details = [new("at", path)] };
        }

        return Check(manifest) is { } broken ? broken : manifest;
    }

    /// <summary>Null when the manifest keeps every rule that can be checked without knowing any state.</summary>
    public static Refusal.InvalidArgument? Check(EnvManifest manifest)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        try
        {
            ManifestRules.Check(manifest);
            return null;
        }
        catch (ManifestFault fault)
        {
            return new Refusal.InvalidArgument($"{fault.Path}: {fault.Message}") { Details = [new("at", fault.Path)] };
        }
    }

    /// <summary>The digest of a manifest: over its canonical JSON, so that neither white space nor the order of members counts.</summary>
    public static Sha256Digest Digest(EnvManifest manifest) => CanonicalJson.Digest(ToElement(manifest));

    /// <summary>The manifest as a JSON value.</summary>
    public static JsonElement ToElement(EnvManifest manifest) => JsonSerializer.SerializeToElement(manifest, AuthoredJson.Default.EnvManifest);
}
