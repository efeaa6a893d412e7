using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.Model;
using Gtc.Store;

namespace Gtc.Cli.Op.Environments;

/// <summary><c>gtc op env diff</c>: how two generations of an environment differ.</summary>
internal static class EnvironmentDiffVerb
{
    /// <summary>The verb.</summary>
    public static Verb<DiffPayload> Verb => new()
    {
        Noun = "env",
        Name = "diff",
        Purpose = "Say how two generations of an environment differ in what they want",
        Examples = ["op env diff 3 5", "op env diff 3 5 --env staging"],
        Payload = OpJson.Default.DiffPayload,
        Fields =
        [
            new("from", "the first generation", "--from", "GENERATION", "A"),
            new("to", "the second generation", "--to", "GENERATION", "B"),
            PayloadField.Environment with { Position = null },
        ],
        RunAsync = RunAsync,
    };

    private static async Task<Outcome<Answer>> RunAsync(DiffPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        if (!OpStore.Open(call, payload.EnvironmentId).TryGet(out var at, out var refusal)
            || !(await at.LoadAtAsync(payload.From, cancellationToken)).TryGet(out var first, out refusal)
            || !(await at.LoadAtAsync(payload.To, cancellationToken)).TryGet(out var second, out refusal))
        {
            return refusal;
        }

        var changes = EnvironmentDiff.Between(first, second);
        var report = new DiffReport(at.Environment.ToString(), payload.From, payload.To, [.. changes]);
        return Answer.Of(report, OpJson.Default.DiffReport, screen => screen.Table(
            new([new(""), new("what"), new($"at {payload.From}"), new($"at {payload.To}")], [.. changes.Select(Row)]),
            $"Generations {payload.From} and {payload.To} want the same."));
    }

    private static System.Collections.Immutable.ImmutableArray<string> Row(EnvironmentChange change) =>
    [
        change.Kind switch { ChangeKind.Added => "+", ChangeKind.Removed => "-", _ => "~" },
        change.Subject,
        change.Before ?? "",
        change.After ?? "",
    ];
}
