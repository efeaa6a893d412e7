namespace Gtc.Wasm.Tests;

public sealed class Tail_calls_keep_the_stack
{
    private const int Times = 1_000_000;

    [Theory]
    [InlineData("direct")]
    [InlineData("indirect")]
    [InlineData("more arguments")]
    public void A_million_deep(string function)
    {
        using var store = Guest.Store();
        var instance = Guest.Run("""
            (module
              (type $count (func (param i32) (result i32)))
              (table funcref (elem $indirect))
              (func $direct (export "direct") (type $count)
                (if (i32.eqz (local.get 0)) (then (return (i32.const 3))))
                (return_call $direct (i32.sub (local.get 0) (i32.const 1))))
              (func $indirect (export "indirect") (type $count)
                (if (i32.eqz (local.get 0)) (then (return (i32.const 3))))
                (return_call_indirect (type $count) (i32.sub (local.get 0) (i32.const 1)) (i32.const 0)))
              (func $few (export "more arguments") (type $count)
                (if (i32.eqz (local.get 0)) (then (return (i32.const 3))))
                (return_call $many (local.get 0) (i64.const 1) (i64.const 2) (i64.const 3) (i64.const 4) (i64.const 5) (i64.const 6) (i64.const 7) (i64.const 8) (i64.const 9)))
              (func $many (param i32 i64 i64 i64 i64 i64 i64 i64 i64 i64) (result i32)
                (return_call $few (i32.sub (local.get 0) (i32.wrap_i64 (local.get 1))))))
            """, store);
        instance.Call(function, Times).I32.ShouldBe(3);
    }
}
