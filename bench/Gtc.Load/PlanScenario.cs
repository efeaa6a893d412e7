using System.Diagnostics;
using System.Text;
using Gtc.Artifacts.Building;

namespace Gtc.Load;

/// <summary>The plan of an environment with 50 deployments of two revisions each, all of whose dials turn: a whole <c>gtc op plan</c>.</summary>
internal static class PlanScenario
{
    private const int Deployments = 50;

    public static async Task<int> RunAsync(LoadOptions options)
    {
        var root = Directory.CreateTempSubdirectory("gtc-load-plan-").FullName;
        try
        {
            var source = Path.Combine(root, "source");
            foreach (var name in new[] { "a", "b" })
            {
                SourceTree.Write(source, 0);
                _ = (await BundleBuilder.BuildAsync(source, Path.Combine(root, $"{name}.gtbundle"), $"bench-{name}", CancellationToken.None)).Value;
                Directory.Delete(source, recursive: true);
            }

            var manifest = Path.Combine(root, "env.json");
            await File.WriteAllTextAsync(manifest, Manifest(90));
            Run(options.Gtc, root, "env", "apply", "--answers", manifest, "--yes");
            await File.WriteAllTextAsync(manifest, Manifest(50));
            var times = new List<double>();
            for (var run = -1; run < options.Runs; run++)
            {
                var time = Run(options.Gtc, root, "plan", "--answers", manifest);
                if (run >= 0)
                {
                    times.Add(time);
                }
            }

            Console.WriteLine($"plan: {Deployments} deployments, {2 * Deployments} revisions  median {MeasuredProcess.Median(times):F1} ms  (min {times.Min():F1}, max {times.Max():F1}), {options.Runs} runs");
            return 0;
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    private static double Run(string gtc, string root, params string[] words)
    {
        var start = new ProcessStartInfo(gtc, ["op", .. words, "--store-root", Path.Combine(root, "store"), "--format", "json"]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["HOME"] = root;
        var began = Stopwatch.GetTimestamp();
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        var elapsed = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        return process.ExitCode == 0 && output.Length > 0 ? elapsed : throw new InvalidOperationException($"gtc {string.Join(' ', words)} ended with {process.ExitCode}: {errors.Result}");
    }

    private static string Manifest(int percent)
    {
        var text = new StringBuilder("""{"schema":"greentic.env-manifest.v1","environment":{"id":"local"},"trust_root":"bootstrap","bundles":[""");
        for (var index = 0; index < Deployments; index++)
        {
            text.Append(index == 0 ? "" : ",").Append($$"""
                {"bundle_id":"app-{{index}}","route_binding":{"path_prefixes":["/{{index}}"]},"revisions":[
                {"name":"a","bundle_path":"a.gtbundle","weight_percent":{{percent}}},{"name":"b","bundle_path":"b.gtbundle","weight_percent":{{100 - percent}}}]}
                """);
        }

        return text.Append("]}").ToString();
    }
}
