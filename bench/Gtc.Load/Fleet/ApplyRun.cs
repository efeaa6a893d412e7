using System.Diagnostics;

namespace Gtc.Load.Fleet;

/// <summary>From the apply of a new score to every device that runs it, and to the status that says so; many times.</summary>
internal sealed class ApplyRun(FleetOptions options, FleetCluster cluster, SimulatedDevices devices, FleetModel model, StatusWatch watch, FleetReport report)
{
    private const int Times = 15;
    private readonly Lock _gate = new();
    private readonly Percentiles _running = new();
    private readonly Percentiles _shown = new();
    private long _applied;
    private int _ran;

    public async Task RunAsync()
    {
        var meters = cluster.Meters();
        devices.Ran = (_, stamp) =>
        {
            lock (_gate)
            {
                _running.Add(Stopwatch.GetElapsedTime(_applied, stamp));
                _ran++;
            }
        };
        for (var time = 0; time < Times; time++)
        {
            var version = await devices.AskAsync(() => model.Redeploy(0));
            _ran = 0;
            _applied = Stopwatch.GetTimestamp();
            await cluster.ApplyAsync(0, options.Groups, version);
            var exact = await FleetScenario.ExactAsync(devices, model, watch, TimeSpan.FromMinutes(1));
            if (exact is null || _ran != options.Devices)
            {
                throw new InvalidOperationException($"{_ran} of {options.Devices} devices ran version {version} within a minute");
            }

            _shown.Add(Stopwatch.GetElapsedTime(_applied));
            await Task.Delay(1500);
        }

        report.AtMost("apply to running on a device, p99", 1000, _running.At(0.99), " ms");
        report.Tell("apply to running on a device, median", _running.At(0.5), " ms");
        report.Tell("apply to running on the last device, worst", _running.At(1), " ms");
        report.Tell("apply to a status that shows all, median", _shown.At(0.5), " ms");
        report.None("errors", devices.Errors);
        report.Processes.AddRange(meters.Select(meter => meter.Read()));
    }
}
