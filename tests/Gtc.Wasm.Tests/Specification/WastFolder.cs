using System.Diagnostics;

namespace Gtc.Wasm.Tests;

/// <summary>A fresh folder with what wast2json makes of a .wast file.</summary>
public sealed class WastFolder : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("gtc-wast-").FullName;

    private WastFolder(string wast, string name)
    {
        Script = Path.Combine(_folder, name + ".json");
        var start = new ProcessStartInfo("wast2json", [wast, "--enable-tail-call", "--enable-extended-const", "-o", Script]) { RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var problems = process.StandardError.ReadToEnd();
        process.WaitForExit();
        process.ExitCode.ShouldBe(0, problems);
    }

    /// <summary>Where the cases of this repository stand.</summary>
    public static string Cases => Path.Combine(AppContext.BaseDirectory, "Cases");

    /// <summary>The JSON file.</summary>
    public string Script { get; }

    /// <summary>Converts a file.</summary>
    /// <param name="name">A case, without the ending.</param>
    public static WastFolder OfCase(string name) => new(Path.Combine(Cases, name + ".wast"), name);

    /// <summary>Converts a text.</summary>
    public static WastFolder OfText(string text)
    {
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, text);
            return new WastFolder(file, "text");
        }
        finally
        {
            File.Delete(file);
        }
    }

    /// <summary>The valid modules among those that were written.</summary>
    public IEnumerable<byte[]> ValidModules() => Directory.GetFiles(_folder, "*.wasm").Order(StringComparer.Ordinal)
        .Select(File.ReadAllBytes).Where(module => WasmModule.Load(module, WasmLimits.Default).IsOk);

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
