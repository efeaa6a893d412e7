namespace Gtc.Wasm.Tests;

public sealed class Guests_are_stopped
{
    private const string Endless = """
        (module
          (import "host" "started" (func $started))
          (memory 1)
          (func (export "loop") (call $started) (loop (br 0)))
          (func $a (call $b)) (func $b (call $a))
          (func (export "recurse") (call $started) (call $a))
          (func $t (return_call $t))
          (func (export "tail") (call $started) (return_call $t))
          (func (export "copy") (call $started) (loop (memory.fill (i32.const 0) (i32.const 1) (i32.const 65536)) (br 0)))
          (func (export "seven") (result i32) (i32.const 7)))
        """;

    [Theory]
    [InlineData("loop")]
    [InlineData("tail")]
    [InlineData("copy")]
    public async Task From_another_thread(string function)
    {
        using var store = Guest.Store();
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var instance = Guest.Run(Endless, store, new WasmImports().Add("host", "started", WasmFunction.FromDelegate(store, started.SetResult)));
        var running = Task.Run(() => instance.Trap(function), TestContext.Current.CancellationToken);
        await started.Task;
        store.Interrupt(TrapKind.Cancelled);
        (await running).Kind.ShouldBe(TrapKind.Cancelled);
        instance.Trap("loop").Kind.ShouldBe(TrapKind.Cancelled, "an interruption lasts until it is cleared");
        store.ClearInterruption();
        instance.Call("seven").I32.ShouldBe(7);
    }

    [Fact]
    public void By_a_deadline()
    {
        using var store = Guest.Store();
        var instance = Guest.Run(Endless, store, new WasmImports().Add("host", "started", WasmFunction.FromDelegate(store, () => { })));
        using (store.Bound(TimeSpan.FromMilliseconds(20), TimeProvider.System, TestContext.Current.CancellationToken))
        {
            instance.Trap("loop").Kind.ShouldBe(TrapKind.DeadlineExceeded);
        }

        instance.Call("seven").I32.ShouldBe(7);
    }

    [Fact]
    public void By_cancellation_from_within_the_host()
    {
        using var store = Guest.Store();
        using var source = new CancellationTokenSource();
        var instance = Guest.Run(Endless, store, new WasmImports().Add("host", "started", WasmFunction.FromDelegate(store, () => source.Cancel())));
        using (store.Bound(null, TimeProvider.System, source.Token))
        {
            instance.Trap("loop").Kind.ShouldBe(TrapKind.Cancelled);
        }

        instance.Call("seven").I32.ShouldBe(7);
    }

    [Fact]
    public void When_they_recurse_without_end_and_can_be_called_again()
    {
        using var store = Guest.Store();
        var instance = Guest.Run(Endless, store, new WasmImports().Add("host", "started", WasmFunction.FromDelegate(store, () => { })));
        for (var time = 0; time < 3; time++)
        {
            instance.Trap("recurse").Kind.ShouldBe(TrapKind.CallStackExhausted);
            instance.Call("seven").I32.ShouldBe(7);
        }
    }

    [Fact]
    public void When_they_recurse_through_the_host()
    {
        using var store = Guest.Store();
        WasmInstance? instance = null;
        var depth = 0;
        var again = WasmFunction.FromDelegate(store, () =>
        {
            depth++;
            if (instance!.FindFunction("again")!.Invoke() is { } trap)
            {
                throw new WasmTrapException(trap);
            }
        });
        instance = Guest.Run("""(module (import "host" "again" (func $again)) (func (export "again") (call $again)))""", store, new WasmImports().Add("host", "again", again));
        instance.Trap("again").Kind.ShouldBe(TrapKind.CallStackExhausted);
        depth.ShouldBeGreaterThan(100);
    }

    [Theory]
    [InlineData(512 << 10)]
    [InlineData(1 << 20)]
    [InlineData(8 << 20)]
    public void Wherever_their_threads_stack_ends(int stackBytes)
    {
        var trap = default(WasmTrap);
        var thread = new Thread(
            () =>
            {
                using var store = Guest.Store(new StoreLimits { StackBytes = 1 << 30 });
                trap = Guest.Run("(module (func $f (export \"f\") (param v128 v128 i64) (result i32) (i32.add (call $f (local.get 1) (local.get 0) (local.get 2)) (i32.const 1))))", store)
                    .Trap("f", default, default, default);
            },
            stackBytes);
        thread.Start();
        thread.Join();
        trap.ShouldNotBeNull().Kind.ShouldBe(TrapKind.CallStackExhausted);
    }

    [Fact]
    public void Before_a_frame_that_does_not_fit_is_entered()
    {
        // Each call leaves a thousand vectors on the operand stack, so the frame needs most of a megabyte.
        var many = $"""
            (module
              (func $many (result {Repeat("v128 ", 1000)}) (local v128) {Repeat("local.get 0 ", 1000)})
              (func $large (export "large") (param i32) (result i32)
                {Repeat("call $many ", 50)} {Repeat("drop ", 50_000)}
                (if (result i32) (local.get 0) (then (call $large (i32.sub (local.get 0) (i32.const 1)))) (else (i32.const 5)))))
            """;
        var code = Guest.Code(many);
        WasmTrap? small = null, deep = null;
        WasmValue[] results = [default];
        OnStack(768 << 10, store => small = Large(store).Invoke([0], results));
        small.ShouldNotBeNull().Kind.ShouldBe(TrapKind.CallStackExhausted);
        OnStack(16 << 20, store => small = Large(store).Invoke([1], results));
        small.ShouldBeNull();
        results[0].I32.ShouldBe(5);
        OnStack(16 << 20, store => deep = Large(store).Invoke([1000], results));
        deep.ShouldNotBeNull().Kind.ShouldBe(TrapKind.CallStackExhausted);

        WasmFunction Large(WasmStore store) => code.Instantiate(store, new WasmImports()).Value.FindFunction("large")!;
    }

    private static string Repeat(string text, int count) => string.Concat(Enumerable.Repeat(text, count));

    private static void OnStack(int stackBytes, Action<WasmStore> action)
    {
        var thread = new Thread(
            () =>
            {
                using var store = Guest.Store(new StoreLimits { StackBytes = 1 << 30 });
                action(store);
            },
            stackBytes);
        thread.Start();
        thread.Join();
    }
}
