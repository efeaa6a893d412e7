using System.Diagnostics;

namespace Gtc.Load;

/// <summary>(e) A whole <c>gtc op env show</c> against <c>kubectl version --client</c>; the two in turn.</summary>
internal static class ShowScenario
{
    public static async Task<int> RunAsync(LoadOptions options)
    {
        await using var environment = await ControlPlaneEnvironment.CreateAsync();
        var (ours, theirs, ratios) = (new List<double>(), new List<double>(), new List<double>());
        for (var run = -2; run < options.Runs; run++)
        {
            var mine = await TimeAsync(options.Gtc, "op", "env", "show", "--store-root", environment.StoreRoot);
            var peer = await TimeAsync("kubectl", "version", "--client");
            if (run >= 0)
            {
                ours.Add(mine);
                theirs.Add(peer);
                ratios.Add(mine / peer);
            }
        }

        Console.WriteLine($"show: gtc op env show           median {MeasuredProcess.Median(ours):F1} ms  (min {ours.Min():F1}, max {ours.Max():F1})");
        Console.WriteLine($"show: kubectl version --client  median {MeasuredProcess.Median(theirs):F1} ms  (min {theirs.Min():F1}, max {theirs.Max():F1})");
        Console.WriteLine($"show: ratio of medians {MeasuredProcess.Median(ours) / MeasuredProcess.Median(theirs):F2}, median of the ratios {MeasuredProcess.Median(ratios):F2}, {options.Runs} runs each, in turn");
        return 0;
    }

    /// <summary>Milliseconds of a whole process, its output read to the end.</summary>
    public static async Task<double> TimeAsync(string program, params string[] words)
    {
        var start = new ProcessStartInfo(program, words) { RedirectStandardOutput = true, RedirectStandardError = true };
        var began = Stopwatch.GetTimestamp();
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        var elapsed = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        return process.ExitCode == 0 && output.Length > 0 ? elapsed : throw new InvalidOperationException($"{program} ended with {process.ExitCode}: {await errors}");
    }
}
