using Gtc.Wasm.Components;

namespace Gtc.Wasm.Tests.Components;

public sealed class Guests_are_bounded_and_kept_apart
{
    private static readonly FunctionType Empty = new([], []);

    [Fact]
    public void Values_pass_from_guest_to_guest()
    {
        using var instance = Instance(Nested(inTheMiddle: EchoComponent.Of(WitType.Text, 1)), (_, arguments) => arguments[0]);
        var text = new ComponentValue.Text(new string('ü', 5000) + "🌍");
        instance.Invoke(null, "echo", [text], CallLimits.None, TestContext.Current.CancellationToken).Value.ShouldBe(text);
    }

    [Fact]
    public void A_trap_passes_through_every_guest_in_between()
    {
        using var instance = Instance(Nested(inTheMiddle: EchoComponent.Of(WitType.Text, 1)), (_, _) => throw HostCall.Trap("enough"));
        var error = instance.Invoke(null, "echo", [new ComponentValue.Text("x")], CallLimits.None, TestContext.Current.CancellationToken).Error;
        error!.Trap!.Kind.ShouldBe(TrapKind.ComponentRule);
        error.Message.ShouldBe("enough");
    }

    [Fact]
    public void Post_return_frees_what_a_call_used()
    {
        // The guest has four megabytes and its allocator only moves on: without post-return the room would be used up long before the end.
        using var instance = Instance(WithPostReturn(), (_, _) => null);
        var text = new ComponentValue.Text(new string('x', 10_000));
        for (var i = 0; i < 2_000; i++)
        {
            instance.Invoke(null, "take", [text], CallLimits.None, TestContext.Current.CancellationToken).Error.ShouldBeNull();
        }
    }

    [Fact]
    public void A_guest_without_end_is_stopped_by_its_deadline()
    {
        using var instance = Instance(Endless(), (_, _) => null);
        var error = instance.Invoke(null, "run", [], new CallLimits(TimeSpan.FromMilliseconds(20)), TestContext.Current.CancellationToken).Error;
        error!.Trap!.Kind.ShouldBe(TrapKind.DeadlineExceeded);
        instance.Invoke(null, "run", [], CallLimits.None, TestContext.Current.CancellationToken).Error!.Message.ShouldContain("trapped before");
    }

    [Fact]
    public void A_guest_without_end_is_stopped_by_its_caller()
    {
        using var instance = Instance(Endless(), (_, _) => null);
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        instance.Invoke(null, "run", [], CallLimits.None, cancelled.Token).Error!.Trap!.Kind.ShouldBe(TrapKind.Cancelled);
    }

    [Fact]
    public void A_component_cannot_be_called_while_it_runs()
    {
        IComponentInstance? instance = null;
        WasmError? inner = null;
        using var made = Instance(EchoComponent.Of(WitType.U32, 0), (_, arguments) =>
        {
            inner = instance!.Invoke(null, "echo", [arguments[0]], CallLimits.None, CancellationToken.None).Error;
            return arguments[0];
        });
        instance = made;
        made.Invoke(null, "echo", [new ComponentValue.Natural(1)], CallLimits.None, TestContext.Current.CancellationToken).Error.ShouldBeNull();
        inner!.Message.ShouldBe("a component instance was called while a call of it is running");
    }

    [Fact]
    public void More_memory_than_allowed_is_not_given()
    {
        var loaded = new ComponentEngine(WasmLimits.Default).Load(EchoComponent.Of(WitType.U32, 0)).Value;
        var linked = loaded.Link(new ComponentLinker { AllowMissing = true }).Value;
        var options = new ComponentOptions { Time = TimeProvider.System, Limits = StoreLimits.Default with { MemoryBytes = 1 << 20 } };
        linked.Instantiate(options, CallLimits.None, TestContext.Current.CancellationToken).Error!.Trap!.Kind.ShouldBe(TrapKind.ResourceExhausted);
    }

    private static byte[] Nested(byte[] inTheMiddle)
    {
        var writer = new ComponentWriter();
        var import = writer.ImportFunction("f", writer.Function([WitType.Text], WitType.Text));
        var inner = writer.Instantiate(writer.Component(inTheMiddle), ("f", (byte)1, import));
        var outer = writer.Instantiate(writer.Component(EchoComponent.Of(WitType.Text, 2)), ("f", (byte)1, writer.FunctionOf(inner, "echo")));
        writer.Export("echo", 1, writer.FunctionOf(outer, "echo"));
        return writer.ToArray();
    }

    private static byte[] WithPostReturn()
    {
        var writer = new ComponentWriter();
        var type = writer.Function([WitType.Text], null);
        var allocator = writer.InstantiateCore(writer.CoreModule(CoreModules.Allocator()));
        var memory = writer.CoreMemory(allocator, "memory");
        var realloc = writer.CoreFunction(allocator, "realloc");
        var reset = writer.CoreFunction(allocator, "reset");
        var module = CoreModules.Module(Empty, new FunctionType([ValueType.I32, ValueType.I32], []), new Bytes().Number(0));
        var run = writer.CoreFunction(writer.InstantiateCore(writer.CoreModule(module), ("host", writer.BundleCore(("f", (byte)0, reset)))), "run");
        writer.Export("take", 1, writer.Lift(run, ComponentWriter.Options(0, memory, realloc, reset), type));
        return writer.ToArray();
    }

    private static byte[] Endless()
    {
        var writer = new ComponentWriter();
        var type = writer.Function([], null);
        var none = writer.Lower(writer.ImportFunction("f", type), new Bytes().Number(0));
        var module = CoreModules.Module(Empty, Empty, new Bytes().Number(0).Add(0x03, 0x40, 0x0C, 0, 0x0B));
        var run = writer.CoreFunction(writer.InstantiateCore(writer.CoreModule(module), ("host", writer.BundleCore(("f", (byte)0, none)))), "run");
        writer.Export("run", 1, writer.Lift(run, new Bytes().Number(0), type));
        return writer.ToArray();
    }

    private static IComponentInstance Instance(byte[] bytes, HostHandler handler)
    {
        var loaded = new ComponentEngine(WasmLimits.Default).Load(bytes);
        loaded.Error.ShouldBeNull();
        var linker = new ComponentLinker();
        foreach (var import in loaded.Value.ImportItems)
        {
            linker.World.Function(import.Name, import.Functions[0].Type, handler);
        }

        return loaded.Value.Link(linker).Value.Instantiate(
            new ComponentOptions { Time = TimeProvider.System }, CallLimits.None, TestContext.Current.CancellationToken).Value;
    }
}
