namespace Gtc.Load;

/// <summary>(a) Process start to the first 200, a pull of a 4 KiB bundle included, against a minimal Kestrel program; the two in turn.</summary>
internal static class BootScenario
{
    public static async Task<int> RunAsync(LoadOptions options)
    {
        await using var environment = await LoadEnvironment.CreateAsync(mebibytes: 0);
        var ours = new List<double>();
        var theirs = new List<double>();
        var memory = new List<double>();
        var oursProcessor = new List<double>();
        var theirsProcessor = new List<double>();
        for (var run = -1; run < options.Runs; run++)
        {
            environment.Strip();
            var (mine, mineProcessor, peak) = await MeasuredProcess.RunAsync(
                options.Gtc,
                ["start", "--env", "local", "--store-root", environment.StoreRoot],
                (start, port) => start.Environment["PORT"] = port.ToString(System.Globalization.CultureInfo.InvariantCulture));
            var (peer, peerProcessor, _) = await MeasuredProcess.RunAsync(
                options.Baseline, [], (start, port) => start.Environment["ASPNETCORE_URLS"] = $"http://127.0.0.1:{port}");
            if (run >= 0)
            {
                ours.Add(mine);
                theirs.Add(peer);
                memory.Add(peak);
                oursProcessor.Add(mineProcessor);
                theirsProcessor.Add(peerProcessor);
            }
        }

        Console.WriteLine($"boot: gtc with pull  median {MeasuredProcess.Median(ours):F1} ms  (min {ours.Min():F1}, max {ours.Max():F1}), peak {MeasuredProcess.Median(memory):F1} MiB");
        Console.WriteLine($"boot: Kestrel alone  median {MeasuredProcess.Median(theirs):F1} ms  (min {theirs.Min():F1}, max {theirs.Max():F1})");
        Console.WriteLine($"boot: ratio of medians {MeasuredProcess.Median(ours) / MeasuredProcess.Median(theirs):F2}, {options.Runs} runs each, in turn");
        Console.WriteLine($"boot: processor time, median: gtc {MeasuredProcess.Median(oursProcessor):F1} ms, Kestrel {MeasuredProcess.Median(theirsProcessor):F1} ms, ratio {MeasuredProcess.Median(oursProcessor) / MeasuredProcess.Median(theirsProcessor):F2}");
        return 0;
    }
}
