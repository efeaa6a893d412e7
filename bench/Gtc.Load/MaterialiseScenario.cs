using System.Diagnostics;

namespace Gtc.Load;

/// <summary>(b) Pull, verify and unpack a large bundle from loopback: a whole <c>gtc start</c>, up to its first 200, against curl, tee, sha256sum and unsquashfs; the two in turn.</summary>
internal static class MaterialiseScenario
{
    public static async Task<int> RunAsync(LoadOptions options)
    {
        await using var environment = await LoadEnvironment.CreateAsync(options.Mebibytes);
        Console.WriteLine($"materialise: image of {new FileInfo(environment.Bundle).Length / 1048576.0:F1} MiB");
        var ours = new List<double>();
        var theirs = new List<double>();
        var memory = new List<double>();
        for (var run = -1; run < options.Runs; run++)
        {
            environment.Strip();
            var (mine, _, peak) = await MeasuredProcess.RunAsync(
                options.Gtc,
                ["start", "--env", "local", "--store-root", environment.StoreRoot],
                (start, port) => start.Environment["PORT"] = port.ToString(System.Globalization.CultureInfo.InvariantCulture));
            environment.Strip();
            var peer = await ShellAsync(environment);
            if (run >= 0)
            {
                ours.Add(mine);
                theirs.Add(peer);
                memory.Add(peak);
            }
        }

        Console.WriteLine($"materialise: gtc start to first 200            median {MeasuredProcess.Median(ours):F0} ms  (min {ours.Min():F0}, max {ours.Max():F0}), peak {memory.Max():F1} MiB");
        Console.WriteLine($"materialise: curl | tee | sha256sum; unsquashfs median {MeasuredProcess.Median(theirs):F0} ms  (min {theirs.Min():F0}, max {theirs.Max():F0})");
        Console.WriteLine($"materialise: ratio of medians {MeasuredProcess.Median(ours) / MeasuredProcess.Median(theirs):F2}, {options.Runs} runs each, in turn");
        return 0;
    }

    private static async Task<double> ShellAsync(LoadEnvironment environment)
    {
        var work = Path.Combine(environment.Root, "shell");
        Directory.CreateDirectory(work);
        var start = new ProcessStartInfo("bash") { WorkingDirectory = work };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add($"set -e; curl -sf {environment.Source} | tee bundle.gtbundle | sha256sum >digest; unsquashfs -q -n -d tree bundle.gtbundle >/dev/null");
        var began = Stopwatch.GetTimestamp();
        using var process = Process.Start(start)!;
        await process.WaitForExitAsync();
        var elapsed = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException("The shell pipeline failed.");
        }

        Directory.Delete(work, recursive: true);
        return elapsed;
    }
}
