using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Gtc.Artifacts.Cbor;
using Gtc.Cli.Payloads;
using Gtc.Cli.Verbs;
using Gtc.Model;
using Overrides = System.Collections.Immutable.ImmutableSortedDictionary<string, System.Collections.Immutable.ImmutableSortedDictionary<string, System.Text.Json.JsonElement>>;

namespace Gtc.Cli.Op.Deploy;

/// <summary>Puts the overrides of a deploy together: the payload's, then a file's, then the single ones; later ones win.</summary>
internal static class DeployOverrides
{
    /// <summary>The overrides, or null when none were named.</summary>
    public static async Task<Outcome<Overrides?>> ReadAsync(DeployPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        var merged = payload.ConfigOverrides;
        if (payload.ConfigOverridesFrom is { } file)
        {
            if (!(await AnswersFile.ReadAsync(file, call.Context, cancellationToken)).Then(found => OfFile(found, file)).TryGet(out var read, out var refusal))
            {
                return refusal;
            }

            merged = read.Aggregate(merged ?? Overrides.Empty, (all, pack) => pack.Value.Aggregate(all, (inner, pair) => Set(inner, pack.Key, pair.Key, pair.Value)));
        }

        foreach (var (text, isJson) in payload.ConfigOverride.Select(text => (text, false)).Concat(payload.ConfigOverrideJson.Select(text => (text, true))))
        {
            if (!Parse(text, isJson).TryGet(out var one, out var refusal))
            {
                return refusal;
            }

            merged = Set(merged ?? Overrides.Empty, one.Pack, one.Key, one.Value);
        }

        return merged;
    }

    private static Overrides Set(Overrides overrides, string pack, string key, JsonElement value) =>
        overrides.SetItem(pack, (overrides.GetValueOrDefault(pack) ?? ImmutableSortedDictionary<string, JsonElement>.Empty).SetItem(key, value));

    private static Outcome<Overrides> OfFile(JsonElement found, string file)
    {
        if (found.ValueKind != JsonValueKind.Object || found.EnumerateObject().Any(pack => pack.Value.ValueKind != JsonValueKind.Object))
        {
            return new Refusal.UnreadableAnswers($"`{file}` must be a JSON object of pack ids, each with an object of keys");
        }

        return BoundedJson.Parse(Encoding.UTF8.GetBytes(found.GetRawText()), $"`{file}`", PayloadBounds.MaxBytes).Then(sound =>
            (Outcome<Overrides>)sound.EnumerateObject().Aggregate(Overrides.Empty, (all, pack) => pack.Value.EnumerateObject().Aggregate(
                all.SetItem(pack.Name, ImmutableSortedDictionary<string, JsonElement>.Empty), (inner, pair) => Set(inner, pack.Name, pair.Name, pair.Value))));
    }

    private static Outcome<(string Pack, string Key, JsonElement Value)> Parse(string text, bool isJson)
    {
        var sign = text.IndexOf('=', StringComparison.Ordinal);
        var colon = sign < 0 ? -1 : text.IndexOf(':', 0, sign);
        if (colon <= 0 || colon + 1 == sign)
        {
            return new Refusal.InvalidArgument($"override `{(sign < 0 ? text : text[..sign])}` must be PACK:KEY={(isJson ? "JSON" : "VALUE")}");
        }

        var (pack, key, value) = (text[..colon], text[(colon + 1)..sign], text[(sign + 1)..]);
        return isJson
            ? BoundedJson.Parse(Encoding.UTF8.GetBytes(value), $"override `{pack}:{key}`", PayloadBounds.MaxBytes).Match(
                json => (pack, key, json),
                refusal => (Outcome<(string, string, JsonElement)>)new Refusal.InvalidArgument(refusal.Message))
            : (pack, key, JsonSerializer.SerializeToElement(value, OpJson.Default.String));
    }
}
