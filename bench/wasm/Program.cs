using System.Globalization;
using Gtc.Wasm;
using Gtc.Wasm.Bench;

// components: measures components alone, in a process that compiled nothing before.
// NAME=ARGUMENT:FILE…: runs each module's "run", as node.mjs does beside it, then measures calls, instances and the first compilation of a large module.
if (args is not [var runs, .. var modules] || !int.TryParse(runs, CultureInfo.InvariantCulture, out var times))
{
    Console.Error.WriteLine("usage: Gtc.Wasm.Bench RUNS components|NAME=ARGUMENT:FILE…; bench/run wasm calls it");
    return 2;
}

if (modules is ["components"])
{
    ComponentBench.Run(times);
    return 0;
}

var engine = new WasmEngine(WasmLimits.Default);
foreach (var module in modules)
{
    var (name, argument, file) = Parse(module);
    using var store = new WasmStore(StoreLimits.Default);
    var instance = engine.Load(File.ReadAllBytes(file)).Value.Instantiate(store, new WasmImports()).Value;
    var run = instance.FindFunction("run")!;
    var results = new WasmValue[1];
    var best = Measure.Best(times, () => Check(run.Invoke([argument], results)));
    Measure.Print($"{name} {results[0].I32} {best.TotalMilliseconds}");
    if (instance.FindFunction("add") is { } add)
    {
        var typed = add.CreateDelegate<Func<int, int, int>>();
        const int Calls = 1_000_000;
        Measure.Print($"typed-call-ns 0 {Measure.Best(times, () => Measure.Repeat(Calls, () => typed(1, 2))).TotalNanoseconds / Calls}");
        Measure.Print($"list-call-ns 0 {Measure.Best(times, () => Measure.Repeat(Calls, () => add.Invoke([1, 2], results))).TotalNanoseconds / Calls}");
    }
}

var large = LargeModule.Bytes(1 << 20);
var compile = Measure.Best(1, () => engine.Load(large));
Measure.Print($"first-compile-1MiB {large.Length} {compile.TotalMilliseconds}");
Measure.Print($"next-compile-1MiB {large.Length} {Measure.Best(times, () => WasmEngine.Compile(WasmModule.Load(large, WasmLimits.Default).Value)).TotalMilliseconds}");
var code = engine.Load(large).Value;
var made = Measure.Best(times, () =>
{
    using var store = new WasmStore(StoreLimits.Default);
    code.Instantiate(store, new WasmImports());
});
Measure.Print($"instantiate-1MiB {large.Length} {made.TotalMilliseconds}");
return 0;

static (string Name, int Argument, string File) Parse(string module)
{
    var parts = module.Split(['=', ':'], 3);
    return (parts[0], int.Parse(parts[1], CultureInfo.InvariantCulture), parts[2]);
}

static void Check(WasmTrap? trap)
{
    if (trap is not null)
    {
        throw new WasmTrapException(trap);
    }
}
