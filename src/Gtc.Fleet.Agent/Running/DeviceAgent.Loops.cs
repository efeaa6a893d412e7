using Gtc.Fleet.Agent.Broker;
using Gtc.Fleet.Agent.CatchingUp;
using Microsoft.Extensions.Logging;

namespace Gtc.Fleet.Agent.Running;

/// <content>What feeds the loop that decides.</content>
internal sealed partial class DeviceAgent
{
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(30);

    /// <summary>Devices that were switched on together do not call the broker together.</summary>
    private async Task SpeakAsync(CancellationToken stop)
    {
        PushWindow();
        await Task.Delay(_shell.Config.StartSpread * _shell.Ports.Random(), _shell.Ports.Time, stop);
        await _shell.Ports.Broker.RunAsync(_messages.Writer, stop);
    }

    private void PushWindow()
    {
        if (_shell.Store.Manifest?.ReconnectWindowSeconds is { } seconds)
        {
            _shell.Ports.Broker.ReconnectWindow = TimeSpan.FromSeconds(Math.Clamp(seconds, 0, 3600));
        }
    }

    private async Task WatchAsync(CancellationToken stop)
    {
        await foreach (var happened in _shell.Ports.Podman.WatchAsync(stop))
        {
            await _messages.Writer.WriteAsync(new AgentMessage.Container(happened), stop);
        }
    }

    private async Task TickAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(Tick, _shell.Ports.Time);
        while (await timer.WaitForNextTickAsync(stop))
        {
            await _messages.Writer.WriteAsync(new AgentMessage.LookAround(), stop);
        }
    }

    private async Task PulseAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(_shell.Ports.Pulse, _shell.Ports.Time);
        while (await timer.WaitForNextTickAsync(stop))
        {
            await _messages.Writer.WriteAsync(new AgentMessage.Pulse(), stop);
        }
    }

    private async Task ReadAgainAsync(CancellationToken stop)
    {
        while (true)
        {
            await Task.Delay(CatchUp.SafetyNet(_shell.Ports.Random()), _shell.Ports.Time, stop);
            await _messages.Writer.WriteAsync(new AgentMessage.ReadManifest(), stop);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(4921, LogLevel.Information, "The agent of {Device} starts with {Count} deployment(s) of its own copy")]
        public static partial void Starts(ILogger logger, string device, int count);

        [LoggerMessage(4922, LogLevel.Information, "The broker {Server} is connected")]
        public static partial void Connected(ILogger logger, string server);

        [LoggerMessage(4928, LogLevel.Warning, "The broker is away: {Reason}")]
        public static partial void Away(ILogger logger, string reason);

        [LoggerMessage(4930, LogLevel.Warning, "What this device has to run could not be read and will be tried again: {Reason}")]
        public static partial void NotCaughtUp(ILogger logger, string reason);

        [LoggerMessage(4931, LogLevel.Information, "The agent has stopped; containers go on")]
        public static partial void Stopped(ILogger logger);
    }
}
