using System.Diagnostics;

namespace Gtc.Flows.Tests.Samples;

/// <summary>Compiles components from C as the samples are compiled.</summary>
internal static class Clang
{
    /// <summary>Which clang there is; empty when it or its linker is missing.</summary>
    public static async Task<string> VersionAsync()
    {
        try
        {
            _ = await RunAsync("wasm-ld", null, ["--version"]);
            return (await RunAsync("clang", null, ["--version"])).Output.Split('\n')[0].Trim();
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return string.Empty;
        }
    }

    /// <summary>The flags of the samples, which stand in their script alone.</summary>
    public static async Task<IEnumerable<string>> FlagsAsync(string sources)
    {
        var script = await File.ReadAllTextAsync(Path.Combine(sources, "build"), TestContext.Current.CancellationToken);
        var line = script[(script.IndexOf("  clang ", StringComparison.Ordinal) + "  clang ".Length)..];
        return line[..line.IndexOf(" -o ", StringComparison.Ordinal)].Replace("\\\n", " ", StringComparison.Ordinal).Split(' ', StringSplitOptions.RemoveEmptyEntries);
    }

    public static async Task<(int Exit, string Output)> RunAsync(string program, string? folder, string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { WorkingDirectory = folder ?? "", RedirectStandardOutput = true })!;
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, output);
    }

    /// <summary>Makes a component of a C file; the test is skipped where there is no clang.</summary>
    public static async Task<byte[]> ComponentAsync(string source, string folder)
    {
        var includes = Path.Combine(Samples(), "components");
        if ((await VersionAsync()).Length == 0)
        {
            Assert.Skip("there is no clang, or no wasm-ld");
        }

        var core = Path.Combine(folder, Path.ChangeExtension(Path.GetFileName(source), ".core.wasm"));
        (await RunAsync("clang", includes, [.. await FlagsAsync(includes), "-o", core, source])).Exit.ShouldBe(0);
        var made = Gtc.Wasm.Components.ComponentEncoder.Encode(await File.ReadAllBytesAsync(core, TestContext.Current.CancellationToken), ComponentInterfaces.Catalog());
        made.IsOk.ShouldBeTrue(made.Error?.ToString());
        return made.Value!;
    }

    /// <summary>The samples' folder.</summary>
    public static string Samples()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var candidate = Path.Combine(folder.FullName, "samples", "components");
            if (Directory.Exists(candidate))
            {
                return Path.GetDirectoryName(candidate)!;
            }
        }

        throw new DirectoryNotFoundException("samples is not above the test program");
    }
}
