using System.Collections.Immutable;
using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.Model;

namespace Gtc.Cli.Op.Usage;

/// <summary><c>gtc op usage prune</c>: removes the usage of old days. Nothing else ever does.</summary>
internal static class UsagePrune
{
    /// <summary>The verb.</summary>
    public static Verb<UsagePrunePayload> Verb => new()
    {
        Noun = "usage",
        Name = "prune",
        Purpose = "Remove the usage of old days; export it before",
        Remark = "Days are whole and in UTC; today is never removed. Nothing removes usage by itself.",
        Examples = ["op usage prune --keep-days 400", "op usage prune prod --keep-days 0"],
        Payload = OpJson.Default.UsagePrunePayload,
        Fields =
        [
            PayloadField.Environment,
            new("keep_days", "how many whole days before today stay", "--keep-days", "DAYS"),
        ],
        RunAsync = RunAsync,
    };

    private static async Task<Outcome<Answer>> RunAsync(UsagePrunePayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        if (!OpStore.OpenAsItIs(call, payload.EnvironmentId).TryGet(out var at, out var refusal)
            || !(await PruneAsync(at, payload, call, cancellationToken)).TryGet(out var days, out refusal))
        {
            return refusal;
        }

        return Answer.Of(new UsagePruned(at.Environment.ToString(), days), OpJson.Default.UsagePruned, screen =>
            screen.Say($"The usage of {days.Length} days of environment {at.Environment} is removed."));
    }

    /// <summary>What workers counted beside a copy is no part of the environment, so a server has no line about it.</summary>
    private static async Task<Outcome<ImmutableArray<string>>> PruneAsync(OpPlace at, UsagePrunePayload payload, VerbCall call, CancellationToken cancellationToken) => at is LocalPlace local
        ? await local.Store.PruneUsageAsync(at.Environment, payload.KeepDays, cancellationToken)
        : (await at.LoadAsync(cancellationToken)).Then(_ => call.LocalStore()).Then(store => store.DropUsage(at.Environment, payload.KeepDays, call.Context.Time.GetUtcNow()));
}
