using System.Diagnostics;
using System.Globalization;

namespace Gtc.Load.Fleet;

/// <summary>A run of the fleet's load: real broker, real API server, the published operator, simulated devices (fleet.md §18).</summary>
internal sealed class FleetScenario(FleetOptions options, FleetCluster cluster, SimulatedDevices devices, FleetModel model, StatusWatch watch, FleetReport report)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    public static async Task<int> RunAsync(IReadOnlyList<string> words)
    {
        var (options, error) = FleetOptions.Parse(words);
        if (options is null)
        {
            Console.Error.WriteLine(words.Contains("--help") ? FleetOptions.Usage : $"{error}\n{FleetOptions.Usage}");
            return words.Contains("--help") ? 0 : 2;
        }

        var report = new FleetReport { Run = options.Run };
        await using (var cluster = await FleetCluster.StartAsync(options))
        {
            var raw = options.Run == "most" ? await RawPuts.MeasureAsync(cluster.Url, options.Connections, options.Devices) : 0;
            await cluster.StartOperatorAsync();
            var model = new FleetModel(options.Devices, options.Deployments, options.Groups);
            await using var devices = await SimulatedDevices.StartAsync(options, model, cluster.Url);
            await using var watch = cluster.Watch(options.Deployments);
            devices.Failed = watch.Failed;
            var scenario = new FleetScenario(options, cluster, devices, model, watch, report);
            await scenario.JoinAsync();
            await (options.Run switch
            {
                "apply" => new ApplyRun(options, cluster, devices, model, watch, report).RunAsync(),
                "floor" => new PatchFloor(options, cluster, devices, report).RunAsync(),
                _ => scenario.LoadAsync(raw),
            });
        }

        report.Write(Console.Out, options.IsJson);
        return report.Passed ? 0 : 1;
    }

    /// <summary>Waits until every deployment shows what the model says.</summary>
    /// <returns>How long it took, or null when it did not come true.</returns>
    public static async Task<TimeSpan?> ExactAsync(SimulatedDevices devices, FleetModel model, StatusWatch watch, TimeSpan patience)
    {
        var began = Stopwatch.StartNew();
        while (began.Elapsed < patience)
        {
            if (await devices.IsQuietAsync() && watch.Differences(await devices.AskAsync(model.Count)) == 0)
            {
                return began.Elapsed;
            }

            await Task.Delay(Pause);
        }

        return null;
    }

    /// <summary>Devices say what they are, deployments are applied, and every device is told what to run.</summary>
    private async Task JoinAsync()
    {
        var began = Stopwatch.StartNew();
        await devices.JoinAsync();
        await Parallel.ForEachAsync(Enumerable.Range(0, options.Deployments), new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (number, _) => await cluster.ApplyAsync(number, options.Groups, 1));
        var patience = TimeSpan.FromSeconds(300 + (8d * options.Devices / options.KubeBudget));
        var matches = await devices.AskAsync(() => model.Matches);
        while (await devices.AskAsync(() => model.Told) is var told && told < matches)
        {
            if (began.Elapsed > patience || cluster.Operator.HasEnded)
            {
                throw new InvalidOperationException($"{told:N0} of {matches:N0} devices were told what to run within {began.Elapsed.TotalSeconds:F0} s; the operator's log is {await cluster.Operator.KeepLogAsync()}");
            }

            await Task.Delay(200);
        }

        report.Tell("devices joined and told what to run, after", began.Elapsed.TotalSeconds, " s");
        if (await ExactAsync(devices, model, watch, patience) is not { } exact)
        {
            throw new InvalidOperationException($"the statuses were never exact before the load: {watch.FirstDifference(await devices.AskAsync(model.Count))}; the operator's log is {await cluster.Operator.KeepLogAsync()}");
        }

        report.Tell("…and every status exact, after another", exact.TotalSeconds, " s");
    }

    private async Task LoadAsync(double raw)
    {
        var full = options.Run == "most" ? double.PositiveInfinity : options.TotalRate;
        for (var step = 1; step <= 10 && !double.IsInfinity(full); step++)
        {
            devices.Rate = full * step / 10;
            await Task.Delay(options.Ramp / 10);
        }

        watch.Forget();
        devices.Rate = full;
        var meters = cluster.Meters();
        var (acknowledged, errors, patches, unreasoned) = (devices.Acknowledged, devices.Errors, watch.Patches, watch.Unreasoned);
        var began = Stopwatch.StartNew();
        var faults = new FleetFaults(options, cluster, devices, model, watch, report);
        var idle = await faults.RunAsync(began, full);
        errors += faults.ExpectedErrors;
        var active = (began.Elapsed - idle).TotalSeconds;
        var written = devices.Acknowledged - acknowledged;
        foreach (var meter in meters)
        {
            report.Processes.Add((meter.Name == "operator" && faults.Restarted is { } again ? again : meter).Read());
        }

        devices.Rate = 0;
        var exact = await ExactAsync(devices, model, watch, TimeSpan.FromMinutes(3));
        await ReportAsync(written / active, devices.Errors - errors, (watch.Patches - patches) / began.Elapsed.TotalSeconds, exact);
        report.Tell("statuses that name a failed device and no reason", watch.Unreasoned - unreasoned);
        report.Tell("times that the API server cut the load's own watch", watch.Interruptions);
        if (raw > 0)
        {
            var sustained = (devices.Acknowledged - acknowledged) / (active + (exact ?? TimeSpan.FromMinutes(3)).TotalSeconds);
            report.Tell("raw acknowledged puts, nobody reading", raw, "/s");
            report.Tell("transitions until every status was exact", sustained, "/s");
            report.AtLeast("ratio to the raw puts", 0.5, sustained / raw);
        }
    }

    private async Task ReportAsync(double perSecond, long errors, double patches, TimeSpan? exact)
    {
        var expected = await devices.AskAsync(model.Count);
        if (options.Run != "most")
        {
            report.AtLeast("acknowledged writes", options.TotalRate * 0.99, perSecond, "/s");
        }
        else
        {
            report.Tell("acknowledged writes under load", perSecond, "/s");
        }

        report.None("errors", errors);
        report.None("deployments that are not exact", watch.Differences(expected));
        report.None("deployments whose recount from the broker differs", watch.Differences(await BrokerRecount.CountAsync(cluster.Url, model, options.Groups)));
        report.None("statuses whose counters do not add up", watch.Broken);
        report.AtMost("status patches per deployment and second", 1.1, patches / options.Deployments);
        report.Tell("exact after the last transition", exact?.TotalSeconds ?? double.NaN, " s");
        report.Tell("status patches", patches, "/s");
        report.Tell("event to status, median", watch.Latency.At(0.5), " ms");
        report.Tell("event to status, p90", watch.Latency.At(0.9), " ms");
        report.Tell("event to status, worst", watch.Latency.At(1), " ms");
        report.Tell("event to status, p99", watch.Latency.At(0.99), " ms");
        if (watch.FirstDifference(expected) is { } difference)
        {
            report.Facts["a difference"] = difference;
        }

        if (options.Run is "S" or "M")
        {
            report.AtMost("event to status, p99", 3000, watch.Latency.At(0.99), " ms");
            report.AtMost("operator, cores", 1, report.Processes[0].Cores);
            report.AtMost("operator, resident", 250, report.Processes[0].PeakMebibytes, " MiB");
        }

        report.Facts["at"] = string.Create(CultureInfo.InvariantCulture, $"{options.Devices} devices, {options.Deployments} deployments, {options.Groups} groups, budget {options.KubeBudget}");
    }
}
