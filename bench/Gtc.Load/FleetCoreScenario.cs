using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Gtc.Fleet.Contracts;
using Gtc.Fleet.Operator;

namespace Gtc.Load;

/// <summary>The operator's tables alone, one thread, no I/O: events per second, bytes per pair, and what the change of one label costs.</summary>
internal static class FleetCoreScenario
{
    private const int PairsWanted = 1_000_000;
    private const int Selectors = 1_000;
    private const double MaxBytesPerPair = 100;
    private const double MaxLoadSeconds = 10;
    private const double MinEventsPerSecond = 2_000_000;
    private const double MaxFlipMs = 10;

    public static Task<int> RunAsync(LoadOptions options)
    {
        var isMet = true;
        var events = new List<double>();
        var flips = new List<double>();
        for (var run = 0; run < options.Runs; run++)
        {
            isMet &= Load();
            var (perSecond, flip) = Large();
            events.Add(perSecond);
            flips.Add(flip);
        }

        Say($"fleet-core: events applied, 1,000,000 devices x 5: median {MeasuredProcess.Median(events):N0} per second of processor time (min {events.Min():N0}), aim {MinEventsPerSecond:N0}");
        Say($"fleet-core: one label flipped, 1,000,000 devices, {Selectors:N0} selectors, slowest of 1,000: median {MeasuredProcess.Median(flips):F3} ms (max {flips.Max():F3}), aim {MaxFlipMs}");
        isMet &= events.Min() >= MinEventsPerSecond && flips.Max() <= MaxFlipMs;
        return Task.FromResult(isMet ? 0 : 1);
    }

    /// <summary>A million matched pairs that have all reported: 200,000 devices in 1,000 deployments of five of each group's.</summary>
    private static bool Load()
    {
        var before = Settled();
        var began = Stopwatch.GetTimestamp();
        var tables = new FleetTables();
        Deploy(tables, "group", 5);
        var devices = PairsWanted / 5;
        for (var device = 0; device < devices; device++)
        {
            tables.SetDevice(Id(device), Labels(device, Selectors / 5), isPaused: false);
        }

        Report(tables, devices, Selectors / 5, 1);
        var seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        var perPair = (Settled() - before) / (double)PairsWanted;
        var counts = tables.DeploymentNames.Select(name => tables.CountsOf(name)!).ToList();
        var isExact = counts.Sum(count => count.Succeeded) == PairsWanted && counts.Sum(count => count.Matched) == PairsWanted;
        Say($"fleet-core: {tables.Pairs:N0} pairs of {devices:N0} devices loaded in {seconds:F2} s, aim {MaxLoadSeconds}; {perPair:F1} bytes per pair with devices, labels and counters, aim {MaxBytesPerPair}; exact: {isExact}");
        GC.KeepAlive(tables);
        return isExact && seconds <= MaxLoadSeconds && perPair <= MaxBytesPerPair;
    }

    /// <summary>A million devices with five deployments each.</summary>
    private static (double EventsPerSecond, double SlowestFlipMs) Large()
    {
        const int Devices = 1_000_000;
        const int Groups = Selectors / 5;
        var before = Settled();
        var tables = new FleetTables();
        Deploy(tables, "group", 5);
        for (var device = 0; device < Devices; device++)
        {
            tables.SetDevice(Id(device), Labels(device, Groups), isPaused: false);
        }

        Report(tables, Devices, Groups, 1);
        var perDevice = (Settled() - before) / (double)Devices;
        Say($"fleet-core: {tables.Pairs:N0} pairs, {perDevice:F0} bytes per device with five pairs each, aim 300");
        return (Events(tables, Devices, Groups), Flip(tables, Devices, Groups));
    }

    private static double Events(FleetTables tables, int devices, int groups)
    {
        const int Count = 4_000_000;
        var random = new Random(7);
        var ids = Enumerable.Range(0, 1 << 16).Select(_ => random.Next(devices)).Select(device => (Device: device, Id: Encoding.UTF8.GetBytes(Id(device)))).ToArray();
        var names = Enumerable.Range(0, Selectors).Select(number => Encoding.UTF8.GetBytes(Name(number))).ToArray();
        var sequence = 10_000_000L;
        var score = new ScoreId(1);
        // Of the thread's own processor time: others may use the machine.
        var began = Environment.CpuUsage.TotalTime;
        for (var at = 0; at < Count; at++)
        {
            var (device, id) = ids[(at * 2654435761L >>> 7) & 0xffff];
            var name = names[(device % groups * 5) + (at % 5)];
            tables.Report(id, name, (at & 8) == 0 ? Phase.Running : Phase.Pending, score, ++sequence);
        }

        return Count / (Environment.CpuUsage.TotalTime - began).TotalSeconds;
    }

    private static double Flip(FleetTables tables, int devices, int groups)
    {
        var slowest = TimeSpan.Zero;
        var random = new Random(11);
        for (var at = 0; at < 1_000; at++)
        {
            var device = random.Next(devices);
            var labels = Labels(device, groups);
            labels["group"] = $"g{random.Next(groups)}";
            var began = Stopwatch.GetTimestamp();
            tables.SetDevice(Id(device), labels, isPaused: false);
            slowest = Stopwatch.GetElapsedTime(began) is var took && took > slowest ? took : slowest;
        }

        return slowest.TotalMilliseconds;
    }

    private static void Deploy(FleetTables tables, string key, int perGroup)
    {
        for (var number = 0; number < Selectors; number++)
        {
            ImmutableArray<SelectorTerm> terms = [new(key, SelectorOperator.In, [$"g{number / perGroup}"]), new("retired", SelectorOperator.DoesNotExist, [])];
            tables.SetDeployment(Name(number), new DeploymentIntent("uid", terms, new ScoreId(1), IsPaused: false, IsBatched: false));
        }
    }

    private static void Report(FleetTables tables, int devices, int groups, long first)
    {
        var sequence = first;
        var names = Enumerable.Range(0, Selectors).Select(number => Encoding.UTF8.GetBytes(Name(number))).ToArray();
        for (var device = 0; device < devices; device++)
        {
            var id = Encoding.UTF8.GetBytes(Id(device));
            for (var at = 0; at < 5; at++)
            {
                tables.Report(id, names[(device % groups * 5) + at], Phase.Running, new ScoreId(1), sequence++);
            }
        }
    }

    private static Dictionary<string, string> Labels(int device, int groups) => new()
    {
        ["device-id"] = Id(device),
        ["group"] = $"g{device % groups}",
        ["site"] = $"s{device % 300}",
        ["arch"] = device % 3 == 0 ? "aarch64" : "x86_64",
        ["model"] = $"m{device % 17}",
    };

    private static string Id(int device) => string.Create(CultureInfo.InvariantCulture, $"device-{device:D7}");

    private static string Name(int number) => string.Create(CultureInfo.InvariantCulture, $"app-{number:D4}");

    private static long Settled()
    {
        GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        return GC.GetTotalMemory(forceFullCollection: true);
    }

    private static void Say(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}
