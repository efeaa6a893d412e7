using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gtc.Kubernetes;
using Gtc.Model;

namespace Gtc.Deployers.Fleet;

/// <summary>Takes Deployments out of the cluster of a fleet, and with them everything that devices run of them.</summary>
/// <param name="client">The cluster.</param>
/// <param name="time">The clock.</param>
public sealed class FleetRemoval(KubeClient client, TimeProvider time)
{
    /// <summary>Removes an environment, or says what would be: its Deployments, its labels of devices, and its Namespace if that is asked for.</summary>
    /// <param name="document">The environment.</param>
    /// <param name="settings">What the answers say.</param>
    /// <param name="deletesNamespace">Whether the Namespace goes too, if it carries the label.</param>
    /// <param name="options">Whose objects they are, and whether it is only tried.</param>
    /// <param name="cancellationToken">Stops it; the next call goes on.</param>
    /// <returns>What was removed, in order.</returns>
    public async Task<Outcome<ImmutableArray<ObjectRef>>> RunAsync(EnvironmentDocument document, FleetSettings settings, bool deletesNamespace, ReconcileOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(document);
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(options);
        var environment = document.EnvironmentId;
        if (!(await FleetState.ReadAsync(client, document, settings, cancellationToken)).TryGet(out var state, out var refusal))
        {
            return refusal;
        }

        var gone = ImmutableArray.CreateBuilder<ObjectRef>();
        foreach (var live in state.Revisions.Where(live => !OwnershipGuard.IsOfOtherStore(live.Object, options)))
        {
            options.Progress?.Invoke($"remove   Deployment {live.Name.Name}");
            if (!options.IsDryRun && await RemoveAsync(environment, live.Name, options, cancellationToken) is { } failed)
            {
                return failed;
            }

            gone.Add(live.Name);
        }

        if (!options.IsDryRun && await UnlabelAsync(state, cancellationToken) is { } labelled)
        {
            return labelled;
        }

        var space = new ObjectRef("v1", "Namespace", null, settings.Namespace);
        if (deletesNamespace)
        {
            if (!options.IsDryRun && await RemoveAsync(environment, space, options with { Wait = null }, cancellationToken) is { } unremoved)
            {
                return unremoved;
            }

            gone.Add(space);
        }

        return gone.ToImmutable();
    }

    /// <summary>Removes one object and waits until it is gone, as long as waiting was asked for; what is not there is removed already.</summary>
    internal async Task<Refusal?> RemoveAsync(EnvId environment, ObjectRef name, ReconcileOptions options, CancellationToken cancellationToken)
    {
        var giveUp = time.GetUtcNow() + (options.Wait ?? TimeSpan.Zero);
        var isAsked = false;
        while (true)
        {
            var result = await client.GetAsync(name.Known, name.Namespace, name.Name, cancellationToken);
            if (result.Error is { } error)
            {
                return error.Kind == KubeErrorKind.NotFound ? null : Provider.Failed($"reading {name}", error);
            }

            using var document = result.Value!;
            if (!isAsked)
            {
                if (await DeleteAsync(environment, name, document.RootElement, options, cancellationToken) is { } failed)
                {
                    return failed;
                }

                isAsked = true;
                continue;
            }

            if (options.Wait is not { } wait)
            {
                return null;
            }

            if (time.GetUtcNow() >= giveUp)
            {
                return new DeployerRefusal.Provider($"{name} is not gone within {wait.TotalSeconds:0} s: the operator has not yet taken it away from every device");
            }

            await Task.Delay(options.Poll, time, cancellationToken);
        }
    }

    private async Task<Refusal?> DeleteAsync(EnvId environment, ObjectRef name, JsonElement live, ReconcileOptions options, CancellationToken cancellationToken)
    {
        if (OwnershipGuard.Refuse(name, live, environment, options) is { } foreign)
        {
            return foreign;
        }

        return live.Meta("deletionTimestamp") is null ? (await new ObjectWriter(client, options, time).DeleteAsync(name, live, cancellationToken)).Refusal : null;
    }

    /// <summary>Takes the labels of the environment's deployments off devices, so that nothing of it is left.</summary>
    private async Task<Refusal?> UnlabelAsync(FleetState state, CancellationToken cancellationToken)
    {
        foreach (var deployment in state.Document.Bundles.Select(bundle => bundle.DeploymentId))
        {
            var change = new JsonObject { ["metadata"] = new JsonObject { ["labels"] = new JsonObject { [FleetNames.Label(state.Document.EnvironmentId, deployment)] = null } } };
            foreach (var device in state.Devices.Of(deployment).Where(device => device.Label is not null))
            {
                var result = await client.MergeAsync(FleetReading.Devices, null, device.Id, JsonElement.Parse(change.ToJsonString()), FleetNames.DeviceManager, cancellationToken);
                result.Value?.Dispose();
                if (result.Error is { Kind: not KubeErrorKind.NotFound } error)
                {
                    return Provider.Failed($"unlabelling device {device.Id}", error);
                }
            }
        }

        return null;
    }
}
