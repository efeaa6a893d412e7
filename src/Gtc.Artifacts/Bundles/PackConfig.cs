using System.Collections.Immutable;
using System.Text.Json;
using Gtc.Artifacts.Cbor;
using Gtc.Model;

namespace Gtc.Artifacts.Bundles;

/// <summary>The configuration of a pack in a revision (environment-model.md §2.8), <c>revisions/&lt;rev&gt;/pack-configs/&lt;pack&gt;.json</c>.</summary>
public sealed record PackConfig
{
    /// <summary>The document's schema.</summary>
    public const string Schema = "greentic.pack-config.v1";

    private const int MaxBytes = 1 << 20;

    /// <summary>The pack.</summary>
    public required string PackId { get; init; }

    /// <summary>The revision.</summary>
    public required string RevisionId { get; init; }

    /// <summary>Plain values by key.</summary>
    public ImmutableSortedDictionary<string, JsonElement> NonSecret { get; init; } = ImmutableSortedDictionary.Create<string, JsonElement>(StringComparer.Ordinal);

    /// <summary>Secrets by key, <c>secret://…</c>.</summary>
    public ImmutableSortedDictionary<string, string> SecretRefs { get; init; } = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    /// <summary>Discovered values by key, <c>runtime://&lt;env&gt;/discovered/&lt;key&gt;</c>.</summary>
    public ImmutableSortedDictionary<string, string> RuntimeRefs { get; init; } = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    /// <summary>Turns what a bundle carries into what a revision holds: a text that is a <c>runtime://</c> reference is one.</summary>
    public static PackConfig From(PackConfigInput input, string revisionId)
    {
        ArgumentNullException.ThrowIfNull(input);
        var references = input.NonSecret
            .Where(pair => pair.Value.ValueKind == JsonValueKind.String && pair.Value.GetString()!.StartsWith(References.RuntimeScheme, StringComparison.Ordinal))
            .ToImmutableSortedDictionary(pair => pair.Key, pair => pair.Value.GetString()!, StringComparer.Ordinal);
        return new() { PackId = input.PackId, RevisionId = revisionId, NonSecret = input.NonSecret.RemoveRange(references.Keys), SecretRefs = input.SecretRefs, RuntimeRefs = references };
    }

    /// <summary>Reads the document.</summary>
    /// <param name="json">The document, at most 1 MiB.</param>
    /// <param name="what">Its path, for the refusal.</param>
    public static Outcome<PackConfig> Read(ReadOnlySpan<byte> json, string what) =>
        BoundedJson.Parse(json, what, MaxBytes).Then(document => MalformedDocumentException.Guard(what, () =>
        {
            var root = new DocumentValue(document);
            return root.Text("schema") == Schema
                ? new PackConfig
                {
                    PackId = root.Text("pack_id"),
                    RevisionId = root.Text("revision_id"),
                    NonSecret = Map(root, "non_secret", value => value.Element),
                    SecretRefs = Map(root, "secret_refs", value => Reference(value, "secret://")),
                    RuntimeRefs = Map(root, "runtime_refs", value => Reference(value, References.RuntimeScheme)),
                }
                : throw root.Required("schema").Wrong(Schema);
        }));

    /// <summary>Writes the document: two spaces, LF, a final line end, keys sorted.</summary>
    public byte[] Write() => DocumentText.Write(json =>
    {
        json.WriteString("schema", Schema);
        json.WriteString("pack_id", PackId);
        json.WriteString("revision_id", RevisionId);
        json.WriteStartObject("non_secret");
        foreach (var (key, value) in NonSecret)
        {
            json.WritePropertyName(key);
            value.WriteTo(json);
        }

        json.WriteEndObject();
        WriteReferences(json, "secret_refs", SecretRefs);
        WriteReferences(json, "runtime_refs", RuntimeRefs);
    });

    private static ImmutableSortedDictionary<string, T> Map<T>(DocumentValue root, string name, Func<DocumentValue, T> read) =>
        (root.Optional(name)?.Members() ?? []).ToImmutableSortedDictionary(member => member.Key, member => read(member.Value), StringComparer.Ordinal);

    private static string Reference(DocumentValue value, string scheme) =>
        value.Text().StartsWith(scheme, StringComparison.Ordinal) ? value.Text() : throw value.Wrong($"a reference that starts with {scheme}");

    private static void WriteReferences(Utf8JsonWriter json, string name, ImmutableSortedDictionary<string, string> references)
    {
        json.WriteStartObject(name);
        foreach (var (key, reference) in references)
        {
            json.WriteString(key, reference);
        }

        json.WriteEndObject();
    }
}
