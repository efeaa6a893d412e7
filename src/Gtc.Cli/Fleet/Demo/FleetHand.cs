using System.Collections.Immutable;
using System.Globalization;
using Gtc.Fleet.Contracts;
using Gtc.Model;
using Gtc.Nats;

namespace Gtc.Cli.Fleet.Demo;

/// <summary>What a person does to the fleet: applies and deletes deployments, by the same verbs and types that everybody has.</summary>
internal sealed class FleetHand(FleetLab lab, FleetCalls calls, Waiting waiting, TimeProvider time)
{
    /// <summary>Applies a deployment that shows its page on a port.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="tag">The image's tag; it need not exist.</param>
    /// <param name="to">The labels, as <c>--to</c> takes them.</param>
    /// <param name="port">The port of the device.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task<Refusal?> ApplyAsync(string name, string tag, string to, int port, CancellationToken cancellationToken)
    {
        var ports = string.Create(CultureInfo.InvariantCulture, $"{port}:80");
        var applied = await calls.RunAsync(cancellationToken, "apply", "--namespace", FleetLab.Namespace, "--name", name, "--to", to, "--image", lab.Registry.Reference(tag), "--port", ports);
        return applied.TryGet(out _, out var refusal) ? null : refusal;
    }

    /// <summary>Applies a deployment to every device of the demo. They share this machine's ports, so it has none.</summary>
    public async Task<Refusal?> ApplyEverywhereAsync(string name, string tag, CancellationToken cancellationToken)
    {
        var deployment = new FleetDeployment
        {
            Metadata = new ResourceMeta { Name = name, Namespace = FleetLab.Namespace },
            Spec = new DeploymentSpec
            {
                TargetSelector = new LabelSelector { MatchLabels = ImmutableSortedDictionary<string, string>.Empty.Add("fleet", "demo") },
                Score = new ReconcileScore { PodmanV0 = new PodmanV0 { Services = [new PodmanService { Name = "web", Image = lab.Registry.Reference(tag) }] } },
            },
        };
        var answer = await lab.Client.ApplyAsync(deployment.ToElement(), FleetApi.ApplyManager, isForced: true, isDryRun: false, cancellationToken);
        answer.Value?.Dispose();
        return answer.Error is { } error ? new Refusal.FetchFailed($"{name} could not be applied: {error.Message}") : null;
    }

    /// <summary>Deletes a deployment and waits until its finalizer let go.</summary>
    public async Task<Refusal?> DeleteAsync(string name, CancellationToken cancellationToken) =>
        (await calls.RunAsync(cancellationToken, "delete", "--namespace", FleetLab.Namespace, "--name", name)).TryGet(out _, out var refusal) ? null : refusal;

    /// <summary>Waits until the broker holds no score of a deployment for a device.</summary>
    public async Task<Outcome<bool>> KeyIsGoneAsync(DemoDevice device, string deployment, CancellationToken cancellationToken)
    {
        var connected = await NatsConnection.ConnectAsync(new NatsOptions { Urls = [lab.BrokerUrl], Name = "gtc fleet demo" }, time, cancellationToken);
        if (!connected.TryGet(out var connection, out var error))
        {
            return new Refusal.FetchFailed($"the broker cannot be asked: {error.Message}");
        }

        await using (connection)
        {
            var key = KvKeys.DesiredState(DeviceId.Parse(device.Id).Value, DeploymentName.Parse(deployment).Value);
            return await waiting.UntilAsync<bool>(
                $"key {key} is gone",
                async () =>
                {
                    var found = await new KeyValueBucket(connection, FleetBuckets.DesiredState.Name).GetAsync(key, cancellationToken);
                    return found.Error is { Kind: NatsErrorKind.NotFound } ? true : Seen<bool>.NotYet(found.Error?.Message ?? "it is there");
                },
                cancellationToken);
        }
    }
}
