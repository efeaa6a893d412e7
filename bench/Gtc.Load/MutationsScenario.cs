using System.Diagnostics;

namespace Gtc.Load;

/// <summary>(d) Acknowledged durable changes per second by one client, against single-key puts to etcd on the same disk; the two in turn.</summary>
internal static class MutationsScenario
{
    private const int Each = 300;

    public static async Task<int> RunAsync(LoadOptions options)
    {
        using var environment = await ControlPlaneEnvironment.CreateAsync();
        using var etcd = await EtcdServer.StartAsync(environment.Folder);
        var (ours, theirs, ratios) = (new List<double>(), new List<double>(), new List<double>());
        for (var run = -2; run < options.Runs; run++)
        {
            var mine = await RateAsync(environment.MutateAsync);
            var peer = await RateAsync(etcd.PutAsync);
            if (run >= 0)
            {
                ours.Add(mine);
                theirs.Add(peer);
                ratios.Add(mine / peer);
            }
        }

        Console.WriteLine($"mutations: gtc, changes of the dial   median {MeasuredProcess.Median(ours):F0}/s  (min {ours.Min():F0}, max {ours.Max():F0})");
        Console.WriteLine($"mutations: etcd, puts of one key      median {MeasuredProcess.Median(theirs):F0}/s  (min {theirs.Min():F0}, max {theirs.Max():F0})");
        Console.WriteLine($"mutations: median of the ratios {MeasuredProcess.Median(ratios):F2}, {options.Runs} pairs of {Each} each, in turn");
        return 0;
    }

    private static async Task<double> RateAsync(Func<Task> change)
    {
        var began = Stopwatch.GetTimestamp();
        for (var number = 0; number < Each; number++)
        {
            await change();
        }

        return Each / Stopwatch.GetElapsedTime(began).TotalSeconds;
    }
}
