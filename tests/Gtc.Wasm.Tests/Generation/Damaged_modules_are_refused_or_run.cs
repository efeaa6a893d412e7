using System.Globalization;
using Gtc.Wasm.Reference;
using Gtc.Wasm.SpecRunner;

namespace Gtc.Wasm.Tests;

/// <summary>Whatever the bytes are: a refusal that says why, or a module that runs as the specification says. Never a crash, a hang, or a way out of the sandbox.</summary>
public sealed class Damaged_modules_are_refused_or_run
{
    private const int Pages = 64;
    private const int Elements = 100_000;

    private static readonly StoreLimits Small = StoreLimits.Default with { MemoryBytes = Pages * (long)MemoryType.PageBytes, TableElements = Elements };

    // GTC_WASM_MUTATIONS makes more of them; eng/fuzz-wasm asks for 500,000.
    private static int Count => int.Parse(Environment.GetEnvironmentVariable("GTC_WASM_MUTATIONS") ?? "4000", CultureInfo.InvariantCulture);

    [Fact]
    public void Of_every_kind()
    {
        var random = new Random(20_261_121);
        byte[][] modules = [.. Enumerable.Range(0, 60).Select(RandomModule.From), .. WrittenModules()];
        var (refused, ran, compared) = (0, 0, 0);
        for (var number = 0; number < Count; number++)
        {
            var module = Mutation.Of(modules[random.Next(modules.Length)], modules[random.Next(modules.Length)], random);
            var loaded = WasmModule.Load(module, WasmLimits.Default);
            if (loaded.Error is { } error)
            {
                error.Message.ShouldNotBeNullOrEmpty();
                refused++;
                continue;
            }

            ran++;
            compared += Run(module, loaded.Value, number) ? 1 : 0;
        }

        refused.ShouldBeGreaterThan(Count / 10);
        ran.ShouldBeGreaterThan(Count / 50);
        compared.ShouldBeGreaterThan(Count / 100);
    }

    private static List<byte[]> WrittenModules()
    {
        var modules = new List<byte[]>();
        foreach (var name in new[] { "bulk", "calls", "control", "linking", "tables" })
        {
            using var folder = WastFolder.OfCase(name);
            modules.AddRange(folder.ValidModules().Where(module => module.Length > 40));
        }

        return modules;
    }

    // True when the two engines could be compared to the end.
    private static bool Run(byte[] module, WasmModule decoded, int number)
    {
        if (decoded.Memories.Any(memory => memory.Size.Minimum > Pages / 2) || decoded.Tables.Sum(table => (long)table.Size.Minimum) > Elements / 2)
        {
            using var refusing = new CompilerEngine(Small);
            refusing.Instantiate(module, new Dictionary<string, ISpecInstance>());
            return false;
        }

        var interpreted = Comparison.Run(new ReferenceEngine(new StepCounter(100_000) { MostPages = Pages, MostElements = Elements }), module, number);
        var ends = interpreted[^1] != Comparison.Open;

        // What the interpreter did not bring to its end may not have one: the deadline ends it.
        using var engine = new CompilerEngine(Small, ends ? TimeSpan.FromMinutes(5) : TimeSpan.FromMilliseconds(20));
        var compiled = Comparison.Run(engine, module, number);
        if (HasFloats(decoded))
        {
            return false;
        }

        var common = interpreted.Zip(compiled).TakeWhile(pair => pair.First != Comparison.Open && pair.Second != Comparison.Open).ToList();
        common.Select(pair => pair.Second).ShouldBe(common.Select(pair => pair.First), $"mutation {number}: {Convert.ToHexString(module)}");
        return ends;
    }

    // The bits of a computed not-a-number are open, and damaged modules do not hide them.
    private static bool HasFloats(WasmModule module)
    {
        foreach (var body in module.Code)
        {
            var reader = module.Read(body);
            while (reader.Read())
            {
                if (reader.Shape.Name.StartsWith('f') || reader.Shape.Name.Contains("_f", StringComparison.Ordinal))
                {
                    return true;
                }
            }
        }

        return false;
    }
}
