using System.Diagnostics;

namespace Gtc.Load;

/// <summary>(f) Reading generation k of a long history, at random places: in process with a store that was just opened, and as a whole <c>gtc op env show --at k</c>.</summary>
internal static class HistoryScenario
{
    private const int AtOnce = 64;

    public static async Task<int> RunAsync(LoadOptions options)
    {
        await using var environment = await ControlPlaneEnvironment.CreateAsync();
        var began = Stopwatch.GetTimestamp();
        for (var made = 1; made < options.Generations; made += AtOnce)
        {
            // Written as many operators at once would: changes that wait share a flush.
            await Task.WhenAll(Enumerable.Range(0, Math.Min(AtOnce, options.Generations - made)).Select(_ => environment.MutateAsync()));
        }

        Console.WriteLine($"history: {options.Generations} generations written in {Stopwatch.GetElapsedTime(began).TotalSeconds:F0} s, {AtOnce} writers");
        var random = new Random(1);
        var (inProcess, whole) = (new List<double>(), new List<double>());
        for (var run = -2; run < options.Runs; run++)
        {
            var generation = (ulong)random.Next(1, options.Generations + 1);
            var started = Stopwatch.GetTimestamp();
            var document = (await environment.Store.LoadAtAsync(ControlPlaneEnvironment.Local, generation, CancellationToken.None)).Value;
            var elapsed = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
            if (document.EnvGeneration != generation)
            {
                throw new InvalidOperationException($"Generation {document.EnvGeneration} was read for {generation}.");
            }

            var process = await ShowScenario.TimeAsync(options.Gtc, "op", "env", "show", "--at", $"{generation}", "--store-root", environment.StoreRoot);
            if (run >= 0)
            {
                inProcess.Add(elapsed);
                whole.Add(process);
            }
        }

        Console.WriteLine($"history: read in process           median {MeasuredProcess.Median(inProcess):F2} ms  (min {inProcess.Min():F2}, max {inProcess.Max():F2})");
        Console.WriteLine($"history: gtc op env show --at k    median {MeasuredProcess.Median(whole):F1} ms  (min {whole.Min():F1}, max {whole.Max():F1})");
        return 0;
    }
}
