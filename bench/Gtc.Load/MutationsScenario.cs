using System.Diagnostics;

namespace Gtc.Load;

/// <summary>(d) Acknowledged durable changes per second by one client, against single-key puts to etcd on the same disk, of a small value and of the whole document; in turn.</summary>
internal static class MutationsScenario
{
    private const int Each = 300;
    private const int WarmUps = 4;
    private const int SmallValue = 512;

    public static async Task<int> RunAsync(LoadOptions options)
    {
        await using var environment = await ControlPlaneEnvironment.CreateAsync();
        using var etcd = await EtcdServer.StartAsync(environment.Folder);
        var document = (int)new FileInfo(environment.Document).Length;
        var (ours, small, whole) = (new List<double>(), new List<double>(), new List<double>());
        for (var run = -WarmUps; run < options.Runs; run++)
        {
            var rates = (await RateAsync(environment.MutateAsync), await RateAsync(() => etcd.PutAsync(SmallValue)), await RateAsync(() => etcd.PutAsync(document)));
            if (run >= 0)
            {
                ours.Add(rates.Item1);
                small.Add(rates.Item2);
                whole.Add(rates.Item3);
            }
        }

        Say("gtc, changes of the dial", ours);
        Say($"etcd, puts of {SmallValue} bytes", small);
        Say($"etcd, puts of a document of {document} bytes", whole);
        Console.WriteLine($"mutations: median of the ratios {Ratio(ours, small):F2} to small puts, {Ratio(ours, whole):F2} to puts of the document; {options.Runs} rounds of {Each} each, in turn");
        return 0;
    }

    private static void Say(string what, List<double> rates) =>
        Console.WriteLine($"mutations: {what,-42} median {MeasuredProcess.Median(rates):F0}/s  (min {rates.Min():F0}, max {rates.Max():F0})");

    private static double Ratio(List<double> ours, List<double> theirs) => MeasuredProcess.Median(ours.Zip(theirs, (mine, peer) => mine / peer));

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
