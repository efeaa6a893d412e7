using System.Runtime.Intrinsics;

namespace Gtc.Wasm.Tests;

public sealed class Host_functions_are_called
{
    [Fact]
    public void With_every_type_through_typed_delegates()
    {
        using var store = Guest.Store();
        var given = new object();
        object?[] seen = [];
        var take = WasmFunction.FromDelegate(store, (int a, ulong b, float c, double d, Vector128<byte> e, object? f) =>
        {
            seen = [a, b, c, d, e, f];
            return -1L;
        });
        take.Type.ToString().ShouldBe("[i32 i64 f32 f64 v128 externref] -> [i64]");
        var instance = Guest.Run("""
            (module
              (import "host" "take" (func $take (param i32 i64 f32 f64 v128 externref) (result i64)))
              (func (export "give") (param externref) (result i64)
                (call $take (i32.const -3) (i64.const -1) (f32.const 1.5) (f64.const -0.0) (v128.const i32x4 1 2 3 4) (local.get 0))))
            """, store, new WasmImports().Add("host", "take", take));
        instance.Call("give", WasmValue.External(given)).I64.ShouldBe(-1);
        seen.ShouldBe([-3, ulong.MaxValue, 1.5f, -0.0, Vector128.Create(1, 2, 3, 4).AsByte(), given]);
    }

    [Fact]
    public void With_lists_of_values_and_several_results()
    {
        using var store = Guest.Store();
        var type = new FunctionType([ValueType.I32, ValueType.F64], [ValueType.F64, ValueType.I32, ValueType.ExternRef]);
        var swap = WasmFunction.FromHost(store, type, (arguments, results) =>
        {
            results[2].Reference.ShouldBeNull("results start as zero");
            results[0] = arguments[1].F64 + 1;
            results[1] = arguments[0].I32 * 2;
            results[2] = WasmValue.External("text");
        });
        var instance = Guest.Run("""
            (module
              (import "host" "swap" (func $swap (param i32 f64) (result f64 i32 externref)))
              (func (export "swap") (param i32 f64) (result f64 i32 externref) (call $swap (local.get 0) (local.get 1))))
            """, store, new WasmImports().Add("host", "swap", swap));
        var results = new WasmValue[3];
        for (var time = 0; time < 3; time++)
        {
            instance.FindFunction("swap")!.Invoke([21, 2.5], results).ShouldBeNull();
            results[0].F64.ShouldBe(3.5);
            results[1].I32.ShouldBe(42);
            results[2].Reference.ShouldBe("text");
        }
    }

    [Fact]
    public void And_what_they_throw_is_a_trap_that_names_it()
    {
        using var store = Guest.Store();
        var failures = new Queue<Exception>(
            [new InvalidDataException("broken"), new DivideByZeroException(), new WasmTrapException(new WasmTrap(TrapKind.Unreachable, "asked for")), new OperationCanceledException()]);
        var fail = WasmFunction.FromDelegate(store, (Action)(() => throw failures.Dequeue()));
        var instance = Guest.Run("""(module (import "host" "fail" (func $fail)) (func (export "fail") (call $fail)))""", store, new WasmImports().Add("host", "fail", fail));
        var first = instance.Trap("fail");
        first.Kind.ShouldBe(TrapKind.HostError);
        first.Exception.ShouldBeOfType<InvalidDataException>();
        first.Message.ShouldContain("broken");
        instance.Trap("fail").Kind.ShouldBe(TrapKind.HostError, "an exception of the host is not taken for one of compiled code");
        instance.Trap("fail").Message.ShouldBe("asked for");
        instance.Trap("fail").Kind.ShouldBe(TrapKind.Cancelled);
    }

    [Fact]
    public void Without_allocating()
    {
        using var store = Guest.Store();
        var add = WasmFunction.FromDelegate(store, (int a, int b) => a + b);
        var twice = WasmFunction.FromHost(store, new FunctionType([ValueType.I32], [ValueType.I32]), (arguments, results) => results[0] = arguments[0].I32 * 2);
        var instance = Guest.Run("""
            (module
              (import "host" "add" (func $add (param i32 i32) (result i32)))
              (import "host" "twice" (func $twice (param i32) (result i32)))
              (func (export "f") (param i32) (result i32) (call $add (local.get 0) (call $twice (local.get 0)))))
            """, store, new WasmImports().Add("host", "add", add).Add("host", "twice", twice));
        var function = instance.FindFunction("f")!;
        var typed = function.CreateDelegate<Func<int, int>>();
        var results = new WasmValue[1];
        Repeat();
        var before = GC.GetAllocatedBytesForCurrentThread();
        Repeat();
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);

        void Repeat()
        {
            WasmValue argument = 7;
            for (var time = 0; time < 100; time++)
            {
                function.Invoke(new ReadOnlySpan<WasmValue>(in argument), results);
                typed(7);
            }
        }
    }

    [Fact]
    public void Through_delegates_of_guests_that_throw_traps()
    {
        using var store = Guest.Store();
        var instance = Guest.Run("(module (func (export \"divide\") (param i32 i32) (result i32) (i32.div_s (local.get 0) (local.get 1))))", store);
        var divide = instance.FindFunction("divide")!.CreateDelegate<Func<int, int, int>>();
        divide(7, 2).ShouldBe(3);
        Should.Throw<WasmTrapException>(() => divide(7, 0)).Trap.Kind.ShouldBe(TrapKind.IntegerDivideByZero);
        Should.Throw<WasmTrapException>(() => divide(int.MinValue, -1)).Trap.Kind.ShouldBe(TrapKind.IntegerOverflow);
        Should.Throw<ArgumentException>(() => instance.FindFunction("divide")!.CreateDelegate<Func<int, int>>()).Message.ShouldContain("[i32 i32] -> [i32]");
        Should.Throw<ArgumentException>(() => WasmFunction.FromDelegate(store, (string text) => { })).Message.ShouldContain("String");
    }

    [Fact]
    public void But_not_with_what_would_break_the_guest()
    {
        using var store = Guest.Store();
        using var other = Guest.Store();
        var foreign = WasmFunction.FromDelegate(other, () => { });
        var instance = Guest.Run("(module (table (export \"t\") 1 funcref) (func (export \"f\") (param funcref)) (func (export \"g\") (param i32) (result i32) (local.get 0)))", store);
        Should.Throw<ArgumentException>(() => instance.FindFunction("f")!.Invoke([WasmValue.External("no function")], []));
        Should.Throw<ArgumentException>(() => instance.FindFunction("f")!.Invoke([WasmValue.Function(foreign)], []));
        Should.Throw<ArgumentException>(() => instance.FindTable("t")!.TrySet(0, WasmValue.Function(foreign)));
        Should.Throw<ArgumentException>(() => instance.FindFunction("g")!.Invoke([], new WasmValue[1]));
        Should.Throw<ArgumentException>(() => instance.FindFunction("g")!.Invoke([1], []));
        store.Dispose();
        Should.Throw<ObjectDisposedException>(() => instance.FindFunction("g")!.Invoke([1], new WasmValue[1]));
    }
}
