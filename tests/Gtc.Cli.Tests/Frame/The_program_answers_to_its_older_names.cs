namespace Gtc.Cli.Tests.Frame;

public class The_program_answers_to_its_older_names
{
    private static readonly IReadOnlyList<CommandGroup> Groups =
    [
        .. FakeOp.Groups,
        new("start", "Fake start", _ => Answering("start")),
        new("stop", "Fake stop", _ => Answering("stop")),
        new("bundle", "Fake bundle", _ => Answering("bundle")),
    ];

    [Theory]
    [InlineData("gtc", "op,start,stop,bundle")]
    [InlineData("gtc-dev", "op,start,stop,bundle")]
    [InlineData("greentic-deployer", "op")]
    [InlineData("greentic-operator", "op")]
    [InlineData("greentic-start", "start,stop")]
    public async Task And_takes_the_words_of_each(string name, string groups)
    {
        using var cli = new TestCli { ProgramName = name, Groups = Groups };
        foreach (var (group, line) in new[] { ("op", "op thing make name=x size=1"), ("start", "start"), ("stop", "stop"), ("bundle", "bundle") })
        {
            var run = await cli.RunAsync(line);
            run.Exit.ShouldBe(groups.Split(',').Contains(group) ? 0 : 2, $"{name} {line}");
        }
    }

    [Fact]
    public async Task And_prints_its_own_name_in_help_and_refusals()
    {
        using var cli = new TestCli { ProgramName = "greentic-deployer", Groups = Groups };
        (await cli.RunAsync("op thing make --help")).Stdout.ShouldContain("  greentic-deployer op thing make name=x size=1\n");
        (await cli.RunAsync("op thing make")).Error.GetProperty("next").GetString().ShouldStartWith("greentic-deployer op thing make");
        (await cli.RunAsync("start")).Stderr.ShouldStartWith("greentic-deployer: ");
    }

    [Fact]
    public async Task And_tells_its_version()
    {
        using var cli = new TestCli();
        (await cli.RunAsync("--version")).Stdout.ShouldBe($"gtc {GtcCommandLine.Version}\n");
        GtcCommandLine.Version.ShouldMatch(@"^\d+\.\d+\.\d+$");
    }

    private static DescribedCommand Answering(string name)
    {
        var command = new DescribedCommand(name, "Fake") { Examples = [name] };
        command.SetAction(_ => 0);
        return command;
    }
}
