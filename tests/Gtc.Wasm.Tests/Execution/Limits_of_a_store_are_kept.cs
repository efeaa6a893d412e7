namespace Gtc.Wasm.Tests;

public sealed class Limits_of_a_store_are_kept
{
    private const string Growing = """
        (module (memory (export "m") 1) (table (export "t") 1 funcref)
          (func (export "memory") (param i32) (result i32) (memory.grow (local.get 0)))
          (func (export "table") (param i32) (result i32) (table.grow 0 (ref.null func) (local.get 0)))
          (func (export "last") (param i32) (result i32) (i32.store8 (local.get 0) (i32.const 5)) (i32.load8_u (local.get 0))))
        """;

    [Fact]
    public void Memories_grow_up_to_them_in_place()
    {
        using var store = Guest.Store(new StoreLimits { MemoryBytes = 10 * 65_536 });
        var instance = Guest.Run(Growing, store);
        var memory = instance.FindMemory("m")!;
        memory.TrySpan(0, 65_536, out var first).ShouldBeTrue();
        first[100] = 9;
        instance.Call("memory", 9).I32.ShouldBe(1);
        instance.Call("memory", 1).I32.ShouldBe(-1);
        instance.Call("memory", -1).I32.ShouldBe(-1);
        store.MemoryBytes.ShouldBe(10 * 65_536);
        first[100].ShouldBe((byte)9, "a span stays valid when the memory grows");
        instance.Call("last", (10 * 65_536) - 1).I32.ShouldBe(5);
        instance.Trap("last", 10 * 65_536).Kind.ShouldBe(TrapKind.MemoryOutOfBounds);
        instance.Trap("last", -1).Kind.ShouldBe(TrapKind.MemoryOutOfBounds);
        memory.TrySpan(10 * 65_536, 1, out _).ShouldBeFalse();
        memory.TrySpan(ulong.MaxValue, 2, out _).ShouldBeFalse();
        memory.TrySpan(10 * 65_536, 0, out _).ShouldBeTrue();
    }

    [Fact]
    public void Instances_share_them()
    {
        using var store = Guest.Store(new StoreLimits { MemoryBytes = 3 * 65_536, TableElements = 3, Instances = 3 });
        var code = Guest.Code(Growing);
        var first = code.Instantiate(store, new WasmImports()).Value;
        var second = code.Instantiate(store, new WasmImports()).Value;
        first.Call("memory", 1).I32.ShouldBe(1);
        second.Call("memory", 1).I32.ShouldBe(-1);
        second.Call("table", 1).I32.ShouldBe(1);
        first.Call("table", 1).I32.ShouldBe(-1);
        code.Instantiate(store, new WasmImports()).Error!.Kind.ShouldBe(WasmErrorKind.TooLarge);
        Guest.Code("(module)").Instantiate(store, new WasmImports()).Error!.Message.ShouldContain("3 instances");
    }

    [Fact]
    public void A_closed_store_gives_its_memory_back()
    {
        var store = Guest.Store();
        var instance = Guest.Run(Growing, store);
        var memory = instance.FindMemory("m")!;
        store.Dispose();
        memory.ByteLength.ShouldBe(0UL);
        memory.TrySpan(0, 1, out _).ShouldBeFalse();
        memory.Grow(1).ShouldBe(-1);
        store.Dispose();
    }

    [Fact]
    public void A_store_is_not_closed_under_a_running_guest()
    {
        var store = Guest.Store();
        var close = WasmFunction.FromDelegate(store, store.Dispose);
        var instance = Guest.Run("""(module (import "host" "close" (func $close)) (func (export "f") (call $close)))""", store, new WasmImports().Add("host", "close", close));
        instance.Trap("f").Exception.ShouldBeOfType<InvalidOperationException>();
        store.IsDisposed.ShouldBeFalse();
        store.Dispose();
    }

    [Fact]
    public void Linking_says_what_does_not_fit()
    {
        using var store = Guest.Store();
        using var other = Guest.Store();
        var code = Guest.Code("""(module (import "a" "f" (func (param i32))))""");
        code.Instantiate(store, new WasmImports()).Error!.ToString().ShouldContain("unknown import");
        var wrong = code.Instantiate(store, new WasmImports().Add("a", "f", WasmFunction.FromDelegate(store, () => { }))).Error!;
        wrong.Kind.ShouldBe(WasmErrorKind.Unlinkable);
        wrong.Message.ShouldContain("[i32] -> []");
        code.Instantiate(store, new WasmImports().Add("a", "f", WasmFunction.FromDelegate(other, (int a) => { }))).Error!.Message.ShouldContain("another store");
        var trapped = Guest.Code("(module (func $start unreachable) (start $start))").Instantiate(store, new WasmImports()).Error!;
        trapped.Kind.ShouldBe(WasmErrorKind.Trapped);
        trapped.Trap!.Kind.ShouldBe(TrapKind.Unreachable);
    }
}
