using Gtc.Fleet.Contracts;
using Gtc.Nats;

namespace Gtc.Load.Fleet;

/// <summary>Counts from what the broker holds and from nothing else: neither the operator's tables nor the simulator's model.</summary>
internal static class BrokerRecount
{
    public static async Task<ExpectedCounts[]> CountAsync(string url, FleetModel model, int groups)
    {
        await using var connection = (await NatsConnection.ConnectAsync(new NatsOptions { Urls = [url] }, TimeProvider.System, CancellationToken.None)).Value;
        var group = new Dictionary<string, string>(StringComparer.Ordinal);
        await foreach (var entry in EntriesAsync(connection, FleetBuckets.DeviceDetails))
        {
            var details = DeviceInfo.Parse(entry.Value.Span).Value;
            group[details.DeviceId.Value] = details.Labels[FleetNames.GroupLabel];
        }

        var counts = new ExpectedCounts[model.Deployments];
        var members = group.Values.CountBy(name => name).ToDictionary();
        for (var deployment = 0; deployment < counts.Length; deployment++)
        {
            counts[deployment] = new(members.GetValueOrDefault(FleetNames.Group(deployment % groups)), 0, 0);
        }

        await foreach (var entry in EntriesAsync(connection, FleetBuckets.DeviceState))
        {
            var state = DeploymentState.Parse(entry.Value.Span).Value;
            if (!FleetNames.TryDeployment(state.Deployment.Value, out var deployment) || group.GetValueOrDefault(state.DeviceId.Value) != FleetNames.Group(deployment % groups)
                || state.ScoreHash != DevicePayloads.Score(model.VersionOf(deployment)).ComputeHash())
            {
                continue;
            }

            ref var count = ref counts[deployment];
            count = state.Phase switch
            {
                DeploymentPhase.Running => count with { Succeeded = count.Succeeded + 1 },
                DeploymentPhase.Failed => count with { Failed = count.Failed + 1 },
                _ => count,
            };
        }

        return counts;
    }

    private static async IAsyncEnumerable<BucketEntry> EntriesAsync(NatsConnection connection, BucketSpec bucket)
    {
        await foreach (var entry in connection.JetStream().Bucket(bucket.Name).Value.ListAsync(">", new(), CancellationToken.None))
        {
            if (entry.Value.IsPut)
            {
                yield return entry.Value;
            }
        }
    }
}
