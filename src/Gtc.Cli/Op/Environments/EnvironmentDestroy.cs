using System.Text.Json.Nodes;
using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.Model;
using Gtc.Store;

namespace Gtc.Cli.Op.Environments;

/// <summary><c>gtc op env destroy</c>: the end of an environment (op-cli.md §5.7).</summary>
internal static class EnvironmentDestroy
{
    /// <summary>The verb.</summary>
    public static Verb<DestroyPayload> Verb => new()
    {
        Noun = "env",
        Name = "destroy",
        Purpose = "Remove an environment with its secrets, history and backups; its audit log is kept",
        Remark = "It cannot be undone. The audit log goes to .destroyed/ below the store root. A worker that still serves the environment is not stopped: gtc stop does that.",
        Examples = ["op env destroy staging --dry-run", "op env destroy staging --confirm", "op env destroy staging --confirm --force"],
        Payload = OpJson.Default.DestroyPayload,
        Fields =
        [
            PayloadField.Environment,
            new("confirm", "yes, remove it", "--confirm"),
            new("force", "even while it routes traffic", "--force"),
            new("dry_run", "say what would be removed and do nothing", "--dry-run"),
        ],
        RunAsync = RunAsync,
    };

    private static async Task<Outcome<Answer>> RunAsync(DestroyPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        if (!OpStore.Open(call, payload.EnvironmentId).TryGet(out var at, out var refusal))
        {
            return refusal;
        }

        if (payload.DryRun)
        {
            return (await at.Store.PlanDestroyAsync(at.Environment, payload.Force, cancellationToken)).Then(plan => Answered(at, plan, isDryRun: true, call));
        }

        var target = new JsonObject { ["environment_id"] = at.Environment.ToString(), ["confirm"] = payload.Confirm };
        var intent = new MutationIntent(at.Environment, "env", "destroy", target);
        if (!payload.Confirm)
        {
            return await at.RefuseAsync(
                intent,
                new Refusal.InvalidArgument($"environment `{at.Environment}` is only removed with --confirm: it cannot be undone") { Next = $"gtc op env destroy {at.Environment} --dry-run" },
                cancellationToken);
        }

        if (call.Context.Variable("GREENTIC_DEV_SECRETS_PATH") is { Length: > 0 } elsewhere)
        {
            call.Warn($"secrets outside the environment's folder stay: {elsewhere}");
        }

        return (await at.Store.DestroyAsync(at.Environment, payload.Force, intent, cancellationToken)).Then(done => Answered(at, done, isDryRun: false, call));
    }

    private static Outcome<Answer> Answered(OpPlace at, DestroyedEnvironment done, bool isDryRun, VerbCall call)
    {
        var result = new Destroyed(at.Environment.ToString(), isDryRun, done.Deleted, done.ArchivedAudit, call.Warnings);
        return Answer.Of(result, OpJson.Default.Destroyed, screen =>
        {
            screen.Say(isDryRun ? $"Environment {at.Environment} would be removed:" : $"Environment {at.Environment} is removed:");
            foreach (var name in done.Deleted)
            {
                screen.Say($"  {name}");
            }

            screen.Facts(("audit log", done.ArchivedAudit ?? "would be kept"));
        });
    }
}

/// <summary>What <c>env destroy</c> takes.</summary>
internal sealed record DestroyPayload
{
    /// <summary>The environment.</summary>
    public string? EnvironmentId { get; init; }

    /// <summary>Whether it is meant.</summary>
    public bool Confirm { get; init; }

    /// <summary>Even while traffic is routed.</summary>
    public bool Force { get; init; }

    /// <summary>Only say what would be done.</summary>
    public bool DryRun { get; init; }
}

/// <summary>What <c>env destroy</c> answers.</summary>
internal sealed record Destroyed(
    string EnvironmentId,
    bool DryRun,
    IReadOnlyList<string> Deleted,
    string? ArchivedAudit,
    [property: System.Text.Json.Serialization.JsonIgnore(Condition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<string>? Warnings);
