using Gtc.Wasm.SpecRunner;

namespace Gtc.Wasm.Tests;

/// <summary>A runner that passes everything would prove nothing.</summary>
public sealed class The_runner_finds_what_is_wrong
{
    [Theory]
    [InlineData("(assert_return (invoke \"one\") (i32.const 2))", "expected")]
    [InlineData("(assert_return (invoke \"nan\") (f32.const nan:canonical))", "expected")]
    [InlineData("(assert_return (invoke \"vector\") (v128.const i32x4 1 2 3 5))", "expected")]
    [InlineData("(assert_return (invoke \"trap\"))", "Trapped: unreachable")]
    [InlineData("(assert_trap (invoke \"one\") \"unreachable\")", "found Done")]
    [InlineData("(assert_trap (invoke \"trap\") \"integer overflow\")", "found Trapped \"unreachable\"")]
    [InlineData("(assert_exhaustion (invoke \"trap\") \"call stack exhausted\")", "found Trapped")]
    [InlineData("(assert_invalid (module (func)) \"type mismatch\")", "found Done")]
    [InlineData("(assert_malformed (module binary \"\\00asm\\01\\00\\00\\00\") \"unexpected end\")", "found Done")]
    [InlineData("(assert_unlinkable (module (func)) \"unknown import\")", "found Done")]
    [InlineData("(assert_trap (module (func)) \"unreachable\")", "found Done")]
    [InlineData("(module (import \"a\" \"b\" (func)))", "unknown import")]
    [InlineData("(invoke \"trap\")", "unreachable")]
    public void One_failure_is_counted_and_explained(string command, string why)
    {
        using var folder = WastFolder.OfText(Text(command));
        var counts = SpecRun.Run("reference", folder.Script);
        counts.Failures.ShouldHaveSingleItem().ShouldContain(why);
        counts.Passed.ShouldBe(1);
    }

    [Fact]
    public void Text_modules_are_skipped_with_the_reason()
    {
        using var folder = WastFolder.OfText(Text("(assert_malformed (module quote \"(func\") \"unexpected token\")"));
        var counts = SpecRun.Run("reference", folder.Script);
        counts.Skips.ShouldHaveSingleItem().Key.ShouldBe("modules in text format");
        counts.Failures.ShouldBeEmpty();
    }

    [Fact]
    public void The_program_says_what_it_counted()
    {
        using var folder = WastFolder.OfText(Text("(assert_return (invoke \"one\") (i32.const 2))"));
        using var output = new StringWriter();
        SpecRun.Start(["--engine", "reference", Path.GetDirectoryName(folder.Script)!], output).ShouldBe(1);
        output.ToString().ShouldContain("total of 1 files");
        output.ToString().ShouldContain("1 passed     1 failed     0 skipped");
        SpecRun.Start(["--engine", "none", Path.GetDirectoryName(folder.Script)!], output).ShouldBe(2);
        SpecRun.Start([], output).ShouldBe(2);
    }

    private static string Text(string command) =>
        $"""
        (module
          (func (export "one") (result i32) (i32.const 1))
          (func (export "nan") (result f32) (f32.const nan:0x200000))
          (func (export "vector") (result v128) (v128.const i32x4 1 2 3 4))
          (func (export "trap") (unreachable)))
        (assert_return (invoke "one") (i32.const 1))
        {command}
        """;
}
