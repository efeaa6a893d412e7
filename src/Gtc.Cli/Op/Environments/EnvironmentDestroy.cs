using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Gtc.Cli.Op.Clusters;
using Gtc.Cli.Op.LocalWorkers;
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
        Remark = "It cannot be undone, but for a store server, which keeps a final backup. The audit log goes to .destroyed/ below the store root. A `gtc start` that still serves the environment is not stopped: gtc stop does that.\n"
            + "Workers that the local deployer supervises are ended first, and what was brought to a Kubernetes cluster is removed there; the Namespace stays unless --delete-namespace says so.",
        Examples = ["op env destroy staging --dry-run", "op env destroy staging --confirm", "op env destroy staging --confirm --force"],
        Payload = OpJson.Default.DestroyPayload,
        Fields =
        [
            PayloadField.Environment,
            new("confirm", "yes, remove it", "--confirm"),
            new("force", "even while it routes traffic", "--force"),
            new("keep_provider", "leave what was brought to a cluster, and workers on this machine", "--keep-provider"),
            new("delete_namespace", "remove the Namespace of the cluster too, and with it whatever else is in it", "--delete-namespace"),
            new("dry_run", "say what would be removed and do nothing", "--dry-run"),
        ],
        RunAsync = RunAsync,
    };

    private static async Task<Outcome<Answer>> RunAsync(DestroyPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        if (!OpStore.Open(call, payload.EnvironmentId).TryGet(out var place, out var refusal))
        {
            return refusal;
        }

        if (place is RemotePlace remote)
        {
            return await DestroyOverServer.RunAsync(remote, payload, call, cancellationToken);
        }

        if (!OpStore.OpenLocal(call, payload.EnvironmentId).TryGet(out var at, out refusal))
        {
            return refusal;
        }

        if (payload.DryRun)
        {
            return await at.Store.PlanDestroyAsync(at.Environment, payload.Force, cancellationToken) is var planned && planned.TryGet(out var plan, out refusal)
                ? (await RemoveAsync(at, payload, call, cancellationToken)).Then(objects => Answered(at, plan, objects, isDryRun: true, call))
                : refusal;
        }

        var intent = Intent(at, payload);
        if (!payload.Confirm)
        {
            return await at.RefuseAsync(intent, Unconfirmed(at), cancellationToken);
        }

        if (call.Context.Variable("GREENTIC_DEV_SECRETS_PATH") is { Length: > 0 } elsewhere)
        {
            call.Warn($"secrets outside the environment's folder stay: {elsewhere}");
        }

        // What the store itself would refuse is refused before the cluster is touched. An environment that is gone already has nothing there.
        var loaded = await at.LoadAsync(cancellationToken);
        var why = loaded.TryGet(out var reviewed, out var missing) ? payload.Force ? null : FileEnvironmentStore.WhyNotDestroy(reviewed) : missing is Refusal.Missing ? null : missing;
        if (why is not null)
        {
            return await at.RefuseAsync(intent, why, cancellationToken);
        }

        // What runs first: once the environment is gone, nobody knows of it.
        if (!(await RemoveAsync(at, payload, call, cancellationToken)).TryGet(out var removed, out refusal))
        {
            return await at.RefuseAsync(intent, StaysThere(refusal), cancellationToken);
        }

        return (await at.Store.DestroyAsync(at.Environment, payload.Force, intent, reviewed, cancellationToken)).TryGet(out var done, out refusal)
            ? Answered(at, done, removed, isDryRun: false, call)
            : removed.IsEmpty || reviewed is null || LocalDeployer.IsBound(reviewed) ? refusal : Emptied(at, refusal);
    }

    /// <summary>What is about to be done, for the audit log.</summary>
    public static MutationIntent Intent(OpPlace at, DestroyPayload payload) =>
        new(at.Environment, "env", "destroy", new JsonObject { ["environment_id"] = at.Environment.ToString(), ["confirm"] = payload.Confirm });

    /// <summary>That it was not said to be meant.</summary>
    public static Refusal Unconfirmed(OpPlace at) =>
        new Refusal.InvalidArgument($"environment `{at.Environment}` is only removed with --confirm: it cannot be undone") { Next = $"gtc op env destroy {at.Environment} --dry-run" };

    /// <summary>That what runs could not be ended, and how to end the environment all the same.</summary>
    public static Refusal StaysThere(Refusal refusal) => refusal with { Details = [.. refusal.Details, new("to leave what runs as it is", "keep_provider=true")] };

    /// <summary>That the cluster was emptied and the environment stays all the same, and how to bring it back.</summary>
    public static Refusal Emptied(OpPlace at, Refusal refusal) =>
        refusal with { Details = [.. refusal.Details, new("the cluster", $"is emptied already; gtc op env reconcile {at.Environment} brings everything back")] };

    /// <summary>Ends the workers of this machine and takes the environment out of its cluster, or says what would be.</summary>
    public static async Task<Outcome<ImmutableArray<string>>> RemoveAsync(OpPlace at, DestroyPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        if (!(await LocalRemoval.RunAsync(at, payload.KeepProvider, payload.DryRun, call, cancellationToken)).TryGet(out var workers, out var refusal)
            || !(await ClusterRemoval.RunAsync(at, payload, call, cancellationToken)).TryGet(out var objects, out refusal))
        {
            return refusal;
        }

        return workers.AddRange(objects);
    }

    private static Outcome<Answer> Answered(LocalPlace at, DestroyedEnvironment done, ImmutableArray<string> objects, bool isDryRun, VerbCall call)
    {
        var result = new Destroyed(at.Environment.ToString(), isDryRun, done.Deleted, done.ArchivedAudit, call.Warnings) { DeletedObjects = objects.IsEmpty ? null : [.. objects] };
        return Answer.Of(result, OpJson.Default.Destroyed, screen =>
        {
            screen.Say(isDryRun ? $"Environment {at.Environment} would be removed:" : $"Environment {at.Environment} is removed:");
            foreach (var name in done.Deleted)
            {
                screen.Say($"  {name}");
            }

            foreach (var name in objects)
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

    /// <summary>Whether what was brought to a cluster stays.</summary>
    public bool KeepProvider { get; init; }

    /// <summary>Whether the Namespace goes too.</summary>
    public bool DeleteNamespace { get; init; }

    /// <summary>Only say what would be done.</summary>
    public bool DryRun { get; init; }
}

/// <summary>What <c>env destroy</c> answers.</summary>
internal sealed record Destroyed(
    string EnvironmentId,
    bool DryRun,
    IReadOnlyList<string> Deleted,
    string? ArchivedAudit,
    [property: System.Text.Json.Serialization.JsonIgnore(Condition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<string>? Warnings)
{
    /// <summary>The final backup that a store server keeps; null on files.</summary>
    [System.Text.Json.Serialization.JsonIgnore(Condition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull)]
    public string? BackupId { get; init; }

    /// <summary>What was removed from a cluster or ended on this machine; null when nothing was there.</summary>
    [System.Text.Json.Serialization.JsonIgnore(Condition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? DeletedObjects { get; init; }
}
