namespace Gtc.Cli.Tests.Frame;

public class A_wrong_command_line_exits_with_2
{
    [Theory]
    [InlineData("po", "gtc: `po` is not a command of `gtc`\n  did you mean  gtc op\n  next          gtc --help\n")]
    [InlineData("op thign make", "gtc: `thign` is not a command of `gtc op`\n  did you mean  gtc op thing\n  next          gtc op --help\n")]
    [InlineData("op thing destroy", "gtc: `destroy` is not a command of `gtc op thing`\n  choose        make\n  next          gtc op thing --help\n")]
    [InlineData("op thing", "gtc: `gtc op thing` needs one more word\n  choose        make\n  next          gtc op thing --help\n")]
    [InlineData("op thing make --nmae x", "gtc: `gtc op thing make` has no flag `--nmae`\n  did you mean  --name\n  next          gtc op thing make --help\n")]
    [InlineData("op thing make --stor-root=x", "gtc: `gtc op thing make` has no flag `--stor-root`\n  did you mean  --store-root\n  next          gtc op thing make --help\n")]
    [InlineData("op thing make local other name=x size=1", "gtc: `gtc op thing make` takes no word `other`\n  next          gtc op thing make --help\n")]
    [InlineData("op thing make --name", "gtc: Required argument missing for option: '--name'\n  next          gtc op thing make --help\n")]
    public async Task And_says_in_text_what_is_wrong_and_what_is_near(string line, string expected)
    {
        using var cli = new TestCli { Groups = FakeOp.Groups };
        var run = await cli.RunAsync(line);
        run.Exit.ShouldBe(2);
        run.Stdout.ShouldBeEmpty();
        run.Stderr.ShouldBe(expected);
    }

    [Fact]
    public async Task An_unknown_flag_is_one_even_when_output_is_json()
    {
        using var cli = new TestCli { Groups = FakeOp.Groups };
        var run = await cli.RunAsync("op thing make name=x size=1 --format json --bogus");
        run.Exit.ShouldBe(2);
        run.Stderr.ShouldStartWith("gtc: `gtc op thing make` has no flag `--bogus`");
    }

    [Fact]
    public async Task An_unknown_output_format_is_one()
    {
        using var cli = new TestCli { Groups = FakeOp.Groups };
        (await cli.RunAsync("op thing make --format yaml")).Exit.ShouldBe(2);
    }

    [Fact]
    public async Task Behind_two_dashes_a_word_may_look_like_a_flag()
    {
        using var cli = new TestCli { Groups = FakeOp.Groups };
        var run = await cli.RunAsync("op thing make name=x size=1 -- --env");
        run.Exit.ShouldBe(0, run.Stderr);
        run.Result.GetProperty("environment_id").GetString().ShouldBe("--env");
    }
}
