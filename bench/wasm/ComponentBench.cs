using Gtc.Wasm.Components;

namespace Gtc.Wasm.Bench;

/// <summary>What components cost: compiling one, making an instance, calling it.</summary>
internal static class ComponentBench
{
    private const int Size = 1 << 20;
    private const int Calls = 100_000;

    private static readonly FunctionBinding<string, string> Echo = new(null, "echo", Codecs.Parameters(Codecs.Text), Codecs.Text);
    private static readonly ComponentOptions Options = new() { Time = TimeProvider.System };

    /// <summary>Prints one line per figure.</summary>
    /// <param name="times">Of how many runs the best counts.</param>
    public static void Run(int times)
    {
        // The published executable has the engine compiled ahead; here a small component makes that happen first. An instance is what makes code.
        var engine = new ComponentEngine(WasmLimits.Default);
        Measure.Print($"component-engine-start 0 {Measure.Best(1, () => Instantiate(Load(engine, BenchComponents.Echo()))).TotalMilliseconds}");
        var bytes = BenchComponents.Large(Size);
        var first = Measure.Best(1, () => Instantiate(Load(engine, bytes)));
        Measure.Print($"component-first-1MiB {bytes.Length} {first.TotalMilliseconds}");
        Measure.Print($"component-again-1MiB {bytes.Length} {Measure.Best(times, () => Instantiate(Load(new ComponentEngine(WasmLimits.Default), bytes))).TotalMilliseconds}");
        var large = Load(engine, bytes);
        Measure.Print($"component-instance-1MiB {bytes.Length} {Measure.Best(times, () => Instantiate(large)).TotalMilliseconds}");

        using var instance = Load(engine, BenchComponents.Echo()).Instantiate(Options, CallLimits.None, CancellationToken.None).Value;
        var text = new string('x', 1024);
        if (instance.Invoke(Echo, text, CallLimits.None, CancellationToken.None).Value != text)
        {
            throw new InvalidOperationException("The component did not give back what it got.");
        }

        Call("component-call-1KiB-ns", CallLimits.None);
        Call("component-bounded-call-1KiB-ns", new CallLimits(TimeSpan.FromMinutes(1)));

        void Call(string name, CallLimits limits)
        {
            var best = Measure.Best(times, () => Measure.Repeat(Calls, () => _ = instance.Invoke(Echo, text, limits, CancellationToken.None).Value));
            Measure.Print($"{name} {Calls} {best.TotalNanoseconds / Calls}");
        }
    }

    private static ILinkedComponent Load(ComponentEngine engine, byte[] bytes) => engine.Load(bytes).Value.Link(new ComponentLinker()).Value;

    private static void Instantiate(ILinkedComponent component) => component.Instantiate(Options, CallLimits.None, CancellationToken.None).Value.Dispose();
}
