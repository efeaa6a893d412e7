using System.Globalization;
using System.Security.Cryptography;
using Gtc.Wasm.Components;
using Gtc.Wasm.Tests.Components;
using Gtc.Wasm.Tests.Wasi;
using Gtc.Wasm.Wasi;

namespace Gtc.Wasm.Tests;

/// <summary>Whatever the bytes of a component are: a refusal that says why, a trap, or a result. Never a crash or a hang.</summary>
public sealed class Damaged_components_are_refused_or_run
{
    private static readonly ComponentOptions Small = new() { Time = TimeProvider.System, Limits = StoreLimits.Default with { MemoryBytes = 16 << 20 } };

    // A guest that was given a loop has no end of its own.
    private static readonly CallLimits Within = new(TimeSpan.FromMilliseconds(50));

    private readonly ComponentEngine _engine = new(WasmLimits.Default);

    // GTC_WASM_COMPONENT_MUTATIONS makes more of them; eng/fuzz-wasm asks for 500,000.
    private static int Count => int.Parse(Environment.GetEnvironmentVariable("GTC_WASM_COMPONENT_MUTATIONS") ?? "4000", CultureInfo.InvariantCulture);

    [Fact]
    public void Of_every_kind()
    {
        var originals = Originals();
        var random = new Random(20_261_121);
        var (refused, ran) = (0, 0);
        for (var number = 0; number < Count; number++)
        {
            var (bytes, linker) = originals[random.Next(originals.Count)];
            var other = originals[random.Next(originals.Count)].Bytes;
            var damaged = random.Next(2) == 0 ? Mutation.Of(bytes, other, random) : Mutation.OfSections(bytes, other, random);
            _ = Run(damaged, linker, number) ? ran++ : refused++;
        }

        refused.ShouldBeGreaterThan(Count / 10);
        ran.ShouldBeGreaterThan(Count / 100);
        TestContext.Current.SendDiagnosticMessage($"{refused} refused, {ran} ran");
    }

    private static List<(byte[] Bytes, ComponentLinker Linker)> Originals()
    {
        var originals = new List<(byte[], ComponentLinker)> { (CounterComponent.Bytes(), Linker(new WitFunctionType(["paa"], [WitType.U32], null))) };
        for (var seed = 0; seed < 12; seed++)
        {
            var type = new RandomValues(seed).Type(seed % 4);
            originals.Add((EchoComponent.Of(type, (byte)(seed % 3)), Linker(new WitFunctionType(["paa"], [type], type))));
        }

        originals.Add((ForwardComponent.Bytes("wasi:random/random@0.2.0", "get-random-bytes", [("len", WitType.U64)], WitType.ListOf(WitType.U8)), Linker(null)));
        originals.Add((ForwardComponent.Bytes("wasi:cli/environment@0.2.3", "get-arguments", [], WitType.ListOf(WitType.Text)), Linker(null)));
        originals.Add((Nested(), Linker(new WitFunctionType(["paa"], [WitType.Text], WitType.Text))));
        return originals;
    }

    private static ComponentLinker Linker(WitFunctionType? function)
    {
        var linker = WasiHost.AddTo(new ComponentLinker { AllowMissing = true });
        if (function is not null)
        {
            linker.World.Function("f", function, (_, arguments) => function.Result is null ? null : arguments[0]);
        }

        return linker;
    }

    // The import of the outer one reaches the inner one, whose function the outer one exports.
    private static byte[] Nested()
    {
        var writer = new ComponentWriter();
        var import = writer.ImportFunction("f", writer.Function([WitType.Text], WitType.Text));
        var inner = writer.Instantiate(writer.Component(EchoComponent.Of(WitType.Text, 0)), ("f", (byte)1, import));
        writer.Export("echo", 1, writer.FunctionOf(inner, "echo"));
        return writer.ToArray();
    }

    // True when it was accepted and whatever it has to run ran, to its end, to a trap or to the end of its time.
    private bool Run(byte[] bytes, ComponentLinker linker, int number)
    {
        try
        {
            using var system = new WasiContext(WasiGrants.None, TimeProvider.System, RandomNumberGenerator.Fill);
            if (!_engine.Load(bytes).TryGet(out var component, out var error) || !component.Link(linker).TryGet(out var linked, out error))
            {
                error.Message.ShouldNotBeNullOrEmpty();
                return false;
            }

            if (!linked.Instantiate(Small with { State = [system] }, Within, TestContext.Current.CancellationToken).TryGet(out var instance, out error))
            {
                error.Trap.ShouldNotBeNull();
                return true;
            }

            using (instance)
            {
                Call(component, instance, number);
            }

            return true;
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            throw new InvalidOperationException($"mutation {number}: {Convert.ToHexString(bytes)}", exception);
        }
    }

    private static void Call(IComponent component, IComponentInstance instance, int number)
    {
        var values = new RandomValues(number);
        foreach (var export in component.ExportItems)
        {
            foreach (var (name, type) in export.Functions.Where(function => !function.Type.Parameters.Any(HasHandle)))
            {
                var answer = instance.Invoke(
                    export.Kind == "function" ? null : export.Name, name, [.. type.Parameters.Select(values.Value)], Within, TestContext.Current.CancellationToken);
                answer.Error?.Trap.ShouldNotBeNull();
            }
        }
    }

    private static bool HasHandle(WitType type) => type switch
    {
        WitType.Handle => true,
        WitType.List list => HasHandle(list.Element),
        WitType.Product product => product.Parts.Any(HasHandle),
        WitType.Sum sum => sum.Payloads.Any(payload => payload is not null && HasHandle(payload)),
        _ => false,
    };
}
