using System.Text.Json;
using Gtc.Deployers.Kubernetes.Tests.Reconciling;

namespace Gtc.Cli.Tests.Op.Clusters;

public class A_cluster_follows_the_environment : IAsyncLifetime
{
    private const string Kind = "greentic.deployer.k8s@1.0.0";
    private const string Home = "/api/v1/namespaces/gtc-local";
    private const string RuntimePath = "/environments/local/runtime";

    private readonly TestCli _cli = new();
    private FakeCluster _cluster = null!;

    public async ValueTask InitializeAsync()
    {
        _cluster = await FakeCluster.StartAsync();
        _cli.SetVariable("KUBECONFIG", _cli.Write("kubeconfig", $$"""
            {"current-context":"a","contexts":[{"name":"a","context":{"cluster":"c","user":"u"} },{"name":"b","context":{"cluster":"c","user":"u"} }],
             "clusters":[{"name":"c","cluster":{"server":"{{_cluster.Address}}"} }],"users":[{"name":"u","user":{"token":"ambient-token"} }]}
            """));
    }

    public async ValueTask DisposeAsync()
    {
        await _cluster.DisposeAsync();
        _cli.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task The_walk_through_ends_with_fourteen_objects_and_twelve_after_the_archive()
    {
        var revision = await RunningAsync();
        var result = await _cli.OpAsync("env reconcile local");
        (result.GetProperty("object_count").GetInt32(), result.GetProperty("created_count").GetInt32(), result.GetProperty("pruned_count").GetInt32()).ShouldBe((14, 14, 0));
        (result.GetProperty("environment_id").GetString(), result.GetProperty("kind").GetString(), result.GetProperty("identity").GetString()).ShouldBe(("local", Kind, "ambient"));
        result.GetProperty("applied").EnumerateArray().First().GetRawText().ShouldBe("""{"api_version":"v1","kind":"Namespace","namespace":null,"name":"gtc-local","outcome":"created"}""");

        _cluster.Asked.Clear();
        (await _cli.OpAsync("env reconcile")).GetProperty("unchanged_count").GetInt32().ShouldBe(14);
        _cluster.Writes.ShouldBeEmpty();

        await _cli.OpAsync("traffic clear");
        await _cli.OpAsync($"revisions archive --revision {revision}");
        var after = await _cli.OpAsync("env reconcile local");
        (after.GetProperty("object_count").GetInt32(), after.GetProperty("pruned_count").GetInt32()).ShouldBe((12, 2));
        _cluster.Paths.Count().ShouldBe(12);
        (await _cli.OpAsync("env reconcile local")).GetProperty("already_absent").GetArrayLength().ShouldBe(2);
    }

    [Fact]
    public async Task Credentials_that_nobody_checked_today_are_told_and_refused_where_that_is_asked_for()
    {
        TestCli.NeedsFolder();
        await RunningAsync();
        (await Staged.RefusedAsync(_cli, "env reconcile --require-valid-credentials")).Message.ShouldContain("none are bound");
        (await _cli.OpAsync("env reconcile")).TryGetProperty("warnings", out _).ShouldBeFalse("the kubeconfig's own are nobody's to check");

        await _cli.OpAsync("env-packs add slot=secrets kind=greentic.secrets.dev-store@0.1.0 pack_ref=builtin");
        _cli.Write("token", "bound-token");
        await _cli.OpAsync("credentials bind --from-file token --force");
        var warnings = (await _cli.OpAsync("env reconcile")).GetProperty("warnings").EnumerateArray().Select(warning => warning.GetString()!);
        warnings.ShouldContain(warning => warning.Contains("failed", StringComparison.Ordinal) && warning.Contains("credentials requirements local", StringComparison.Ordinal));
        var refused = await Staged.RefusedAsync(_cli, "env reconcile --require-valid-credentials");
        (refused.Kind, refused.Error.GetProperty("next").GetString()).ShouldBe(("conflict", "gtc op credentials requirements local"));

        var file = Path.Combine(_cli.StoreRoot, "local", "credentials.json");
        var passed = (await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken)).Replace("\"fail\"", "\"pass\"", StringComparison.Ordinal);
        await File.WriteAllTextAsync(file, passed, TestContext.Current.CancellationToken);
        await _cli.OpAsync("env reconcile --require-valid-credentials");
        _cli.Time.Advance(TimeSpan.FromHours(25));
        (await Staged.RefusedAsync(_cli, "env reconcile --require-valid-credentials")).Message.ShouldContain("25 hours ago");
    }

    [Fact]
    public async Task Telemetry_and_the_shared_key_reach_the_pods()
    {
        _cli.Write("telemetry.json", """{"endpoint":"http://collector.observability:4318","traces_ratio":"0.1"}""");
        await RunningAsync("""{"shared_signing_key":true}""");
        await _cli.OpAsync("env-packs add slot=secrets kind=greentic.secrets.dev-store@0.1.0 pack_ref=builtin");
        await _cli.OpAsync("env-packs add slot=telemetry kind=greentic.telemetry.otlp@0.1.0 pack_ref=builtin answers_ref=telemetry.json");
        (await _cli.OpAsync("env reconcile --dry-run")).GetProperty("applied").EnumerateArray().ShouldContain(item => item.GetProperty("name").GetString() == "gtc-signing-key");
        File.Exists(Path.Combine(_cli.StoreRoot, "local", "revision-signing.key")).ShouldBeFalse("a dry run makes no key");
        await _cli.OpAsync("env reconcile");
        var router = _cluster.Find("/apis/apps/v1/namespaces/gtc-local/deployments/gtc-router").Value.ToJsonString();
        router.ShouldContain("""{"name":"OTEL_EXPORTER_OTLP_ENDPOINT","value":"http://collector.observability:4318"}""");
        router.ShouldContain("""{"name":"OTEL_TRACES_SAMPLER_ARG","value":"0.1"}""");
        var key = await SharedKeyAsync();
        _cluster.Find($"{Home}/secrets/gtc-signing-key").Value["data"]!["revision-signing.key"]!.GetValue<string>().ShouldBe(key);
        _cluster.Asked.Clear();
        await _cli.OpAsync("env reconcile");
        _cluster.Writes.ShouldBeEmpty();
    }

    [Fact]
    public async Task What_was_discovered_and_where_sessions_are_reach_the_pods()
    {
        var revision = await RunningAsync("""{"console_through_routers":true}""");
        await _cli.OpAsync("env-packs add slot=secrets kind=greentic.secrets.dev-store@0.1.0 pack_ref=builtin");
        _cli.Write("sessions.json", """{"url_secret_ref":"secret://local/default/_/sessions/redis_url","key_prefix":"shop:"}""");
        await _cli.OpAsync("env-packs add slot=sessions kind=greentic.sessions.redis@0.1.0 pack_ref=builtin answers_ref=sessions.json");
        await _cli.OpAsync("env reconcile");

        // The first run carries what it found itself.
        var carried = JsonElement.Parse(_cluster.Find($"{Home}/configmaps/gtc-env-store").Value["data"]!["runtime.json"]!.GetValue<string>()).GetProperty("discovered");
        carried.GetProperty("router_url").GetString().ShouldBe("http://gtc-router.gtc-local.svc:8080");
        carried.TryGetProperty("cluster", out _).ShouldBeFalse();
        var key = Convert.FromBase64String(await SharedKeyAsync());
        var console = _cluster.Find($"{Home}/secrets/gtc-console-key").Value["data"]!["console.key"]!.GetValue<string>();
        console.ShouldBe(Convert.ToBase64String(Gtc.Routing.RevisionHeaderToken.KeyForLocalCallers(key)));

        var worker = _cluster.Find($"/apis/apps/v1/namespaces/gtc-local/deployments/gtc-worker-{revision.ToLowerInvariant()}").Value.ToJsonString();
        worker.ShouldContain("""{"name":"GREENTIC_PINS","value":"secret://local/default/_/sessions/redis_url"}""");
        worker.ShouldContain("""{"name":"GREENTIC_PINS_KEY_PREFIX","value":"shop:"}""");

        _cluster.Asked.Clear();
        await _cli.OpAsync("env reconcile");
        _cluster.Writes.ShouldBeEmpty();
    }

    [Fact]
    public async Task What_the_cluster_gave_stands_in_runtime_json_and_every_run_in_the_audit_log()
    {
        TestCli.NeedsFolder();
        await RunningAsync();
        await _cli.OpAsync("env reconcile");
        var discovered = (await _cli.OpAsync("env show")).GetProperty("runtime").GetProperty("discovered");
        discovered.GetProperty("router_url").GetString().ShouldBe("http://gtc-router.gtc-local.svc:8080");
        discovered.GetProperty("cluster").GetProperty("namespace").GetString().ShouldBe("gtc-local");
        var runtime = Path.Combine(_cli.StoreRoot, "local", "runtime.json");
        var written = await File.ReadAllTextAsync(runtime, TestContext.Current.CancellationToken);
        _cli.Time.Advance(TimeSpan.FromSeconds(5));
        await _cli.OpAsync("env reconcile");
        (await File.ReadAllTextAsync(runtime, TestContext.Current.CancellationToken)).ShouldBe(written);
        (await Staged.RefusedAsync(_cli, "env reconcile --drift maybe")).Kind.ShouldBe("invalid-argument");
        var lines = _cli.AuditLines()
            .Where(line => line.Contains("\"verb\":\"reconcile\"", StringComparison.Ordinal)).ToList();
        lines.Count.ShouldBe(3);
        lines[^1].ShouldContain("invalid-argument");
    }

    [Fact]
    public async Task A_server_is_asked_before_the_cluster_is_touched_and_told_how_it_ended()
    {
        Assert.SkipUnless(TestCli.IsRemote, "on files one line says it all");
        await RunningAsync();
        await _cli.OpAsync("env reconcile --dry-run");
        Lines("reconcile-complete").ShouldBeEmpty("nothing was brought anywhere");
        await _cli.OpAsync("env reconcile");
        Lines("reconcile-complete").ShouldHaveSingleItem().ShouldContain("\"status\":\"succeeded\",\"applied\":14,\"pruned\":0");
        _cli.SetVariable("KUBECONFIG", "/nonexistent");
        (await Staged.RefusedAsync(_cli, "env reconcile")).Kind.ShouldBe("provider");
        Lines("reconcile-complete")[^1].ShouldContain("\"kind\":\"reconcile-failed\"");
        Lines("reconcile").Length.ShouldBe(3);

        string[] Lines(string verb) => [.. _cli.AuditLines().Where(line => line.Contains($"\"verb\":\"{verb}\"", StringComparison.Ordinal))];
    }

    [Fact]
    public async Task What_others_found_meanwhile_stays_on_record_beside_what_this_one_found()
    {
        Assert.SkipUnless(TestCli.IsRemote, "on files it is recorded under their lock");
        await RunningAsync();
        var isFirst = true;
        _cli.Wire = inner => new Wired(inner, async (request, carried) =>
        {
            if (isFirst && request.Method == HttpMethod.Put && request.RequestUri!.AbsolutePath == RuntimePath)
            {
                isFirst = false;
                using var other = new HttpRequestMessage(HttpMethod.Put, request.RequestUri)
                {
                    Content = new StringContent($$"""{"discovered":{"theirs":"found"},"generated_by":"{{Kind}}","expected_generation":0}""", System.Text.Encoding.UTF8, "application/json"),
                };
                other.Headers.Add("Idempotency-Key", "theirs");
                using var http = new HttpClient();
                (await http.SendAsync(other, TestContext.Current.CancellationToken)).EnsureSuccessStatusCode();
            }

            return await carried();
        });
        await _cli.OpAsync("env reconcile");
        isFirst.ShouldBeFalse();
        string? runtime = null;
        _cli.Wire = inner => new Wired(inner, async (request, carried) =>
        {
            var answer = await carried();
            runtime = request.RequestUri!.AbsolutePath == RuntimePath ? await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken) : runtime;
            return answer;
        });
        await _cli.OpAsync("env reconcile");
        runtime.ShouldNotBeNull().ShouldContain("\"generation\":3");
        runtime.ShouldContain("\"theirs\":\"found\"");
        runtime.ShouldContain("\"router_url\":\"http://gtc-router.gtc-local.svc:8080\"");
    }

    [Fact]
    public async Task A_cluster_that_is_converged_is_said_to_be_although_its_record_is_missing()
    {
        Assert.SkipUnless(TestCli.IsRemote, "on files it is recorded where it is read");
        await RunningAsync();
        var isBegun = false;

        // The first says where it is brought, before anything is.
        _cli.Wire = Wired.AroundChanges("runtime", carried => isBegun ? throw new HttpRequestException("the line broke") : (isBegun = true, carried()).Item2);
        var refused = await Staged.RefusedAsync(_cli, "env reconcile");
        refused.Kind.ShouldBe("transport");
        refused.Message.ShouldStartWith("the cluster is converged, only the record of it is missing: ");
        refused.Error.GetProperty("next").GetString().ShouldBe("gtc op env reconcile local");
        _cluster.Paths.Count().ShouldBe(14);
        _cli.Wire = null;
        (await _cli.OpAsync("env reconcile")).GetProperty("created_count").GetInt32().ShouldBe(0);
    }

    [Fact]
    public async Task Another_namespace_is_refused_while_something_runs_in_the_first()
    {
        await RunningAsync();
        await _cli.OpAsync("env reconcile");
        _cli.Write("answers.json", """{"namespace":"elsewhere"}""");
        await _cli.OpAsync($"env-packs update slot=deployer kind={Kind} pack_ref=builtin answers_ref=answers.json");
        var refused = await Staged.RefusedAsync(_cli, "env reconcile");
        (refused.Kind, refused.Message).ShouldBe(("conflict", "environment `local` runs in another place, which would go on"));
        await _cli.OpAsync("env reconcile --abandon-previous");
        _cluster.Paths.ShouldContain("/api/v1/namespaces/elsewhere");
    }

    [Fact]
    public async Task A_revision_is_started_and_stopped_as_its_lifecycle_says()
    {
        var revision = await RunningAsync();
        var warmed = await _cli.OpAsync($"env apply-revision local {revision}");
        (warmed.GetProperty("action").GetString(), warmed.GetProperty("lifecycle").GetString(), warmed.GetProperty("worker_name").GetString())
            .ShouldBe(("warmed", "ready", $"gtc-worker-{revision.ToLowerInvariant()}"));
        await _cli.OpAsync("traffic clear");
        await _cli.OpAsync($"revisions archive --revision {revision}");
        (await _cli.OpAsync($"env apply-revision local {revision}")).GetProperty("action").GetString().ShouldBe("archived");
        _cluster.Paths.ShouldNotContain(path => path.Contains("gtc-worker-", StringComparison.Ordinal));
        (await Staged.RefusedAsync(_cli, "env apply-revision local 01J9ZZZZZZZZZZZZZZZZZZZZZZ")).Kind.ShouldBe("not-found");
    }

    [Fact]
    [Trait("fact", "k8s-deployer:17.28")]
    public async Task Traffic_alone_is_refused_for_a_cluster()
    {
        await RunningAsync();
        var refused = await Staged.RefusedAsync(_cli, "env apply-traffic local");
        refused.Kind.ShouldBe("conflict");
        refused.Error.GetProperty("next").GetString().ShouldBe("gtc op env reconcile local");
    }

    [Fact]
    [Trait("fact", "op-cli:23.31")]
    public async Task Only_the_bound_deployer_reaches_a_cluster()
    {
        await _cli.OpAsync("env init");
        (await Staged.RefusedAsync(_cli, "env reconcile")).Kind.ShouldBe("conflict");
        (await Staged.RefusedAsync(_cli, $"env reconcile --kind {Kind}")).Kind.ShouldBe("conflict");
        (await Staged.RefusedAsync(_cli, "env reconcile --kind nonsense@x")).Kind.ShouldBe("invalid-argument");
        _cluster.Asked.ShouldBeEmpty();
    }

    [Fact]
    public async Task Verbs_of_the_store_reach_the_cluster_only_when_asked()
    {
        await BoundAsync();
        var first = await Staged.RevisionAsync(_cli);
        await _cli.OpAsync($"revisions warm --revision {first}");
        _cluster.Asked.ShouldBeEmpty();
        var set = await _cli.OpAsync("traffic set --reconcile");
        set.GetProperty("reconcile").GetProperty("created_count").GetInt32().ShouldBe(14);
        set.GetProperty("entries").GetArrayLength().ShouldBe(1);
        var second = await Staged.RevisionAsync(_cli);
        (await _cli.OpAsync($"revisions warm --revision {second} --reconcile")).GetProperty("reconcile").GetProperty("created_count").GetInt32().ShouldBe(2);
        (await _cli.OpAsync($"revisions archive --revision {second} --reconcile")).GetProperty("reconcile").GetProperty("pruned_count").GetInt32().ShouldBe(2);
    }

    [Fact]
    public async Task A_cluster_that_cannot_be_reached_is_the_providers_matter_and_the_change_stands()
    {
        await BoundAsync();
        await Staged.RevisionAsync(_cli);
        _cli.SetVariable("KUBECONFIG", "/nonexistent");
        _cli.SetVariable("HOME", _cli.Folder);
        var refused = await Staged.RefusedAsync(_cli, "revisions warm --reconcile");
        refused.Kind.ShouldBe("provider");
        refused.Stderr.ShouldContain("is changed; only the cluster is not");
        (await _cli.OpAsync("revisions list")).GetProperty("revisions")[0].GetProperty("lifecycle").GetString().ShouldBe("ready");
    }

    [Fact]
    [Trait("fact", "k8s-deployer:17.21")]
    [Trait("fact", "k8s-deployer:17.22")]
    public async Task Bound_credentials_take_the_place_of_the_kubeconfigs()
    {
        await RunningAsync();
        _cluster.Put(Home, """{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"gtc-local"}}""");
        var seen = new System.Collections.Concurrent.ConcurrentQueue<string>();
        _cluster.Before = context =>
        {
            seen.Enqueue(context.Request.Headers.Authorization.ToString());
            return Task.FromResult(false);
        };
        _cli.Write("token", "bound-token");
        await _cli.OpAsync("env-packs add slot=secrets kind=greentic.secrets.dev-store@1.0.0 pack_ref=builtin");
        await _cli.OpAsync("credentials bind local --from-file token force=true");
        var result = await _cli.OpAsync("env reconcile");
        (result.GetProperty("identity").GetString(), result.GetProperty("object_count").GetInt32()).ShouldBe(("bound", 14));
        seen.ShouldAllBe(header => header == "Bearer bound-token");
        _cluster.Asked.Select(line => line.Split(' ')[1].Split('?')[0]).ShouldNotContain(Home);
    }

    [Fact]
    public async Task Credentials_that_are_not_at_hand_are_never_replaced_by_somebody_elses()
    {
        await RunningAsync();
        await _cli.OpAsync("env-packs add slot=secrets kind=greentic.secrets.dev-store@1.0.0 pack_ref=builtin");
        await _cli.OpAsync("credentials bind local credentials_ref=secret://local/default/_/k8s-deployer/deployer_token force=true");
        (await Staged.RefusedAsync(_cli, "env reconcile")).Kind.ShouldBe("conflict");
        _cluster.Writes.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_destroyed_environment_leaves_nothing_of_its_own_in_the_cluster()
    {
        await RunningAsync();
        await _cli.OpAsync("env reconcile");
        _cluster.Put($"{Home}/configmaps/theirs", """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"theirs"}}""");
        (await _cli.OpAsync("env destroy local --dry-run --force")).GetProperty("deleted_objects").GetArrayLength().ShouldBe(13);
        (await Staged.RefusedAsync(_cli, "env destroy local --confirm")).Kind.ShouldBe("conflict");
        _cluster.Paths.Count().ShouldBe(15);
        (await _cli.OpAsync("env destroy local --confirm --force")).GetProperty("deleted_objects").GetArrayLength().ShouldBe(13);
        _cluster.Paths.ShouldBe([Home, $"{Home}/configmaps/theirs"]);
    }

    [Fact]
    public async Task A_person_at_a_terminal_sees_what_is_done()
    {
        await RunningAsync();
        using var cli = new TestCli { IsTerminal = true };
        cli.Time.Advance(TimeSpan.FromSeconds(1));
        cli.SetVariable("KUBECONFIG", Path.Combine(_cli.Folder, "kubeconfig"));
        var run = await cli.RunAsync($"op env reconcile --store-root {_cli.StoreRoot}");
        run.Exit.ShouldBe(0, run.Stderr);
        run.Stderr.ShouldContain("create   Namespace gtc-local");
        run.Stdout.ShouldContain("14 objects created");
        run.Stdout.ShouldContain("http://gtc-router.gtc-local.svc:8080");
    }

    [Fact]
    public async Task Drift_that_is_only_told_is_a_finding()
    {
        await RunningAsync();
        await _cli.OpAsync("env reconcile");
        _cluster.Find("/apis/apps/v1/namespaces/gtc-local/deployments/gtc-router").Edit("kubectl-edit", "f:spec\u0001f:replicas", 7);
        var run = await _cli.RunAsync($"op env reconcile --drift report --fail-on-findings --store-root {_cli.StoreRoot}");
        run.Exit.ShouldBe(1);
        run.Result.GetProperty("drift")[0].GetRawText().ShouldContain("\"field\":\"spec.replicas\",\"owners\":[\"kubectl-edit\"],\"wanted\":\"2\",\"found\":\"7\"");
    }

    /// <summary>The environment's own key in base64: a file of a local store, a secret over a server.</summary>
    private async Task<string> SharedKeyAsync() => TestCli.IsRemote
        ? (await _cli.OpAsync("secrets get default/_/gtc/revision_signing_key --reveal")).GetProperty("value").GetString()!
        : Convert.ToBase64String(await File.ReadAllBytesAsync(Path.Combine(_cli.StoreRoot, "local", "revision-signing.key"), TestContext.Current.CancellationToken));

    private async Task BoundAsync(string? answers = null)
    {
        await _cli.OpAsync("env create");
        var given = answers is null ? "" : $" answers_ref={Path.GetFileName(_cli.Write("deployer.json", answers))}";
        await _cli.OpAsync($"env-packs add slot=deployer kind={Kind} pack_ref=builtin{given}");
        await _cli.OpAsync("trust-root bootstrap");
        await _cli.OpAsync("bundles add");
    }

    private async Task<string> RunningAsync(string? answers = null)
    {
        await BoundAsync(answers);
        var revision = await Staged.ReadyAsync(_cli);
        await _cli.OpAsync("traffic set");
        return revision;
    }
}
