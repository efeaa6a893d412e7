using System.Diagnostics;

namespace Gtc.EndToEnd.Tests.Cluster;

/// <summary>Runs a script of the repository, or a tool, to the end.</summary>
internal static class Script
{
    /// <summary>Runs <c>eng/NAME</c>; it must succeed.</summary>
    public static Task<string> EngAsync(string name, params string[] words) => RunAsync(Path.Combine(Repository.Root, "eng", name), null, words);

    /// <summary>Runs a program; it must succeed.</summary>
    /// <returns>What it wrote on standard output.</returns>
    public static async Task<string> RunAsync(string program, Action<ProcessStartInfo>? configure, params string[] words)
    {
        var finished = await TryAsync(program, configure, words);
        finished.ExitCode.ShouldBe(0, $"{Path.GetFileName(program)} {string.Join(' ', words)}: {finished.Errors}");
        return finished.Output;
    }

    /// <summary>Runs a program.</summary>
    public static async Task<Finished> TryAsync(string program, Action<ProcessStartInfo>? configure, params string[] words)
    {
        var start = new ProcessStartInfo(program, words) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        configure?.Invoke(start);
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return new Finished(process.ExitCode, await output, await errors);
    }
}
