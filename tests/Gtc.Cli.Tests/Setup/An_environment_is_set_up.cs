using System.Text.Json;
using Gtc.Artifacts.Building;
using Gtc.Cli.Tests.Bundle;

namespace Gtc.Cli.Tests.Setup;

/// <summary>Decision 7: <c>gtc setup</c> asks or takes answers, puts secrets into the secrets slot, and converges as <c>env apply</c> does.</summary>
public class An_environment_is_set_up : IDisposable
{
    private const string Questions = """
        title: Greeter
        questions:
          - name: tone
            title: How it greets
            kind: string
            required: true
            choices: [warm, cool]
          - name: shout
            title: In capitals
            kind: boolean
            default: false
          - name: api_token
            title: Token of the greeting service
            secret: true
            required: true
        """;

    private readonly TestCli _cli = new();

    public void Dispose()
    {
        _cli.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task From_answers_without_a_terminal()
    {
        await BuildAsync();
        _cli.SetVariable("TOKEN", "s3cret-value");
        _cli.Write("answers.json", """
            {"bundle": "asker.gtbundle", "env_packs": {"deployer": {"port_range": "9000-9010"}},
             "packs": {"hello": {"tone": "warm", "api_token": {"from_env": "TOKEN"}}}}
            """);
        var run = await SetupAsync("--answers answers.json");
        run.Exit.ShouldBe(0, run.Stderr);
        (run.Stdout + run.Stderr).ShouldNotContain("s3cret-value");

        var environment = (await _cli.OpAsync("env show")).GetProperty("environment");
        var deployment = environment.GetProperty("bundles")[0];
        deployment.GetProperty("bundle_id").GetString().ShouldBe("asker");
        var settings = deployment.GetProperty("config_overrides").GetProperty("hello");
        settings.GetProperty("tone").GetString().ShouldBe("warm");
        settings.GetProperty("shout").GetBoolean().ShouldBeFalse();
        environment.GetProperty("traffic_splits")[0].GetProperty("entries")[0].GetProperty("weight_bps").GetInt32().ShouldBe(10_000);
        (await _cli.OpAsync("secrets list")).GetRawText().ShouldContain("default/_/hello/api_token");
        if (TestCli.HasFolder)
        {
            Answers("deployer").GetProperty("port_range").GetString().ShouldBe("9000-9010");
        }
    }

    [Fact]
    public async Task Once_more_changes_nothing()
    {
        await BuildAsync();
        _cli.SetVariable("TOKEN", "s3cret-value");
        _cli.Write("answers.json", """{"bundle": "asker.gtbundle", "packs": {"hello": {"tone": "cool", "api_token": {"from_env": "TOKEN"} } } }""");
        (await SetupAsync("--answers answers.json")).Exit.ShouldBe(0);

        _cli.Write("answers.json", """{"bundle": "asker.gtbundle"}""");
        var again = await SetupAsync("--answers answers.json");
        again.Exit.ShouldBe(0, again.Stderr);
        again.Result.GetProperty("changed").GetInt32().ShouldBe(0, again.Stdout);
    }

    [Fact]
    public async Task Not_without_answers_or_a_terminal_and_everything_that_is_missing_is_listed()
    {
        await BuildAsync();
        var run = await SetupAsync("asker.gtbundle");
        run.Exit.ShouldBe(1);
        run.Kind.ShouldBe("invalid-argument");
        run.Stderr.ShouldContain("packs.hello.tone");
        run.Stderr.ShouldContain("packs.hello.api_token");
        run.Stderr.ShouldContain("--emit-answers");
        (await _cli.RunAsync($"op env show --store-root {_cli.StoreRoot}")).Exit.ShouldBe(1, "nothing was made");
    }

    [Theory]
    [InlineData("""{"bundel": "x"}""", "answers-parse", "bundel")]
    [InlineData("""{"bundle": "asker.gtbundle", "packs": {"hallo": {}}}""", "invalid-argument", "packs.hallo")]
    [InlineData("""{"bundle": "asker.gtbundle", "packs": {"hello": {"tune": "warm"}}}""", "invalid-argument", "packs.hello.tune")]
    [InlineData("""{"bundle": "asker.gtbundle", "packs": {"hello": {"tone": "hot"}}}""", "invalid-argument", "packs.hello.tone")]
    [InlineData("""{"bundle": "asker.gtbundle", "packs": {"hello": {"tone": "warm", "api_token": {"from_file": "x"}}}}""", "answers-parse", "from_file")]
    [InlineData("""{"bundle": "asker.gtbundle", "env_packs": {"deployer": {"Port": "1"}}}""", "conflict", "Port")]
    [InlineData("""{"bundle": "asker.gtbundle", "env_packs": {"state": {}}}""", "invalid-argument", "env_packs.state")]
    public async Task Not_with_answers_that_nobody_asked_for(string answers, string kind, string named)
    {
        await BuildAsync();
        _cli.Write("answers.json", answers);
        var run = await SetupAsync("--answers answers.json");
        run.Exit.ShouldBe(1);
        run.Kind.ShouldBe(kind, run.Stderr);
        run.Stderr.ShouldContain(named);
    }

    [Fact]
    public async Task A_secret_in_answers_is_refused_and_not_quoted()
    {
        await BuildAsync();
        _cli.Write("answers.json", """{"bundle": "asker.gtbundle", "packs": {"hello": {"tone": "warm", "api_token": "s3cret-value"}}}""");
        var run = await SetupAsync("--answers answers.json");
        run.Exit.ShouldBe(1);
        run.Kind.ShouldBe("invalid-argument");
        (run.Stdout + run.Stderr).ShouldNotContain("s3cret-value");
        run.Stderr.ShouldContain("from_env");
    }

    [Fact]
    public async Task An_answer_may_refer_to_what_the_deployer_finds_out()
    {
        await BuildAsync();
        _cli.SetVariable("TOKEN", "s3cret-value");
        Answer("runtime://prod/discovered/tone");
        (await SetupAsync("--answers answers.json")).Stderr.ShouldContain("runtime://local/discovered/");

        Answer("runtime://local/discovered/tone");
        var run = await SetupAsync("--answers answers.json");
        run.Exit.ShouldBe(0, run.Stderr);
        var settings = (await _cli.OpAsync("env show")).GetProperty("environment").GetProperty("bundles")[0].GetProperty("config_overrides").GetProperty("hello");
        settings.GetProperty("tone").GetString().ShouldBe("runtime://local/discovered/tone");

        void Answer(string tone) =>
            _cli.Write("answers.json", $$$$"""{"bundle": "asker.gtbundle", "packs": {"hello": {"tone": "{{{{tone}}}}", "api_token": {"from_env": "TOKEN"} } } }""");
    }

    [Fact]
    public async Task At_a_terminal_every_question_is_asked_until_its_answer_fits()
    {
        await BuildAsync();
        _cli.Lines = new(["9000-8000x", "9000-9010", "", "", "", "", "hot", "cool", "yes"]);
        _cli.Typed = "s3cret-value";
        var run = await SetupAsync("asker.gtbundle --yes");
        run.Exit.ShouldBe(0, run.Stderr);
        run.Stderr.ShouldContain("Workers on this machine (deployer");
        run.Stderr.ShouldContain("How it greets (warm, cool):");
        run.Stderr.ShouldNotContain("s3cret-value");
        _cli.Lines.ShouldBeEmpty();
        var settings = (await _cli.OpAsync("env show")).GetProperty("environment").GetProperty("bundles")[0].GetProperty("config_overrides").GetProperty("hello");
        settings.GetProperty("tone").GetString().ShouldBe("cool");
        settings.GetProperty("shout").GetBoolean().ShouldBeTrue();
        (await _cli.OpAsync("secrets get default/_/hello/api_token")).GetRawText().ShouldNotContain("s3cret-value");
    }

    [Fact]
    public async Task A_terminal_that_is_closed_writes_nothing()
    {
        await BuildAsync();
        _cli.Lines = new(["9000-9010"]);
        _cli.Typed = "unused";
        var run = await SetupAsync("asker.gtbundle --yes");
        run.Exit.ShouldBe(1);
        run.Stderr.ShouldContain("nothing was written");
        (await _cli.RunAsync($"op env show --store-root {_cli.StoreRoot}")).Exit.ShouldBe(1);
    }

    [Fact]
    public async Task The_template_of_answers_names_everything_and_works_when_filled()
    {
        await BuildAsync();
        (await SetupAsync("asker.gtbundle --emit-answers answers.json")).Exit.ShouldBe(0);
        var path = Path.Combine(_cli.Folder, "answers.json");
        var text = await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken);
        text.ShouldContain("API_TOKEN");
        await File.WriteAllTextAsync(path, text.Replace("\"tone\": \"\"", "\"tone\": \"warm\"", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        _cli.SetVariable("API_TOKEN", "s3cret-value");
        var run = await SetupAsync("--answers answers.json");
        run.Exit.ShouldBe(0, run.Stderr);
        (await SetupAsync("asker.gtbundle --emit-answers answers.json")).Kind.ShouldBe("conflict");
    }

    [Fact]
    public async Task Another_environment_must_exist_and_be_told_who_is_billed()
    {
        await BuildAsync();
        var absent = await SetupAsync("asker.gtbundle --env prod");
        absent.Kind.ShouldBe("not-found");
        absent.Stderr.ShouldContain("gtc op env create prod");

        await _cli.OpAsync("env create prod");
        (await SetupAsync("asker.gtbundle --env prod")).Stderr.ShouldContain("customer_id");
    }

    [Fact]
    public async Task An_attempt_that_is_refused_is_audited()
    {
        await _cli.OpAsync("env init");
        await BuildAsync();
        (await SetupAsync("asker.gtbundle")).Exit.ShouldBe(1);
        (await _cli.OpAsync("audit show")).GetRawText().ShouldContain("\"setup\"");
    }

    private JsonElement Answers(string slot)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(Path.Combine(_cli.StoreRoot, "local", "env-packs", slot, "answers.json")));
        return document.RootElement.Clone();
    }

    private Task<TestRun> SetupAsync(string line) => _cli.RunAsync($"setup {line} --store-root {_cli.StoreRoot} --format json");

    private async Task BuildAsync()
    {
        var source = TestBundles.WriteSource(_cli.Folder, "asker");
        Directory.CreateDirectory(Path.Combine(source, "packs", "hello", "assets"));
        await File.WriteAllTextAsync(Path.Combine(source, "packs", "hello", "assets", "setup.yaml"), Questions, TestContext.Current.CancellationToken);
        var built = await BundleBuilder.BuildAsync(source, Path.Combine(_cli.Folder, "asker.gtbundle"), "0.0.0", TestContext.Current.CancellationToken);
        built.IsOk.ShouldBeTrue(built.Refusal?.Message);
    }
}
