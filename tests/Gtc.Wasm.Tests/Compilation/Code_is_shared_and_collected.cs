using System.Runtime.CompilerServices;

namespace Gtc.Wasm.Tests;

public sealed class Code_is_shared_and_collected
{
    [Fact]
    public void The_same_bytes_are_compiled_once_while_their_code_is_used()
    {
        var engine = new WasmEngine(WasmLimits.Default);
        var bytes = Guest.Bytes("(module (func (export \"f\") (result i32) (i32.const 1)))");
        var first = engine.Load(bytes).Value;
        engine.Load(bytes.ToArray()).Value.ShouldBeSameAs(first);
        engine.Load(Guest.Bytes("(module)")).Value.ShouldNotBeSameAs(first);
    }

    [Fact]
    public void Code_and_memories_go_when_nothing_uses_them()
    {
        var bytes = Guest.Bytes("(module (memory 1) (func (export \"f\") (result i32) (i32.load (i32.const 0))))");
        var (code, store, function) = Use(bytes);
        for (var turn = 0; turn < 50 && (code.IsAlive || store.IsAlive || function.IsAlive); turn++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        code.IsAlive.ShouldBeFalse();
        store.IsAlive.ShouldBeFalse("a store that nobody closed is collected with its memory");
        function.IsAlive.ShouldBeFalse();
    }

    [Fact]
    public void Instances_of_one_code_share_nothing_else()
    {
        var code = Guest.Code("(module (global $g (mut i32) (i32.const 0)) (func (export \"next\") (result i32) (global.set $g (i32.add (global.get $g) (i32.const 1))) (global.get $g)))");
        using var one = Guest.Store();
        using var two = Guest.Store();
        var first = code.Instantiate(one, new WasmImports()).Value;
        var second = code.Instantiate(two, new WasmImports()).Value;
        first.Call("next").I32.ShouldBe(1);
        first.Call("next").I32.ShouldBe(2);
        second.Call("next").I32.ShouldBe(1);
    }

    [Fact]
    public void Many_threads_may_use_one_code()
    {
        var code = Guest.Code("""
            (module
              (func $f (export "f") (param i32) (result i32)
                (if (result i32) (i32.lt_s (local.get 0) (i32.const 2)) (then (local.get 0))
                  (else (i32.add (call $f (i32.sub (local.get 0) (i32.const 1))) (call $f (i32.sub (local.get 0) (i32.const 2))))))))
            """);
        Parallel.For(0, 16, new ParallelOptions { CancellationToken = TestContext.Current.CancellationToken }, _ =>
        {
            using var store = Guest.Store();
            code.Instantiate(store, new WasmImports()).Value.Call("f", 15).I32.ShouldBe(610);
        });
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static (WeakReference Code, WeakReference Store, WeakReference Function) Use(byte[] bytes)
    {
        var code = new WasmEngine(WasmLimits.Default).Load(bytes).Value;
        var store = Guest.Store();
        var instance = code.Instantiate(store, new WasmImports()).Value;
        instance.Call("f").I32.ShouldBe(0);
        return (new WeakReference(code), new WeakReference(store), new WeakReference(instance.FindFunction("f")));
    }
}
