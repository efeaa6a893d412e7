using System.Collections.Immutable;
using System.Text.Json;

namespace Gtc.Podman;

public sealed partial class PodmanClient
{
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(15);

    /// <summary>Makes a container; it does not run yet. The image must be in the store.</summary>
    public Task<PodmanResult<CreatedContainer>> CreateAsync(ContainerSpec spec, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(spec);
        var body = Json(JsonSerializer.SerializeToUtf8Bytes(spec, PodmanSpecJson.Default.ContainerSpec));
        // Layers of a large image are copied here when the storage driver has no overlays.
        return _transport.ReadAsync(new(HttpMethod.Post, "containers/create") { Body = body, Timeout = Minutes(5) }, PodmanJson.Default.CreatedContainer, cancellationToken);
    }

    /// <summary>Runs a container.</summary>
    /// <returns>False when it ran already.</returns>
    public async Task<PodmanResult<bool>> StartAsync(string name, CancellationToken cancellationToken) =>
        Changed(await _transport.SendAsync(new(HttpMethod.Post, $"containers/{Escape(name)}/start") { Timeout = Minutes(1) }, cancellationToken));

    /// <summary>Asks a container to stop and ends it when it does not.</summary>
    /// <param name="name">Its name or id.</param>
    /// <param name="grace">How long it may take.</param>
    /// <param name="cancellationToken">Stops waiting; podman goes on.</param>
    /// <returns>False when it did not run.</returns>
    public async Task<PodmanResult<bool>> StopAsync(string name, TimeSpan grace, CancellationToken cancellationToken) =>
        Changed(await _transport.SendAsync(new(HttpMethod.Post, $"containers/{Escape(name)}/stop?timeout={Number(Seconds(grace))}") { Timeout = grace + Margin }, cancellationToken));

    /// <summary>Removes a container with its volumes that have no name, stopping it first.</summary>
    /// <returns>False when it was not there.</returns>
    public async Task<PodmanResult<bool>> RemoveAsync(string name, TimeSpan grace, CancellationToken cancellationToken) =>
        AbsentIsFine(await _transport.SendAsync(
            new(HttpMethod.Delete, $"containers/{Escape(name)}?force=true&v=true&timeout={Number(Seconds(grace))}") { Timeout = grace + Margin },
            cancellationToken));

    /// <summary>Containers that have all of some labels, running or not.</summary>
    /// <param name="labels">Each <c>key=value</c> or <c>key</c>.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    public async Task<PodmanResult<ImmutableArray<ContainerSummary>>> ListAsync(IEnumerable<string> labels, CancellationToken cancellationToken)
    {
        var path = "containers/json?all=true&" + Filters("label", labels);
        return (await _transport.ReadAsync(new(HttpMethod.Get, path), PodmanSpecJson.Default.ImmutableArrayContainerSummary, cancellationToken)).TryGet(out var list, out var error)
            ? list.IsDefault ? [] : list
            : error;
    }

    /// <summary>Everything about one container.</summary>
    public Task<PodmanResult<ContainerDetails>> InspectAsync(string name, CancellationToken cancellationToken) =>
        _transport.ReadAsync(new(HttpMethod.Get, $"containers/{Escape(name)}/json"), PodmanJson.Default.ContainerDetails, cancellationToken);

    /// <summary>Is the container there?</summary>
    public Task<PodmanResult<bool>> HasContainerAsync(string name, CancellationToken cancellationToken) => IsThereAsync($"containers/{Escape(name)}/exists", cancellationToken);

    private static long Seconds(TimeSpan time) => (long)Math.Ceiling(time.TotalSeconds);
}
