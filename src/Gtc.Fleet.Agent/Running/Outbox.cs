using Gtc.Fleet.Contracts;
using Microsoft.Extensions.Logging;

namespace Gtc.Fleet.Agent.Running;

/// <summary>Sends what the broker does not have yet, of each deployment the newest only, and the ring of events; at most twenty a second.</summary>
internal sealed partial class Outbox(AgentShell shell)
{
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan RingPace = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(5);
    private volatile bool _isConnected;
    private long _ringSent = -1;

    /// <summary>The broker is there, or away.</summary>
    public void SetConnected(bool isConnected)
    {
        _isConnected = isConnected;
        shell.Book.Nudge();
    }

    /// <summary>Sends until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await shell.Book.Changed.WaitToReadAsync(cancellationToken);
            shell.Book.Changed.TryRead(out _);
            if (_isConnected && !await FlushAsync(cancellationToken))
            {
                await Task.Delay(Retry, shell.Ports.Time, cancellationToken);
                shell.Book.Nudge();
            }
        }
    }

    /// <summary>Sends the ring of events when there are new ones, until it is cancelled.</summary>
    public async Task RunRingAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(RingPace, shell.Ports.Time);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            var count = shell.Ring.Count;
            if (count == _ringSent || !_isConnected || (count == 0 && _ringSent < 0))
            {
                continue;
            }

            var ring = shell.Ring.ToPayload();
            if (await shell.Ports.Broker.PutAsync(FleetBuckets.DeviceDetails, KvKeys.Events(shell.Config.Device), ring.ToBytes(), cancellationToken) is null)
            {
                _ringSent = count;
                KeepRing(ring);
            }
        }
    }

    /// <summary>After the broker was away: what it lost is sent again.</summary>
    public async Task VerifyAsync(CancellationToken cancellationToken)
    {
        foreach (var (name, state) in shell.Book.All())
        {
            if (state is { IsSent: true, IsRemoved: false, Told: { } told }
                && await shell.Ports.Broker.HasStateAsync(KvKeys.State(shell.Config.Device, name), told.ToBytes(), cancellationToken) == false)
            {
                shell.Book.Lost(name);
            }

            shell.Progressed();
        }
    }

    private async Task<bool> FlushAsync(CancellationToken cancellationToken)
    {
        var isFirst = true;
        foreach (var (name, state) in shell.Book.Unsent())
        {
            if (!isFirst)
            {
                await Task.Delay(Pace * (0.5 + shell.Ports.Random()), shell.Ports.Time, cancellationToken);
            }

            isFirst = false;
            var key = KvKeys.State(shell.Config.Device, name);
            // What was said meanwhile is newer than what was found to be unsent.
            var now = shell.Book.Read(name);
            var refused = now is { IsRemoved: false, Told: { } told }
                ? await shell.Ports.Broker.PutAsync(FleetBuckets.DeviceState, key, told.ToBytes(), cancellationToken)
                : now.IsRemoved ? await shell.Ports.Broker.DeleteAsync(FleetBuckets.DeviceState, key, cancellationToken) : null;
            if (refused is not null)
            {
                Log.NotSent(shell.Ports.Log, name.Value, refused);
                return false;
            }

            shell.Book.Sent(name, now);
        }

        return true;
    }

    private void KeepRing(DeviceEvents ring)
    {
        try
        {
            shell.Store.SaveEvents(ring);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The broker has it.
        }
    }

    private static partial class Log
    {
        [LoggerMessage(4927, LogLevel.Warning, "The state of {Deployment} was not sent and will be tried again: {Reason}")]
        public static partial void NotSent(ILogger logger, string deployment, string reason);
    }
}
