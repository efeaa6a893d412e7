namespace Gtc.Load;

/// <summary>(c) Peak resident memory of a worker that pulls, verifies and unpacks a large bundle.</summary>
internal static class MemoryScenario
{
    public static async Task<int> RunAsync(LoadOptions options)
    {
        await using var environment = await LoadEnvironment.CreateAsync(options.Mebibytes);
        environment.Strip();
        var (elapsed, _, peak) = await MeasuredProcess.RunAsync(
            options.Gtc,
            ["start", "--env", "local", "--store-root", environment.StoreRoot],
            (start, port) => start.Environment["PORT"] = port.ToString(System.Globalization.CultureInfo.InvariantCulture));
        Console.WriteLine($"memory: image of {new FileInfo(environment.Bundle).Length / 1048576.0:F1} MiB, peak {peak:F1} MiB, first 200 after {elapsed:F0} ms");
        return 0;
    }
}
