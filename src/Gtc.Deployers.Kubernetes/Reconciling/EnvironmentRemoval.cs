using System.Collections.Immutable;
using Gtc.Kubernetes;
using Gtc.Model;

namespace Gtc.Deployers.Kubernetes;

/// <summary>Takes everything of an environment out of a cluster: workers first, then what stood around them. What does not carry its label stays.</summary>
/// <param name="client">The cluster.</param>
/// <param name="time">The clock.</param>
public sealed class EnvironmentRemoval(KubeClient client, TimeProvider time)
{
    private static readonly ImmutableArray<string> Order = ["HorizontalPodAutoscaler", "Ingress", "HTTPRoute", "ExternalSecret", "Deployment", "Service", "PodDisruptionBudget", "NetworkPolicy", "Secret", "ServiceAccount", "ConfigMap", "Namespace"];

    /// <summary>Removes it, or says what would be.</summary>
    /// <param name="environment">The environment.</param>
    /// <param name="ns">Its namespace.</param>
    /// <param name="deletesNamespace">Whether the Namespace goes too, if it carries the label.</param>
    /// <param name="options">Whose objects they are, and whether it is only tried.</param>
    /// <param name="cancellationToken">Stops it; the next call goes on.</param>
    /// <returns>What was removed, in order.</returns>
    public async Task<Outcome<ImmutableArray<ObjectRef>>> RunAsync(EnvId environment, string ns, bool deletesNamespace, ReconcileOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        var versions = await client.VersionsAsync("policy", cancellationToken);
        if (versions.Error is { } error)
        {
            return Provider.Failed("no cluster access", error);
        }

        var budgets = versions.Value!.Contains("policy/v1") ? "policy/v1" : "policy/v1beta1";
        var map = new ObjectRef("v1", "ConfigMap", ns, Pods.RuntimeConfig);
        if (!(await ClusterReading.GetAsync(client, map, cancellationToken)).TryGet(out var record, out var refusal))
        {
            return refusal;
        }

        // The map that tells what else there is goes after it, so that a run that is killed is gone on with.
        var named = new List<ObjectRef>(record.SelectMany(pair => OptionalRecord.Read(pair.Value, ns, budgets)))
        {
            new(budgets, "PodDisruptionBudget", ns, EnvironmentObjects.Router),
            new("v1", "Secret", ns, Pods.DevSecrets),
            new("v1", "Secret", ns, Pods.SecretsKey),
            new("v1", "ServiceAccount", ns, EnvironmentObjects.WorkerAccount),
        };
        if (deletesNamespace)
        {
            named.Add(new("v1", "Namespace", null, ns));
        }

        if (!(await ClusterReading.ReadAsync(client, environment, ns, named, cancellationToken)).TryGet(out var reading, out refusal))
        {
            return refusal;
        }

        var writer = new ObjectWriter(client, options, time);
        var gone = ImmutableArray.CreateBuilder<ObjectRef>();
        foreach (var (name, live) in reading.All
            .Where(pair => pair.Value.Label(Labels.Environment) == Labels.ValueOf(environment) && pair.Value.Label(Labels.ManagedBy) == "greentic" && !OwnershipGuard.IsOfOtherStore(pair.Value, options))
            .OrderBy(pair => Order.IndexOf(pair.Key.Kind)))
        {
            options.Progress?.Invoke($"remove   {name.Kind} {name.Name}");
            if (!(await writer.DeleteAsync(name, live, cancellationToken)).TryGet(out var wasThere, out refusal))
            {
                return refusal;
            }

            if (wasThere)
            {
                gone.Add(name);
            }
        }

        return gone.ToImmutable();
    }
}
