using System.Text.Json;
using Gtc.Artifacts.Cbor;
using Gtc.Artifacts.Packs;

namespace Gtc.Flows;

/// <summary>
/// Fills in what a card component would read from its pack if it could (flows-and-components.md §5): the card, its texts in the languages
/// that may be needed, and the language of the message.
/// </summary>
internal sealed class CardInput(PackFile pack, string nodeId, string? locale)
{
    private const string Source = "card_source";
    private const string Spec = "card_spec";
    private const string AssetPath = "asset_path";
    private const string InlineCard = "inline_json";
    private const string InlineTexts = "i18n_inline";
    private const string Assets = "assets/";
    private const int MaxLocales = 64;

    private static readonly JsonElement EmptyObject = JsonElement.Parse("{}"u8);

    /// <summary>Whether a payload is meant for a card component.</summary>
    public static bool IsCard(JsonElement payload) =>
        payload.ValueKind == JsonValueKind.Object && (payload.TryGetProperty(Source, out _) || payload.TryGetProperty(Spec, out _));

    /// <summary>The payload with everything filled in; what is there already stays.</summary>
    /// <param name="payload">What the mapping says.</param>
    /// <param name="config">The node's configuration, which may name a default card, or null.</param>
    /// <exception cref="FlowFault">The card is not in the pack, or it is not JSON.</exception>
    public JsonElement Fill(JsonElement payload, JsonElement? config)
    {
        var settings = config ?? EmptyObject;
        var spec = TemplatePath.Walk(payload, [Spec]) is { ValueKind: JsonValueKind.Object } given ? given : EmptyObject;
        var source = FlowJump.Text(payload, Source) ?? FlowJump.Text(settings, "default_source");
        var card = TemplatePath.Walk(spec, [InlineCard]);
        var path = FlowJump.Text(spec, AssetPath);
        if (card is null && path is null)
        {
            card = TemplatePath.Walk(settings, ["default_card_inline"]);
            path = FlowJump.Text(settings, "default_card_asset");
        }

        if (source == "asset" && path is not null)
        {
            card = Json(path, Asset(path) ?? throw new FlowFault($"card asset `{path}` (node `{nodeId}`) is not in pack `{pack.Manifest.PackId}`"));
            (source, path) = ("inline", null);
        }

        return JsonText.Build(json =>
        {
            json.WriteStartObject();
            Others(json, payload, Source, Spec);
            Text(json, Source, source);
            json.WriteStartObject(Spec);
            Others(json, spec, AssetPath, InlineCard, InlineTexts);
            Text(json, AssetPath, path);
            Value(json, InlineCard, card);
            Value(json, InlineTexts, TemplatePath.Walk(spec, [InlineTexts]) ?? Texts(FlowJump.Text(spec, "i18n_bundle_path") ?? "assets/i18n"));
            json.WriteEndObject();
            if (!payload.TryGetProperty("locale", out _))
            {
                Text(json, "locale", locale);
            }

            json.WriteEndObject();
        });
    }

    private JsonElement? Texts(string folder)
    {
        folder = folder.TrimEnd('/');
        var found = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var name in Locales(folder).Take(MaxLocales))
        {
            if (Asset($"{folder}/{name}.json") is { } bytes && Json($"{folder}/{name}.json", bytes) is { ValueKind: JsonValueKind.Object } texts)
            {
                found[name] = texts;
            }
        }

        return found.Count == 0 ? null : JsonText.Build(json =>
        {
            json.WriteStartObject();
            foreach (var (name, texts) in found)
            {
                Value(json, name, texts);
            }

            json.WriteEndObject();
        });
    }

    private IEnumerable<string> Locales(string folder)
    {
        var path = $"{folder}/_manifest.json";
        if (Asset(path) is not { } bytes)
        {
            return new[] { locale, "en" }.OfType<string>();
        }

        var manifest = Json(path, bytes);
        return manifest.ValueKind switch
        {
            JsonValueKind.Array => manifest.EnumerateArray().Where(item => item.ValueKind == JsonValueKind.String).Select(item => item.GetString()!),
            JsonValueKind.Object => manifest.EnumerateObject().Select(member => member.Name),
            _ => [],
        };
    }

    private byte[]? Asset(string path)
    {
        string?[] spellings = [path, Assets + path, path.StartsWith(Assets, StringComparison.Ordinal) ? path[Assets.Length..] : null];
        return Array.Find(spellings, spelling => spelling is not null && pack.Contains(spelling)) is { } found
            && pack.Read(found).TryGet(out var bytes, out _) ? bytes : null;
    }

    private JsonElement Json(string path, byte[] bytes) => BoundedJson.Parse(bytes, path, CborDocument.MaxBytes, allowDuplicates: true).TryGet(out var value, out var refusal)
        ? value
        : throw new FlowFault($"a file of pack `{pack.Manifest.PackId}` that node `{nodeId}` needs cannot be read: {refusal.Message}");

    private static void Others(Utf8JsonWriter json, JsonElement record, params string[] except)
    {
        foreach (var member in record.EnumerateObject().Where(member => !except.Contains(member.Name)))
        {
            member.WriteTo(json);
        }
    }

    private static void Text(Utf8JsonWriter json, string name, string? value)
    {
        if (value is not null)
        {
            json.WriteString(name, value);
        }
    }

    private static void Value(Utf8JsonWriter json, string name, JsonElement? value)
    {
        if (value is { } present)
        {
            json.WritePropertyName(name);
            present.WriteTo(json);
        }
    }
}
