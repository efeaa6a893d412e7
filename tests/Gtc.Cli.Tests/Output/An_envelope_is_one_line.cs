namespace Gtc.Cli.Tests.Output;

public class An_envelope_is_one_line
{
    [Fact]
    public async Task Success_goes_to_standard_output_and_nothing_else_does()
    {
        using var cli = new TestCli { Groups = FakeOp.Groups };
        var run = await cli.RunWordsAsync("op", "thing", "make", "name=ünï\"<>&\n", "size=1");
        run.Stderr.ShouldBeEmpty();
        run.Stdout.ShouldBe("""{"op":"make","noun":"thing","result":{"name":"ünï\"<>&\n","size":1,"is_loud":false,"tags":[],"parts":[]}}""" + "\n");
    }

    [Fact]
    public async Task A_refusal_goes_to_standard_error_with_all_its_parts()
    {
        using var cli = new TestCli { Groups = FakeOp.Groups };
        var run = await cli.RunAsync("op thing make name=refused size=1");
        run.Exit.ShouldBe(1);
        run.Stdout.ShouldBeEmpty();
        run.Stderr.ShouldBe(
            """{"op":"make","noun":"thing","error":{"kind":"conflict","message":"the thing was refused","details":[{"label":"expected","value":"another name"},{"label":"found","value":"refused"}],"next":"gtc op thing make name=other size=1"}}""" + "\n");
    }

    [Fact]
    public async Task For_people_a_refusal_has_four_parts()
    {
        using var cli = new TestCli { Groups = FakeOp.Groups };
        var run = await cli.RunAsync("op thing make name=refused size=1 --format table");
        run.Exit.ShouldBe(1);
        run.Stderr.ShouldBe("gtc: the thing was refused\n    expected  another name\n    found     refused\n  next  gtc op thing make name=other size=1\n");
    }

    [Theory]
    [InlineData("", "", true)]
    [InlineData("NO_COLOR", "1", false)]
    [InlineData("TERM", "dumb", false)]
    public async Task Colour_is_for_terminals_that_want_it(string variable, string value, bool isColoured)
    {
        using var cli = new TestCli { Groups = FakeOp.Groups, IsTerminal = true };
        cli.SetVariable(variable, value);
        (await cli.RunAsync("op thing make name=refused size=1")).Stderr.Contains('\e').ShouldBe(isColoured);
    }

    [Fact]
    public async Task A_terminal_gets_sentences_and_warnings_a_pipe_gets_json_alone()
    {
        using var terminal = new TestCli { Groups = FakeOp.Groups, IsTerminal = true };
        var run = await terminal.RunAsync("op thing make name=warned size=1");
        run.Stdout.ShouldBe("Made warned.\n");
        run.Stderr.ShouldBe("warning: this name is odd\n");

        using var pipe = new TestCli { Groups = FakeOp.Groups };
        (await pipe.RunAsync("op thing make name=warned size=1")).Stderr.ShouldBeEmpty();
        (await pipe.RunAsync("op --format table thing make name=warned size=1")).Stdout.ShouldBe("Made warned.\n");
        (await terminal.RunAsync("op thing make name=warned size=1 --format json")).Result.GetProperty("name").GetString().ShouldBe("warned");
    }
}
