using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;

namespace Gtc.Podman;

/// <summary>
/// podman's REST API (libpod, from podman 4.3 on) over its Unix socket. Every call has a time-out and a bound on what it reads; what podman refuses is a value, told apart by <see cref="PodmanErrorKind"/>.
/// Safe for use by several threads at once.
/// </summary>
public sealed partial class PodmanClient : IDisposable
{
    private readonly PodmanTransport _transport;
    private readonly TimeProvider _time;

    /// <summary>Makes a client; nothing is connected before the first call.</summary>
    /// <param name="socketPath">Such as <c>/run/podman/podman.sock</c>, or below <c>$XDG_RUNTIME_DIR</c> for an ordinary user.</param>
    /// <param name="time">The clock of time-outs and pauses.</param>
    public PodmanClient(string socketPath, TimeProvider time)
    {
        ArgumentException.ThrowIfNullOrEmpty(socketPath);
        ArgumentNullException.ThrowIfNull(time);
        _transport = new PodmanTransport(socketPath, time);
        _time = time;
    }

    /// <summary>Ends every connection.</summary>
    public void Dispose() => _transport.Dispose();

    /// <summary>Does anybody answer?</summary>
    public async Task<PodmanResult<bool>> PingAsync(CancellationToken cancellationToken) =>
        (await _transport.SendAsync(new(HttpMethod.Get, "_ping"), cancellationToken)).TryGet(out _, out var error) ? true : error;

    /// <summary>What podman says about itself and its host.</summary>
    public async Task<PodmanResult<PodmanHost>> HostAsync(CancellationToken cancellationToken)
    {
        if (!(await _transport.ReadAsync(new(HttpMethod.Get, "info"), PodmanJson.Default.HostBody, cancellationToken)).TryGet(out var body, out var error))
        {
            return error;
        }

        return new PodmanHost(
            body.Version?.Version ?? "",
            body.Host?.Security?.Rootless ?? false,
            body.Host?.CgroupVersion ?? "",
            body.Host?.CgroupControllers ?? [],
            body.Store?.GraphRoot ?? "",
            body.Host?.Arch ?? "");
    }

    /// <summary>Makes a volume.</summary>
    public async Task<PodmanResult<bool>> CreateVolumeAsync(string name, CancellationToken cancellationToken) =>
        Changed(await _transport.SendAsync(new(HttpMethod.Post, "volumes/create") { Body = Json(JsonSerializer.SerializeToUtf8Bytes(new VolumeBody(name), PodmanJson.Default.VolumeBody)) }, cancellationToken));

    /// <summary>Is the volume there?</summary>
    public Task<PodmanResult<bool>> HasVolumeAsync(string name, CancellationToken cancellationToken) => IsThereAsync($"volumes/{Escape(name)}/exists", cancellationToken);

    /// <summary>Removes a volume that no container uses.</summary>
    /// <returns>False when it was not there.</returns>
    public async Task<PodmanResult<bool>> RemoveVolumeAsync(string name, CancellationToken cancellationToken) =>
        AbsentIsFine(await _transport.SendAsync(new(HttpMethod.Delete, $"volumes/{Escape(name)}"), cancellationToken));

    private static string Escape(string name) => Uri.EscapeDataString(name);

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static ByteArrayContent Json(byte[] body) => new(body) { Headers = { ContentType = new("application/json") } };

    /// <summary>A query member that podman's lists and events are narrowed by.</summary>
    private static string Filters(string key, IEnumerable<string> values) =>
        "filters=" + Escape(JsonSerializer.Serialize(new Dictionary<string, string[]> { [key] = [.. values] }, PodmanJson.Default.DictionaryStringStringArray));

    /// <summary>304 says that it was so already.</summary>
    private static PodmanResult<bool> Changed(PodmanResult<PodmanAnswer> result) => result.TryGet(out var answer, out var error) ? answer.Status != 304 : error;

    private static PodmanResult<bool> AbsentIsFine(PodmanResult<PodmanAnswer> result) => result.TryGet(out _, out var error) ? true : error.Kind == PodmanErrorKind.NotFound ? false : error;

    private async Task<PodmanResult<bool>> IsThereAsync(string path, CancellationToken cancellationToken) => AbsentIsFine(await _transport.SendAsync(new(HttpMethod.Get, path), cancellationToken));

    private static TimeSpan Minutes(int count) => TimeSpan.FromMinutes(count);
}
