namespace Gtc.Cli.Tests.Op;

/// <summary>What only happens where the store is a server.</summary>
[OverAServer]
public sealed class A_store_server_is_worked_on : IDisposable
{
    private readonly TestCli _cli = new();

    public void Dispose() => _cli.Dispose();

    [Fact]
    public async Task Of_two_operators_one_wins_and_the_other_is_told_what_changed()
    {
        await _cli.OpAsync("env create");
        var seen = (await Staged.DocumentAsync(_cli)).GetProperty("env_generation").GetUInt64();
        (await _cli.RunAsync($"op env update --name Ada --expect-generation {seen} --store-root {_cli.StoreRoot}")).Exit.ShouldBe(0);
        var late = await Staged.RefusedAsync(_cli, $"env update --name Bob --expect-generation {seen}");
        late.Kind.ShouldBe("conflict");
        late.Message.ShouldBe("generation 1 was expected, the environment is at 2");
        var since = late.Error.GetProperty("details")[0];
        (since.GetProperty("label").GetString(), since.GetProperty("value").GetString()!.StartsWith("env update by ", StringComparison.Ordinal)).ShouldBe(("generation 2", true));
        (await Staged.DocumentAsync(_cli)).GetProperty("name").GetString().ShouldBe("Ada");
    }

    [Fact]
    public async Task A_change_is_only_made_of_the_entity_tag_that_was_seen()
    {
        var run = await _cli.RunAsync($"op env create --store-root {_cli.StoreRoot}");
        run.Exit.ShouldBe(0, run.Stderr);
        var refused = await Staged.RefusedAsync(_cli, $"env update --name Ada --if-match {new string('0', 64)}");
        refused.Kind.ShouldBe("conflict");
        var found = refused.Error.GetProperty("details").EnumerateArray().Single(detail => detail.GetProperty("label").GetString() == "found").GetProperty("value").GetString();
        (await _cli.RunAsync($"op env update --name Ada --if-match \"{found}\" --store-root {_cli.StoreRoot}")).Exit.ShouldBe(0);
        (await Staged.RefusedAsync(_cli, $"env update --name Bob --if-match {found}")).Message.ShouldContain("is not the one of --if-match");
        (await Staged.DocumentAsync(_cli)).GetProperty("name").GetString().ShouldBe("Ada");
        (await Staged.RefusedAsync(_cli, "env update --name Bob --if-match W/x")).Kind.ShouldBe("invalid-argument");
        (await Staged.RefusedAsync(_cli, $"env compact --keep 5 --if-match {found}")).Message.ShouldContain("takes no --if-match");
    }

    [Fact]
    public async Task A_change_in_a_cluster_is_only_begun_on_the_generation_that_was_seen()
    {
        await Staged.DeploymentAsync(_cli);
        await _cli.OpAsync("env init");
        await Staged.ReadyAsync(_cli);
        await _cli.OpAsync("traffic set");
        var refused = await Staged.RefusedAsync(_cli, "env apply-traffic --expect-generation 1");
        refused.Message.ShouldStartWith("generation 1 was expected, the environment is at ");
        var seen = (await Staged.DocumentAsync(_cli)).GetProperty("env_generation").GetUInt64();
        (await _cli.OpAsync($"env apply-traffic --expect-generation {seen}")).GetProperty("applied_entries").GetArrayLength().ShouldBe(1);
        _cli.AuditLines().Count(line => line.Contains("\"verb\":\"apply-traffic\"", StringComparison.Ordinal)).ShouldBe(2, "a refusal and a permission");
    }

    [Fact]
    public async Task Workers_of_their_own_are_for_files()
    {
        await _cli.OpAsync("env init");
        await _cli.OpAsync("env-packs update slot=deployer kind=greentic.deployer.local-process@0.1.0 pack_ref=builtin answers.supervise:=true");
        var refused = await Staged.RefusedAsync(_cli, "env reconcile");
        (refused.Kind, refused.Message.Contains("is a store server", StringComparison.Ordinal)).ShouldBe(("conflict", true));
        refused.Stderr.ShouldContain("gtc start --env local --store-url http://127.0.0.1:");
    }

    [Fact]
    public async Task At_a_terminal_the_server_is_named_first()
    {
        using var cli = new TestCli { IsTerminal = true };
        cli.SetVariable("GREENTIC_STORE_URL", "http://127.0.0.1:9/");
        var run = await RunAsync(cli, ["op", "env", "show"], new Refuses());
        run.Stderr.ShouldStartWith("on http://127.0.0.1:9/\n");
    }

    [Fact]
    public async Task An_environment_is_destroyed_when_it_is_meant()
    {
        await Staged.DeploymentAsync(_cli);
        await _cli.OpAsync("env init");
        await Staged.ReadyAsync(_cli);
        await _cli.OpAsync("traffic set");
        (await Staged.RefusedAsync(_cli, "env destroy")).Kind.ShouldBe("invalid-argument");
        (await Staged.RefusedAsync(_cli, "env destroy --confirm")).Message.ShouldContain("routes traffic");
        (await _cli.OpAsync("env destroy --dry-run --force")).GetProperty("dry_run").GetBoolean().ShouldBeTrue();
        (await _cli.OpAsync("env list")).GetProperty("environments").GetArrayLength().ShouldBe(1);

        (await _cli.OpAsync("env destroy --confirm --force")).GetProperty("dry_run").GetBoolean().ShouldBeFalse();
        (await _cli.OpAsync("env list")).GetProperty("environments").GetArrayLength().ShouldBe(0);
        (await Staged.RefusedAsync(_cli, "env destroy --confirm")).Kind.ShouldBe("not-found");
        await _cli.OpAsync("env init");
        (await Staged.DocumentAsync(_cli)).GetProperty("env_generation").GetUInt64().ShouldBeGreaterThan(4UL, "generations are never used again");
    }

    [Fact]
    public async Task A_verb_on_files_says_where_to_run_it()
    {
        await _cli.OpAsync("env create");
        var refused = await Staged.RefusedAsync(_cli, "env compact --keep 5");
        refused.Kind.ShouldBe("invalid-argument");
        refused.Message.ShouldStartWith("`env compact` works on the files of a store, and http://127.0.0.1:");
    }

    [Fact]
    public async Task A_server_that_cannot_be_reached_is_a_transport_error_with_a_next_step()
    {
        using var cli = new TestCli();
        var run = await RunAsync(cli, ["op", "env", "update", "--name", "x", "--store-url", "http://127.0.0.1:9"], new Refuses());
        run.Kind.ShouldBe("transport");
        run.Error.GetProperty("next").GetString().ShouldBe("curl http://127.0.0.1:9/readyz");
    }

    [Theory]
    [Trait("fact", "op-cli:23.27")]
    [Trait("fact", "store-server:12.26")]
    [InlineData("http://127.0.0.1:9", null)]
    [InlineData(null, "Bearer of-the-environment")]
    public async Task The_environments_token_is_only_for_the_environments_server(string? typed, string? sent)
    {
        using var cli = new TestCli();
        cli.SetVariable("GREENTIC_STORE_TOKEN", "of-the-environment");
        cli.SetVariable("GREENTIC_STORE_URL", "http://127.0.0.1:8/");
        var seen = new Refuses();
        await RunAsync(cli, typed is null ? ["op", "env", "list"] : ["op", "env", "list", "--store-url", typed], seen);
        seen.Authorization.ShouldBe([sent]);
    }

    [Fact]
    public async Task What_is_nearest_to_the_command_line_names_the_store()
    {
        using var cli = new TestCli();
        (await cli.RunAsync("context add lab --store-url http://127.0.0.1:1 --use")).Exit.ShouldBe(0);
        (await HostAsync()).ShouldBe("127.0.0.1:1", "the current context");
        cli.SetVariable("GREENTIC_STORE_URL", "http://127.0.0.1:2");
        (await HostAsync()).ShouldBe("127.0.0.1:2", "the variable");
        (await HostAsync("--context", "lab")).ShouldBe("127.0.0.1:1", "a context that was typed");
        (await HostAsync("--store-url", "http://127.0.0.1:3")).ShouldBe("127.0.0.1:3", "an address that was typed");
        (await HostAsync("--store-root", cli.StoreRoot)).ShouldBeNull("files that were typed");
        (await HostAsync("--context", "local")).ShouldBeNull("files by their context");
        cli.SetVariable("GREENTIC_STORE_URL", "");
        cli.SetVariable("GREENTIC_STORE_ROOT", cli.StoreRoot);
        (await HostAsync()).ShouldBeNull("files by the variable, before the context");
        (await RunAsync(cli, ["op", "env", "list", "--store-root", "x", "--store-url", "http://127.0.0.1:3"], new Refuses())).Kind.ShouldBe("invalid-argument");

        async Task<string?> HostAsync(params string[] flags)
        {
            var seen = new Refuses();
            await RunAsync(cli, ["op", "env", "list", .. flags], seen);
            return seen.Hosts.SingleOrDefault();
        }
    }

    /// <summary>Runs a command line as it is, with a transport that goes nowhere.</summary>
    private static async Task<TestRun> RunAsync(TestCli cli, string[] words, Refuses transport)
    {
        using var stdout = new StringWriter { NewLine = "\n" };
        using var stderr = new StringWriter { NewLine = "\n" };
        var exit = await GtcCommandLine.RunAsync(words, cli.Context(stdout, stderr) with { OpenHttp = () => transport }, TestContext.Current.CancellationToken);
        return new(exit, stdout.ToString(), stderr.ToString());
    }

    private sealed class Refuses : HttpMessageHandler
    {
        public List<string?> Authorization { get; } = [];

        public List<string> Hosts { get; } = [];

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Authorization.Add(request.Headers.Authorization?.ToString());
            Hosts.Add(request.RequestUri!.Authority);
            throw new HttpRequestException("nobody is there");
        }
    }
}
