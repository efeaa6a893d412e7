using System.Globalization;
using Gtc.Wasm.Reference;

namespace Gtc.Wasm.SpecRunner;

/// <summary>The program: runs every file of a folder and prints what passed, failed and was skipped, per file and in total.</summary>
internal static class SpecRun
{
    private const string Usage =
        """
        usage: Gtc.Wasm.SpecRunner [--engine compiled|reference] [--all] DIR
          DIR       holds what wast2json wrote: NAME.json and its modules; folders in it are searched too
          --engine  compiled: the engine of gtc (the default); reference: the interpreter that the tests compare it with
          --all     prints every failure; otherwise the first ten of a file
        """;

    // Deep enough for the interpreter's own calls within calls.
    private const int StackBytes = 256 << 20;
    private const long StepsPerFile = 2_000_000_000;

    private static readonly Dictionary<string, Func<ISpecEngine>> Engines = new(StringComparer.Ordinal)
    {
        ["compiled"] = () => new CompilerEngine(new StoreLimits { MemoryBytes = 8L << 30 }),
        ["reference"] = () => new ReferenceEngine(new StepCounter(StepsPerFile)),
    };

    /// <summary>The engines that can be chosen.</summary>
    public static IEnumerable<string> EngineNames => Engines.Keys;

    /// <summary>Runs with these arguments.</summary>
    /// <returns>0 when nothing failed, 1 when something did, 2 when the arguments are wrong.</returns>
    public static int Start(string[] arguments, TextWriter output)
    {
        if (Read(arguments) is not { } request)
        {
            output.WriteLine(Usage);
            return 2;
        }

        var files = Directory.GetFiles(request.Folder, "*.json", SearchOption.AllDirectories).Order(StringComparer.Ordinal).ToArray();
        if (files.Length == 0)
        {
            output.WriteLine($"no .json file is in {request.Folder}; make some with: wast2json NAME.wast -o {request.Folder}/NAME.json");
            return 2;
        }

        var failed = 0;
        var thread = new Thread(() => failed = Run(request, files, output), StackBytes);
        thread.Start();
        thread.Join();
        return failed == 0 ? 0 : 1;
    }

    /// <summary>Runs one file.</summary>
    public static SpecCounts Run(string engine, string file)
    {
        var made = Engines[engine]();
        using (made as IDisposable)
        {
            return SpecScript.Run(made, file);
        }
    }

    private static int Run(Request request, string[] files, TextWriter output)
    {
        var total = new SpecCounts();
        foreach (var file in files)
        {
            var counts = Run(request.Engine, file);
            Print(output, Path.GetRelativePath(request.Folder, file), counts);
            foreach (var failure in counts.Failures.Take(request.All ? int.MaxValue : 10))
            {
                output.WriteLine($"    {failure}");
            }

            total.Add(counts);
        }

        Print(output, $"total of {files.Length} files", total);
        foreach (var (text, count) in total.Skips.Select(skip => ($"skipped: {skip.Key}", skip.Value)).Concat(total.Notes.Select(note => (note.Key, note.Value))))
        {
            output.WriteLine($"    {count} {text}");
        }

        return total.Failures.Count;
    }

    private static void Print(TextWriter output, string name, SpecCounts counts) =>
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{name,-44} {counts.Passed,6} passed {counts.Failures.Count,5} failed {counts.Skipped,5} skipped"));

    private static Request? Read(string[] arguments)
    {
        var request = new Request("compiled", false, "");
        for (var place = 0; place < arguments.Length; place++)
        {
            switch (arguments[place])
            {
                case "--engine" when place + 1 < arguments.Length && Engines.ContainsKey(arguments[place + 1]):
                    request = request with { Engine = arguments[++place] };
                    break;
                case "--all":
                    request = request with { All = true };
                    break;
                case var folder when Directory.Exists(folder) && request.Folder.Length == 0:
                    request = request with { Folder = folder };
                    break;
                default:
                    return null;
            }
        }

        return request.Folder.Length == 0 ? null : request;
    }

    private sealed record Request(string Engine, bool All, string Folder);
}
