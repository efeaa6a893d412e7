using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.Model;

namespace Gtc.Cli.Op.Environments;

/// <summary><c>op env repair</c>: looks at the journal, and mends it when it is told to.</summary>
internal static class EnvironmentRepair
{
    /// <summary>The verb.</summary>
    public static Verb<RepairPayload> Verb => new()
    {
        Noun = "env",
        Name = "repair",
        Purpose = "Look for damage in an environment's journal, and mend it",
        Remark = "Without --apply nothing is changed. What cannot be mended is said; what was there before is kept beside.",
        Examples = ["op env repair", "op env repair local --apply"],
        Payload = OpJson.Default.RepairPayload,
        Fields = [PayloadField.Environment, new("apply", "mend what was found", "--apply")],
        RunAsync = RunAsync,
    };

    private static async Task<Outcome<Answer>> RunAsync(RepairPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        if (!OpStore.Open(call, payload.EnvironmentId).TryGet(out var at, out var refusal)
            || !(await at.Store.RepairJournalAsync(at.Environment, payload.Apply, cancellationToken)).TryGet(out var repair, out refusal))
        {
            return refusal;
        }

        var result = new RepairResult(at.Environment.ToString(), payload.Apply ? "apply" : "check", repair.Findings, repair.IsRepaired, repair.Generation);
        return Answer.Of(result, OpJson.Default.RepairResult, screen =>
        {
            if (repair.Findings.IsEmpty)
            {
                screen.Say($"Environment {at.Environment} is sound at generation {repair.Generation}.");
                return;
            }

            foreach (var finding in repair.Findings)
            {
                screen.Say($"  {finding}");
            }

            screen.Say(repair.IsRepaired
                ? $"Environment {at.Environment} is mended; it is at generation {repair.Generation}."
                : $"Nothing was changed. Mend it:  gtc op env repair {at.Environment} --apply");
        });
    }
}

/// <summary>The payload of <c>env repair</c>.</summary>
internal sealed record RepairPayload
{
    public string? EnvironmentId { get; init; }

    public bool Apply { get; init; }
}

/// <summary>What <c>env repair</c> answers.</summary>
internal sealed record RepairResult(string EnvironmentId, string Mode, IReadOnlyList<string> Findings, bool Repaired, ulong Generation);
