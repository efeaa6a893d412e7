using System.Collections.Immutable;
using System.Globalization;
using Gtc.Fleet.Contracts;
using Gtc.Kubernetes;
using Gtc.Model;
using Gtc.Nats;
using DeploymentSpec = Gtc.Fleet.Contracts.DeploymentSpec;
using LabelSelector = Gtc.Fleet.Contracts.LabelSelector;

namespace Gtc.Cli.Fleet.Demo;

/// <summary>What a person does to the fleet: applies and deletes deployments, by the types that <c>gtc fleet apply</c> has too.</summary>
internal sealed class FleetHand(FleetLab lab, Waiting waiting, TimeProvider time)
{
    private static readonly KubeKind Deployments = KubeKind.Of(FleetApi.GroupVersion, FleetApi.DeploymentKind)!;

    /// <summary>Applies a deployment of one web server.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="tag">The image's tag; it need not exist.</param>
    /// <param name="label">The label that devices must have.</param>
    /// <param name="value">The label's value.</param>
    /// <param name="port">The port of the device; null for none, since the demo's devices share this machine's ports.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task<Refusal?> ApplyAsync(string name, string tag, string label, string value, int? port, CancellationToken cancellationToken)
    {
        var service = new PodmanService { Name = "web", Image = lab.Registry.Reference(tag) };
        var deployment = new FleetDeployment
        {
            Metadata = new ResourceMeta { Name = name, Namespace = FleetLab.Namespace },
            Spec = new DeploymentSpec
            {
                TargetSelector = new LabelSelector { MatchLabels = ImmutableSortedDictionary<string, string>.Empty.Add(label, value) },
                Score = new ReconcileScore
                {
                    PodmanV0 = new PodmanV0 { Services = [port is null ? service : service with { Ports = [string.Create(CultureInfo.InvariantCulture, $"{port}:80")] }] },
                },
            },
        };
        var answer = await lab.Client.ApplyAsync(deployment.ToElement(), FleetApi.ApplyManager, isForced: true, isDryRun: false, cancellationToken);
        answer.Value?.Dispose();
        return answer.Error is { } error ? new Refusal.FetchFailed($"{name} could not be applied: {error.Message}") : null;
    }

    /// <summary>Deletes a deployment; its finalizer holds it until the devices were told.</summary>
    public async Task<Refusal?> DeleteAsync(string name, CancellationToken cancellationToken)
    {
        var answer = await lab.Client.DeleteAsync(Deployments, FleetLab.Namespace, name, null, cancellationToken);
        answer.Value?.Dispose();
        return answer.Error is { } error ? new Refusal.FetchFailed($"{name} could not be deleted: {error.Message}") : null;
    }

    /// <summary>Waits until the operator has made the buckets.</summary>
    public Task<Outcome<bool>> BucketsAreThereAsync(CancellationToken cancellationToken) =>
        AskBrokerAsync(
            streams => waiting.UntilAsync<bool>(
                "the operator has made the buckets",
                async () =>
                {
                    foreach (var bucket in FleetBuckets.All)
                    {
                        if ((await streams.BucketAsync(bucket.Name, cancellationToken)).Error is { } error)
                        {
                            return Seen<bool>.NotYet($"{bucket.Name}: {error.Message}; the operator said: {lab.Operator.LastLine()}");
                        }
                    }

                    return true;
                },
                cancellationToken),
            cancellationToken);

    /// <summary>Waits until the broker holds no score of a deployment for a device.</summary>
    public Task<Outcome<bool>> KeyIsGoneAsync(DemoDevice device, string deployment, CancellationToken cancellationToken)
    {
        var key = KvKeys.DesiredState(DeviceId.Parse(device.Id).Value, DeploymentName.Parse(deployment).Value);
        return AskBrokerAsync(
            streams => waiting.UntilAsync<bool>(
                $"key {key} is gone",
                async () =>
                {
                    var found = await streams.Bucket(FleetBuckets.DesiredState.Name).Value.GetAsync(key, cancellationToken);
                    return found.Error is { Kind: NatsErrorKind.NotFound } ? true : Seen<bool>.NotYet(found.Error?.Message ?? "it is there");
                },
                cancellationToken),
            cancellationToken);
    }

    private async Task<Outcome<bool>> AskBrokerAsync(Func<JetStreamContext, Task<Outcome<bool>>> question, CancellationToken cancellationToken)
    {
        var started = NatsConnection.Start(new NatsOptions { Urls = [lab.BrokerUrl], Name = "gtc fleet demo" }, time);
        if (!started.TryGet(out var connection, out var error))
        {
            return new Refusal.FetchFailed($"the broker cannot be asked: {error.Message}");
        }

        await using (connection)
        {
            return await question(connection.JetStream());
        }
    }
}
