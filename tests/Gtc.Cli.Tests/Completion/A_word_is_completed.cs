namespace Gtc.Cli.Tests.Completion;

public sealed class A_word_is_completed : IDisposable
{
    private readonly TestCli _cli = new();

    public void Dispose() => _cli.Dispose();

    [Theory]
    [InlineData("op,en", "env,env-packs")]
    [InlineData("op,env,sho", "show")]
    [InlineData("op,--format,json,env,sho", "show")]
    [InlineData("op,--format=json,env,sho", "show")]
    [InlineData("op,env,show,--a", "--at,--answers")]
    [InlineData("op,traffic,set,--dep", "--deployment")]
    [InlineData("op,env,show,--format,", "json,table")]
    [InlineData("op,env,show,--format=j", "--format=json")]
    [InlineData("op,env,show,--format,=,j", "json")]
    [InlineData("completion,", "bash,zsh,fish,candidates")]
    [InlineData("doctor,--fa", "--fail-on-findings")]
    [InlineData("op,env,show,--store-root,", "")]
    [InlineData("op,env,nothing-like-it,", "")]
    [InlineData("op,env,show,--,", "")]
    public async Task With_commands_flags_and_their_values(string words, string expected) =>
        (await CandidatesAsync(words.Split(','))).ShouldBe(expected.Split(',', StringSplitOptions.RemoveEmptyEntries), ignoreOrder: true);

    [Fact]
    public async Task The_first_word_is_completed_with_every_group()
    {
        (await CandidatesAsync("")).ShouldBe(CommandTree.Groups.Select(group => group.Name));
        (await CandidatesAsync()).ShouldBe(CommandTree.Groups.Select(group => group.Name));
    }

    [Fact]
    public async Task With_the_environments_of_the_store()
    {
        await _cli.OpAsync("env create local");
        await _cli.OpAsync("env create prod");
        await _cli.OpAsync("env create preview");
        string[] all = ["local", "preview", "prod"];
        (await CandidatesAsync("op", "--store-root", _cli.StoreRoot, "env", "show", "")).ShouldBe(all, ignoreOrder: true);
        (await CandidatesAsync("op", "env", "show", "--store-root", _cli.StoreRoot, "--env", "pr")).ShouldBe(["preview", "prod"], ignoreOrder: true);
        _cli.SetVariable("GREENTIC_STORE_ROOT", _cli.StoreRoot);
        (await CandidatesAsync("op", "traffic", "set", "pro")).ShouldBe(["prod"]);
        (await CandidatesAsync("op", "traffic", "set", "prod", "")).ShouldBeEmpty("shares follow, which are nobody's to guess");
        (await CandidatesAsync("op", "env", "show", "--env=lo")).ShouldBe(["--env=local"]);
        (await CandidatesAsync("op", "env", "show", "--env", "=", "lo")).ShouldBe(["local"], "bash hands the flag over as three words");
        (await CandidatesAsync("start", "--env", "")).ShouldBe(all, ignoreOrder: true);
    }

    [Fact]
    public async Task Without_a_store_there_are_no_environments_and_no_error()
    {
        (await CandidatesAsync("op", "env", "show", "")).ShouldBeEmpty();
        Directory.Exists(_cli.StoreRoot).ShouldBeFalse("looking makes nothing");
    }

    [Fact]
    public async Task Under_an_older_name_the_script_completes_that_name()
    {
        using var cli = new TestCli { ProgramName = "gtc-dev" };
        var script = (await cli.RunAsync("completion bash")).Stdout;
        script.ShouldContain("complete -o default -F _gtc_dev_complete gtc-dev\n");
    }

    private async Task<string[]> CandidatesAsync(params string[] words)
    {
        var run = await _cli.RunWordsAsync(["completion", "candidates", "--", .. words]);
        run.Exit.ShouldBe(0);
        run.Stderr.ShouldBeEmpty();
        return [.. run.Stdout.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('\t')[0])];
    }
}
