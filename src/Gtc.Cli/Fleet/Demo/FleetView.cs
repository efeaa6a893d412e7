using System.Collections.Immutable;
using System.Globalization;
using System.Net.Sockets;
using System.Text.Json;
using Gtc.Fleet.Contracts;
using Gtc.Kubernetes;
using Gtc.Model;

namespace Gtc.Cli.Fleet.Demo;

/// <summary>Looks at the fleet from outside: what the API server says, what podman runs, what HTTP answers. Every look waits until it sees what is expected.</summary>
internal sealed class FleetView(FleetLab lab, Waiting waiting, HttpClient http)
{
    private static readonly KubeKind Deployments = KubeKind.Of(FleetApi.GroupVersion, FleetApi.DeploymentKind)!;
    private static readonly KubeKind DeviceKind = KubeKind.Of(FleetApi.GroupVersion, FleetApi.DeviceKind)!;

    /// <summary>Waits until a device is known and reachable.</summary>
    public Task<Outcome<FleetDevice>> ReachableAsync(DemoDevice device, CancellationToken cancellationToken) =>
        waiting.UntilAsync<FleetDevice>(
            $"device {device.Id} is reachable",
            async () =>
            {
                var answer = await lab.Client.GetAsync(DeviceKind, null, device.Id, cancellationToken);
                using var document = answer.Value;
                if (answer.Error is { } error)
                {
                    return Seen<FleetDevice>.NotYet($"{error.Message}; the agent said: {device.Agent.LastLine()}");
                }

                return FleetDevice.Parse(document!.RootElement).TryGet(out var found, out var unreadable)
                    ? ConditionOf(found.Status?.Conditions, "Reachable") is { Status: "True" } ? found : Seen<FleetDevice>.NotYet($"Reachable is not True; the operator said: {lab.Operator.LastLine()}")
                    : Seen<FleetDevice>.NotYet(unreadable.Message);
            },
            cancellationToken);

    /// <summary>Waits until a deployment's counters are as wanted, for its present generation.</summary>
    /// <param name="deployment">Its name.</param>
    /// <param name="what">What is waited for.</param>
    /// <param name="holds">Whether it is so.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<Outcome<FleetDeployment>> StatusAsync(string deployment, string what, Func<FleetAggregate, bool> holds, CancellationToken cancellationToken) =>
        waiting.UntilAsync<FleetDeployment>(
            $"deployment {deployment}: {what}",
            async () =>
            {
                var answer = await lab.Client.GetAsync(Deployments, FleetLab.Namespace, deployment, cancellationToken);
                using var document = answer.Value;
                if (answer.Error is { } error)
                {
                    return Seen<FleetDeployment>.NotYet(error.Message);
                }

                if (!FleetDeployment.Parse(document!.RootElement).TryGet(out var found, out var unreadable))
                {
                    return Seen<FleetDeployment>.NotYet(unreadable.Message);
                }

                var isCurrent = found.Status?.ObservedGeneration == found.Metadata.Generation;
                return isCurrent && found.Status?.Aggregate is { } aggregate && holds(aggregate) ? found : Seen<FleetDeployment>.NotYet(Told(found));
            },
            cancellationToken);

    /// <summary>Waits until a deployment's resource is gone.</summary>
    public Task<Outcome<bool>> GoneAsync(string deployment, CancellationToken cancellationToken) =>
        waiting.UntilAsync<bool>(
            $"deployment {deployment} is gone",
            async () =>
            {
                var answer = await lab.Client.GetAsync(Deployments, FleetLab.Namespace, deployment, cancellationToken);
                using var document = answer.Value;
                return answer.Error is { Kind: KubeErrorKind.NotFound } ? true : Seen<bool>.NotYet(answer.Error?.Message ?? "its finalizer holds it");
            },
            cancellationToken);

    /// <summary>Waits until the API server answers.</summary>
    public Task<Outcome<bool>> AnswersAsync(CancellationToken cancellationToken) =>
        waiting.UntilAsync<bool>(
            "the API server answers",
            async () => (await lab.Client.ReadTextAsync("/readyz", cancellationToken)).Error is { } error ? Seen<bool>.NotYet(error.Message) : true,
            cancellationToken);

    /// <summary>Waits until a device runs exactly the containers of some deployments, one each: none lost, none doubled, none left over.</summary>
    /// <param name="device">The device.</param>
    /// <param name="deployments">What has to run on it.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The containers, in the order of the names that were given.</returns>
    public Task<Outcome<ImmutableArray<DemoContainer>>> CensusAsync(DemoDevice device, IReadOnlyList<string> deployments, CancellationToken cancellationToken) =>
        waiting.UntilAsync<ImmutableArray<DemoContainer>>(
            $"{device.Id} runs {(deployments.Count == 0 ? "nothing" : string.Join(", ", deployments))} and nothing else",
            async () =>
            {
                if (!(await device.ContainersAsync(cancellationToken)).TryGet(out var found, out var refusal))
                {
                    return Seen<ImmutableArray<DemoContainer>>.NotYet(refusal.Message);
                }

                var running = found.Where(container => container.IsRunning).ToLookup(container => container.Deployment);
                return found.Length == deployments.Count && deployments.All(name => running[name].Count() == 1)
                    ? deployments.Select(name => running[name].Single()).ToImmutableArray()
                    : Seen<ImmutableArray<DemoContainer>>.NotYet(found.IsEmpty ? "no container" : string.Join(", ", found.Select(container => container.ToString())));
            },
            cancellationToken);

    /// <summary>Waits until a port of this machine shows a page.</summary>
    public Task<Outcome<string>> PageAsync(int port, string expected, CancellationToken cancellationToken) =>
        waiting.UntilAsync<string>(
            string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}/ shows `{expected}`"),
            async () =>
            {
                try
                {
                    var page = (await http.GetStringAsync(new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}/")), cancellationToken)).Trim();
                    return page == expected ? page : Seen<string>.NotYet($"`{page}`");
                }
                catch (Exception error) when (error is HttpRequestException or SocketException or TaskCanceledException && !cancellationToken.IsCancellationRequested)
                {
                    return Seen<string>.NotYet(error.Message);
                }
            },
            cancellationToken);

    /// <summary>Gives a device a label, as a person does, or takes it away.</summary>
    public async Task<Refusal?> LabelAsync(DemoDevice device, string key, string? value, CancellationToken cancellationToken)
    {
        var change = JsonElement.Parse($$"""{"metadata":{"labels":{"{{key}}":{{(value is null ? "null" : $"\"{value}\"")}} } } }""");
        var answer = await lab.Client.MergeAsync(DeviceKind, null, device.Id, change, "fleet-demo", cancellationToken);
        answer.Value?.Dispose();
        return answer.Error is { } error ? new Refusal.FetchFailed($"device {device.Id} could not be labelled: {error.Message}") : null;
    }

    /// <summary>A condition of a status, or null.</summary>
    public static ResourceCondition? ConditionOf(ImmutableArray<ResourceCondition>? conditions, string type) => conditions?.FirstOrDefault(condition => condition.Type == type);

    private static string Told(FleetDeployment found) => found.Status?.Aggregate is { } aggregate
        ? string.Create(
            CultureInfo.InvariantCulture,
            $"generation {found.Status.ObservedGeneration} of {found.Metadata.Generation}, matched {aggregate.MatchedDeviceCount}, succeeded {aggregate.Succeeded}, failed {aggregate.Failed}, pending {aggregate.Pending}"
            + $"{(aggregate.LastError is { } error ? $", {error.DeviceId}: {error.Message}" : "")}")
        : string.Join(", ", found.Status?.Conditions?.Select(condition => $"{condition.Type} {condition.Status} {condition.Reason}") ?? ["no status yet"]);
}
