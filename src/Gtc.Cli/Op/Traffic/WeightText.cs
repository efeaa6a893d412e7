using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Nodes;
using Gtc.Cli.Payloads;
using Gtc.Model;

namespace Gtc.Cli.Op.Traffic;

/// <summary>Reads <c>REV=90%</c>, <c>REV=90</c> and <c>REV=9000bps</c> (op-cli.md §12).</summary>
internal static class WeightText
{
    private const uint PerPercent = TrafficSplit.Whole / 100;

    /// <summary>A weight in basis points.</summary>
    public static Outcome<uint> Parse(string text)
    {
        var isBasisPoints = text.EndsWith("bps", StringComparison.Ordinal);
        var number = isBasisPoints ? text[..^3] : text.EndsWith('%') ? text[..^1] : text;
        if (!decimal.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) || value > TrafficSplit.Whole)
        {
            return Wrong(text);
        }

        var weight = isBasisPoints ? value : value * PerPercent;
        return decimal.IsInteger(weight) ? (uint)weight : Wrong(text);
    }

    /// <summary>Gathers the words whose key begins like an id or is a pointer into the member <c>entries</c>; no member's name begins with a digit or is a pointer.</summary>
    public static Outcome<ImmutableArray<Word>> Gather(ImmutableArray<Word> words)
    {
        var entries = new JsonArray();
        foreach (var word in words.Where(IsShare))
        {
            if (!Parse(word.Value).TryGet(out var weight, out var refusal))
            {
                return refusal;
            }

            entries.Add((JsonNode)new JsonObject { ["revision_id"] = word.Path, ["weight_bps"] = weight });
        }

        var others = words.Where(word => !IsShare(word));
        return entries.Count == 0 ? words : [.. others, new Word("entries", entries.ToJsonString(), IsJson: true)];
    }

    private static bool IsShare(Word word) => word is { IsJson: false, Path: [>= '0' and <= '9', ..] } || (!word.IsJson && RevisionPointers.IsName(word.Path));

    private static Refusal.InvalidArgument Wrong(string text) => new($"`{text}` is not a weight")
    {
        Details = [new("expected", "a percentage such as 90 or 12.5%, or basis points such as 9000bps")],
    };
}
