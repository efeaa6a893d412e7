using System.Globalization;
using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.Model;
using Gtc.Store;

namespace Gtc.Cli.Op.Environments;

/// <summary><c>op env history</c>: which generations there are, and who made them.</summary>
internal static class EnvironmentHistory
{
    private const uint DefaultLimit = 20;
    private const uint MostLimit = 1000;

    /// <summary>The verb.</summary>
    public static Verb<HistoryPayload> Verb => new()
    {
        Noun = "env",
        Name = "history",
        Purpose = "List the generations of an environment, newest first",
        Examples = ["op env history", "op env history local --limit 5 --before 40"],
        Payload = OpJson.Default.HistoryPayload,
        Fields =
        [
            PayloadField.Environment,
            new("limit", $"how many; {DefaultLimit} when not given, {MostLimit} at most", "--limit", "N"),
            new("before", "only generations before this one", "--before", "GENERATION"),
        ],
        RunAsync = RunAsync,
    };

    private static async Task<Outcome<Answer>> RunAsync(HistoryPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        var limit = payload.Limit ?? DefaultLimit;
        if (limit is < 1 or > MostLimit)
        {
            return new Refusal.InvalidArgument($"limit must be from 1 to {MostLimit}, {limit} was given");
        }

        if (!OpStore.Open(call, payload.EnvironmentId).TryGet(out var at, out var refusal)
            || !(await at.LoadAsync(cancellationToken)).TryGet(out _, out refusal)
            || !(await at.HistoryAsync((int)limit, payload.Before, cancellationToken)).TryGet(out var entries, out refusal))
        {
            return refusal;
        }

        var result = new HistoryResult(at.Environment.ToString(), [.. entries.Select(HistoryEntry.Of)]);
        return Answer.Of(result, OpJson.Default.HistoryResult, screen => screen.Table(
            new(
                [new("generation"), new("when"), new("who", 1), new("what"), new("target", 2)],
                [.. entries.Select(entry => (System.Collections.Immutable.ImmutableArray<string>)
                    [entry.Generation.ToString(CultureInfo.InvariantCulture), screen.Ago(entry.At), entry.Actor.User ?? entry.Actor.Kind, $"{entry.Noun} {entry.Verb}", entry.Target.GetRawText()])]),
            $"Environment {at.Environment} has no history yet: the next change begins it."));
    }
}

/// <summary>The payload of <c>env history</c>.</summary>
internal sealed record HistoryPayload
{
    public string? EnvironmentId { get; init; }

    public uint? Limit { get; init; }

    public ulong? Before { get; init; }
}

/// <summary>What <c>env history</c> answers.</summary>
internal sealed record HistoryResult(string EnvironmentId, IReadOnlyList<HistoryEntry> Generations);

/// <summary>One generation.</summary>
internal sealed record HistoryEntry(ulong Generation, string At, string Actor, string Noun, string Verb, System.Text.Json.JsonElement Target, string EventId)
{
    public static HistoryEntry Of(GenerationEntry entry) =>
        new(entry.Generation, Rfc3339Json.Format(entry.At), entry.Actor.User ?? entry.Actor.Kind, entry.Noun, entry.Verb, entry.Target, entry.EventId);
}
