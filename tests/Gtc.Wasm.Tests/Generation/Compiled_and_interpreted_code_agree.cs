using System.Globalization;
using Gtc.Wasm.Reference;
using Gtc.Wasm.SpecRunner;

namespace Gtc.Wasm.Tests;

/// <summary>Modules made from seeds behave the same when they are compiled and when they are interpreted: results, traps, memory.</summary>
public sealed class Compiled_and_interpreted_code_agree
{
    // GTC_WASM_MODULES makes more of them; eng/fuzz-wasm asks for 10,000.
    private static int Count => int.Parse(Environment.GetEnvironmentVariable("GTC_WASM_MODULES") ?? "200", CultureInfo.InvariantCulture);

    [Fact]
    public void On_generated_modules()
    {
        var trapped = 0;
        var done = 0;
        for (var seed = 0; seed < Count; seed++)
        {
            var module = RandomModule.From(seed);
            WasmModule.Load(module, WasmLimits.Default).Error.ShouldBeNull($"seed {seed}");
            var interpreted = Comparison.Run(new ReferenceEngine(new StepCounter(20_000_000)), module, seed);
            using var engine = new CompilerEngine(StoreLimits.Default);
            Comparison.Run(engine, module, seed).ShouldBe(interpreted, $"seed {seed}");
            trapped += interpreted.Count(line => line.Contains(": Trapped", StringComparison.Ordinal));
            done += interpreted.Count(line => line.Contains(": Done", StringComparison.Ordinal));
        }

        done.ShouldBeGreaterThan(Count, "most calls have results");
        trapped.ShouldBeGreaterThan(Count / 4, "some calls trap");
    }

    [Fact]
    public void Generated_modules_use_every_kind_of_instruction()
    {
        var used = new HashSet<Opcode>();
        for (var seed = 0; seed < 400; seed++)
        {
            var module = WasmModule.Load(RandomModule.From(seed), WasmLimits.Default).Value;
            foreach (var body in module.Code)
            {
                var reader = module.Read(body);
                while (reader.Read())
                {
                    used.Add(reader.Opcode);
                }
            }
        }

        var missing = Enum.GetValues<Opcode>().Except(used).ToList();
        missing.ShouldBeSubsetOf([Opcode.ReturnCallIndirect, Opcode.BrTable, Opcode.Return, Opcode.TableGet], "the cases in wast have these");
    }
}
