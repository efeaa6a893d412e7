using System.Diagnostics;

namespace Gtc.Load.Fleet;

/// <summary>The time under load, and what is done to the servers meanwhile.</summary>
internal sealed class FleetFaults(FleetOptions options, FleetCluster cluster, SimulatedDevices devices, FleetModel model, StatusWatch watch, FleetReport report)
{
    private const int BytesOfOne = 330;
    private static readonly TimeSpan Unread = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(10);
    private readonly List<(double Seconds, double Mebibytes)> _memory = [];

    /// <summary>Failed writes that come from the broker being away.</summary>
    public long ExpectedErrors { get; private set; }

    /// <summary>The operator that was started after the kill, or null.</summary>
    public ProcessMeter? Restarted { get; private set; }

    /// <summary>Lets the load run for its time.</summary>
    /// <returns>How much of it the load stood still.</returns>
    public async Task<TimeSpan> RunAsync(Stopwatch began, double full)
    {
        var idle = TimeSpan.Zero;
        var (kill, restart) = (options.KillOperatorAt, options.RestartBrokerAt);
        while (began.Elapsed - idle < options.Duration)
        {
            await Task.Delay(100);
            if (_memory.Count == 0 || began.Elapsed.TotalSeconds - _memory[^1].Seconds > 5)
            {
                _memory.Add((began.Elapsed.TotalSeconds, new ProcessMeter("operator", cluster.Operator.ProcessId).ResidentMebibytes));
            }

            if (kill is { } killAt && began.Elapsed > killAt)
            {
                kill = null;
                idle += await KillOperatorAsync();
                devices.Rate = full;
            }

            if (restart is { } restartAt && began.Elapsed > restartAt)
            {
                restart = null;
                await RestartBrokerAsync();
            }
        }

        if (options.Run == "soak")
        {
            var last = began.Elapsed.TotalSeconds;
            var second = _memory.Where(point => point.Seconds > last / 3 && point.Seconds <= last * 2 / 3).Average(point => point.Mebibytes);
            var third = _memory.Where(point => point.Seconds > last * 2 / 3).Average(point => point.Mebibytes);
            report.Tell("operator's memory, second third", second, " MiB");
            report.AtMost("operator's memory, last third to second", 1.05, third / second);
        }

        return idle;
    }

    /// <summary>kill -9, changes that nobody reads, another start: how soon is a status right, how soon are all, and how much was read for it.</summary>
    private async Task<TimeSpan> KillOperatorAsync()
    {
        await cluster.Operator.KillAsync();
        var acknowledged = devices.Acknowledged;
        await Task.Delay(Unread);
        devices.Rate = 0;
        var still = Stopwatch.StartNew();
        while (!await devices.IsQuietAsync())
        {
            await Task.Delay(Glance);
        }

        var changed = Math.Min(devices.Acknowledged - acknowledged, await devices.AskAsync(() => model.Matches));
        var expected = await devices.AskAsync(model.Count);
        var before = watch.Differences(expected);
        cluster.Operator.Start();
        Restarted = new ProcessMeter("operator", cluster.Operator.ProcessId);
        var began = Stopwatch.StartNew();
        TimeSpan? first = null;
        while (watch.Differences(expected) is var rest && (rest > 0 || first is null) && began.Elapsed < TimeSpan.FromMinutes(2))
        {
            first ??= rest < before ? began.Elapsed : null;
            await Task.Delay(Glance);
        }

        report.Tell("operator killed: statuses that were out of date", before);
        report.AtMost("operator killed: first exact status after its start", 3, (first ?? began.Elapsed).TotalSeconds, " s");
        report.Tell("operator killed: every status exact after", began.Elapsed.TotalSeconds, " s");
        if (cluster.Broker is { } broker)
        {
            report.AtMost("operator killed: bytes read to bytes changed", 3, (double)await broker.BytesSentToOthersAsync() / (changed * BytesOfOne));
        }

        return still.Elapsed;
    }

    /// <summary>The broker is killed and started: how soon is every connection back.</summary>
    private async Task RestartBrokerAsync()
    {
        var broker = cluster.Broker ?? throw new InvalidOperationException("--restart-broker-at needs a broker of the run's own, without --nats");
        var errors = devices.Errors;
        await broker.KillAsync();
        await Task.Delay(Unread);
        var began = Stopwatch.StartNew();
        await broker.StartAsync();
        while (devices.Connected < options.Connections && began.Elapsed < TimeSpan.FromMinutes(2))
        {
            await Task.Delay(Glance);
        }

        report.AtMost("broker restarted: every connection back after", 60, began.Elapsed.TotalSeconds, " s");
        await devices.CatchUpAsync();
        ExpectedErrors = devices.Errors - errors;
        report.Tell("broker restarted: writes that were sent again", ExpectedErrors);
    }
}
