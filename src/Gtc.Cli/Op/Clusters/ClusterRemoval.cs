using System.Collections.Immutable;
using Gtc.Cli.Op.Environments;
using Gtc.Cli.Verbs;
using Gtc.Deployers.Fleet;
using Gtc.Deployers.Kubernetes;
using Gtc.Model;

namespace Gtc.Cli.Op.Clusters;

/// <summary>Takes an environment out of the cluster that it was brought to, when it is destroyed (k8s-deployer.md §16, G3).</summary>
internal static class ClusterRemoval
{
    /// <summary>Removes it there, or says what would be; nothing when it was never brought anywhere.</summary>
    /// <returns>The objects, in the order of removing.</returns>
    public static async Task<Outcome<ImmutableArray<string>>> RunAsync(OpPlace at, DestroyPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        if (payload.KeepProvider)
        {
            return ImmutableArray<string>.Empty;
        }

        // What cannot be read is not nowhere: once the environment is gone, nobody finds what runs.
        if (!(await at.LoadRuntimeAsync(cancellationToken)).TryGet(out var runtime, out var refusal))
        {
            return refusal;
        }

        if (PlaceRecord.Last(runtime) is not { } place)
        {
            return ImmutableArray<string>.Empty;
        }

        if (!(await Convergence.PrepareAsync(at, null, "destroy", SecretContent.LeftOut, call, cancellationToken)).TryGet(out var prepared, out refusal)
            || !(await StoreIdentity.LabelAsync(at, call, cancellationToken)).TryGet(out var store, out refusal)
            || !(await ClusterAccess.OpenAsync(prepared.Document, prepared.Settings, at, call, cancellationToken)).TryGet(out var access, out refusal))
        {
            return refusal;
        }

        using (access)
        {
            if (payload.DeleteNamespace && access.IsBound)
            {
                return new Refusal.Conflict("the environment's own identity may not remove a Namespace") { Next = $"kubectl delete namespace {place.Namespace}" };
            }

            var options = new ReconcileOptions { Store = store, IsBound = access.IsBound, IsDryRun = payload.DryRun, Progress = Convergence.Progress(call) };
            var removed = prepared.Settings is ClusterSettings.OfFleet fleet
                ? await new FleetRemoval(access.Client, call.Context.Time).RunAsync(prepared.Document, fleet.Fleet with { Namespace = place.Namespace }, payload.DeleteNamespace, options, cancellationToken)
                : await new EnvironmentRemoval(access.Client, call.Context.Time).RunAsync(at.Environment, place.Namespace, payload.DeleteNamespace, options, cancellationToken);
            return removed
                .Then(gone => (Outcome<ImmutableArray<string>>)gone.Select(item => item.ToString()).ToImmutableArray());
        }
    }
}
