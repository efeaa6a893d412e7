using Gtc.Cli.Output;
using Gtc.Model;
using Gtc.Store;

namespace Gtc.Cli.Op.Environments;

/// <summary><c>gtc op env destroy</c> where the environment is on a store server. What a deployer brought elsewhere is not the server's to remove, so it has to be said that it stays.</summary>
internal static class DestroyOverServer
{
    /// <summary>Ends the environment, or says what would be.</summary>
    public static async Task<Outcome<Answer>> RunAsync(RemotePlace at, DestroyPayload payload, CancellationToken cancellationToken)
    {
        var intent = EnvironmentDestroy.Intent(at, payload);
        if (!payload.DryRun && !payload.Confirm)
        {
            return await at.RefuseAsync(intent, EnvironmentDestroy.Unconfirmed(at), cancellationToken);
        }

        if (!(await at.LoadAsync(cancellationToken)).TryGet(out var document, out var refusal))
        {
            return refusal;
        }

        if (WhyNot(document, payload) is { } why)
        {
            return payload.DryRun ? why : await at.RefuseAsync(intent, why, cancellationToken);
        }

        return payload.DryRun ? Answered(at, isDryRun: true)
            : await at.DestroyAsync(intent, payload.Force, cancellationToken) is { } refused ? refused
            : Answered(at, isDryRun: false);
    }

    private static Refusal.Conflict? WhyNot(EnvironmentDocument document, DestroyPayload payload) =>
        !payload.Force && FileEnvironmentStore.WhyNotDestroy(document) is { } routed ? routed
        : !payload.KeepProvider && document.Revisions.Any(revision => revision.Lifecycle is RevisionLifecycle.Ready or RevisionLifecycle.Draining)
            && document.Packs.FirstOrDefault(pack => pack.Slot == CapabilitySlot.Deployer) is { } deployer
                ? new Refusal.Conflict($"environment `{document.EnvironmentId}` has revisions that {deployer.Kind} may have brought elsewhere, and a store server removes nothing there")
                {
                    Next = $"gtc op env destroy {document.EnvironmentId} --confirm --keep-provider   leaves it",
                }
        : null;

    private static Answer Answered(RemotePlace at, bool isDryRun)
    {
        var result = new Destroyed(at.Environment.ToString(), isDryRun, ["document", "answers", "secrets", "trust root", "backups"], isDryRun ? null : at.Shown, null);
        return Answer.Of(result, OpJson.Default.Destroyed, screen =>
        {
            screen.Say(isDryRun ? $"Environment {at.Environment} would be removed from {at.Shown}." : $"Environment {at.Environment} is removed from {at.Shown}.");
            screen.Facts(("audit log", isDryRun ? "would be kept there" : "kept there"));
        });
    }
}
