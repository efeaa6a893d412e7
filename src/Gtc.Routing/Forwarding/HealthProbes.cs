using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Gtc.Proxy;

namespace Gtc.Routing;

/// <summary>
/// Asks every backend of a table whether it is well, once per interval. One that fails twice in a row gets no more requests; the first good answer
/// brings it back.
/// </summary>
/// <param name="path">What is asked for; 200 to 299 is well.</param>
/// <param name="interval">How often; also how long an answer may take.</param>
/// <param name="time">The clock.</param>
public sealed class HealthProbes(string path, TimeSpan interval, TimeProvider time)
{
    private const int FailuresUntilUnhealthy = 2;

    private readonly ConcurrentDictionary<RevisionState, int> _failures = new();

    /// <summary>Asks until it is cancelled.</summary>
    /// <param name="table">The table at the moment.</param>
    /// <param name="stop">Ends it.</param>
    public async Task RunAsync(Func<RoutingTable> table, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(table);
        using var client = new HttpClient(new SocketsHttpHandler { UseCookies = false, UseProxy = false, AllowAutoRedirect = false }) { Timeout = interval };
        using var timer = new PeriodicTimer(interval, time);
        try
        {
            do
            {
                var states = table().States.Where(state => state.Backend is not null).ToList();
                foreach (var left in _failures.Keys.Except(states))
                {
                    _ = _failures.TryRemove(left, out _);
                }

                await Task.WhenAll(states.Select(state => ProbeAsync(client, state, stop)));
            }
            while (await timer.WaitForNextTickAsync(stop));
        }
        catch (OperationCanceledException)
        {
            // Asked to end.
        }
    }

    private async Task ProbeAsync(HttpClient client, RevisionState state, CancellationToken stop)
    {
        bool isWell;
        try
        {
            using var question = new HttpRequestMessage(HttpMethod.Get, new Uri($"http://{state.Backend!.EndPoint}{path}"))
            {
                Version = state.Backend.Protocol == BackendProtocol.Http2 ? HttpVersion.Version20 : HttpVersion.Version11,
                VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            };
            using var answer = await client.SendAsync(question, HttpCompletionOption.ResponseHeadersRead, stop);
            isWell = answer.IsSuccessStatusCode;
        }
        catch (Exception error) when (error is HttpRequestException or SocketException or TaskCanceledException && !stop.IsCancellationRequested)
        {
            isWell = false;
        }

        var failures = isWell ? 0 : _failures.GetValueOrDefault(state) + 1;
        _failures[state] = failures;
        state.IsHealthy = failures < FailuresUntilUnhealthy;
        if (isWell)
        {
            state.Backend!.Eject(0);
        }
    }
}
