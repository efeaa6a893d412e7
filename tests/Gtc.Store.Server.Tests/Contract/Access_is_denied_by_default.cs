using Gtc.Store.Server.Tests.Access;

namespace Gtc.Store.Server.Tests.Contract;

/// <summary>Who may do what. Every test starts its own server with a token file.</summary>
public abstract class Access_is_denied_by_default<TLab>
    where TLab : StoreLab, new()
{
    private const string Env = "staging";

    [Fact]
    [Trait("fact", "store-server:12.12")]
    public async Task A_stranger_is_401_and_a_reader_who_changes_something_is_403_and_on_record()
    {
        await using var lab = new TLab();
        using var client = await StartAsync(lab, Tokens.Entry("root", "admin"), Tokens.Entry("eve", "read-only"));
        (await As(client, "root").CreateAsync(Env)).Must(200)["audit"].GetProperty("actor").GetProperty("user").GetString().ShouldBe("root");

        foreach (var token in (string?[])[null, "nobody", ""])
        {
            var unknown = (await As(client, token).RenameAsync(Env, "x")).MustBe(401, "unauthorized");
            unknown["policy"].GetString().ShouldBe("static-tokens");
            unknown.Headers.WwwAuthenticate.Single().Scheme.ShouldBe("Bearer");
        }

        (await As(client, "eve").RenameAsync(Env, "x", "key")).MustBe(403, "unauthorized");
        (await client.GetAsync($"/environments/{Env}")).Must(200);
        var denied = (await client.AuditAsync(Env, "?outcome=error")).Single();
        denied.GetProperty("actor").GetProperty("user").GetString().ShouldBe("eve");
        denied.GetProperty("authorization").GetProperty("decision").GetString().ShouldBe("deny");
        denied.GetProperty("result").GetProperty("kind").GetString().ShouldBe("unauthorized");
        denied.GetProperty("idempotency_key").GetString().ShouldBe("key");
        (await As(client, "root").RenameAsync(Env, "x", "key")).Must(200).Idempotency.ShouldBe("applied");
    }

    [Fact]
    [Trait("fact", "store-server:12.14")]
    public async Task A_scope_hides_other_environments()
    {
        await using var lab = new TLab();
        using var client = await StartAsync(lab, Tokens.Entry("root", "admin"), Tokens.Entry("ci", "operator", $"\"env_ids\":[\"{Env}\"]"));
        await As(client, "root").CreateAsync(Env);
        await client.CreateAsync("prod");
        (await As(client, "ci").RenameAsync(Env, "x")).Must(200);
        (await client.RenameAsync("prod", "x")).MustBe(403, "unauthorized");
        (await client.GetAsync("/environments/prod")).MustBe(403, "unauthorized");
        (await client.GetAsync("/environments/prod/audit")).MustBe(403, "unauthorized");
        (await client.GetAsync("/environments/none")).MustBe(403, "unauthorized");
        (await client.CreateAsync("another")).MustBe(403, "unauthorized");
        (await client.GetAsync("/environments"))["environments"].EnumerateArray().Select(id => id.GetString()).ShouldBe([Env]);
    }

    [Fact]
    public async Task Every_route_answers_every_role_by_the_table()
    {
        await using var lab = new TLab();
        using var client = await StartAsync(
            lab,
            Tokens.Entry("admin", "admin"),
            Tokens.Entry("operator", "operator"),
            Tokens.Entry("read-only", "read-only"),
            Tokens.Entry("elsewhere", "admin", "\"env_ids\":[\"elsewhere\"]"),
            Tokens.Entry("dial", "operator", "\"verbs\":[\"traffic.*\"]"));
        await As(client, "admin").CreateAsync(Env);
        foreach (var route in StoreContract.Routes.Where(route => route is not ReadRoute { Waits: true }))
        {
            foreach (var token in (string?[])[null, "admin", "operator", "read-only", "elsewhere", "dial"])
            {
                var path = System.Text.RegularExpressions.Regex.Replace(route.Path.Replace("{env_id}", Env, StringComparison.Ordinal), @"\{\w+\}", "x");
                var answer = await As(client, token).SendAsync(new HttpMethod(route.Method), path, null);
                var expected = token is null ? 401 : IsPermitted(route, token) ? 0 : 403;
                (answer.Status is 401 or 403 ? answer.Status : 0).ShouldBe(expected, $"{token} {route.Method} {route.Path}: {answer.Text}");
            }
        }
    }

    [Fact]
    public async Task Who_may_change_one_deployment_changes_no_other_and_not_the_environment()
    {
        await using var lab = new TLab();
        using var client = await StartAsync(lab, Tokens.Entry("root", "admin"));
        var one = await As(client, "root").DeployAsync(Env);
        var other = (await client.AddBundleAsync(Env, "other")).Must(200).Result.GetProperty("deployment_id").GetString()!;
        const string Mine = "01J8A1A1A1A1A1A1A1A1A1A1A1";
        const string Foreign = "01J8B2B2B2B2B2B2B2B2B2B2B2";
        await client.StageAsync(Env, other, Foreign);
        client.Dispose();
        await lab.StopAsync();

        using var again = await StartAsync(lab, Tokens.Entry("root", "admin"), Tokens.Entry("team", "operator", $"\"deployment_ids\":[\"{one}\"]"));
        (await As(again, "team").StageAsync(Env, one, Mine)).Must(200);
        (await again.WarmAsync(Env, Mine)).Must(200);
        (await again.StageAsync(Env, other, "01J8C3C3C3C3C3C3C3C3C3C3C3")).MustBe(403, "unauthorized");
        (await again.WarmAsync(Env, Foreign)).MustBe(403, "unauthorized");
        (await again.ChangeAsync("DELETE", $"/environments/{Env}/bundles/{other}")).MustBe(403, "unauthorized");
        (await again.RenameAsync(Env, "x")).MustBe(403, "unauthorized");
        (await again.WarmAsync(Env, "01J8D4D4D4D4D4D4D4D4D4D4D4")).MustBe(403, "unauthorized");
    }

    [Fact]
    public async Task Who_may_not_cannot_replay_either()
    {
        await using var lab = new TLab();
        using var client = await StartAsync(lab, Tokens.Entry("root", "admin"), Tokens.Entry("eve", "read-only"));
        await As(client, "root").CreateAsync(Env);
        await client.RenameAsync(Env, "secret", "key");
        (await As(client, "eve").RenameAsync(Env, "secret", "key")).MustBe(403, "unauthorized").Text.ShouldNotContain("secret");
    }

    [Fact]
    public async Task Tokens_end_and_are_taken_over_while_the_server_runs()
    {
        var time = new ManualTime();
        await using var lab = new TLab();
        var path = Tokens.Write(lab, Tokens.Entry("old", "admin"), Tokens.Entry("short", "admin", "\"not_after\":\"2026-11-20T14:03:00Z\""));
        using var client = await lab.StartAsync(options => options with { Tokens = path, Time = time, StrangerLimit = new RateLimit(1000, 1) });
        (await As(client, "short").GetAsync("/environments")).Must(200);

        Tokens.Write(lab, Tokens.Entry("new", "admin"), Tokens.Entry("short", "admin", "\"not_after\":\"2026-11-20T14:03:00Z\""));
        time.Advance(TimeSpan.FromSeconds(2));
        (await As(client, "old").GetAsync("/environments")).Must(401);
        (await As(client, "new").GetAsync("/environments")).Must(200);

        // A file that is wrong changes nothing.
        File.WriteAllText(path, "{}");
        time.Advance(TimeSpan.FromSeconds(2));
        (await As(client, "new").GetAsync("/environments")).Must(200);

        time.Advance(TimeSpan.FromMinutes(1));
        (await As(client, "short").GetAsync("/environments")).Must(401);
    }

    [Fact]
    public async Task Each_caller_has_a_limit_of_its_own()
    {
        await using var lab = new TLab();
        var path = Tokens.Write(lab, Tokens.Entry("busy", "admin"), Tokens.Entry("calm", "admin"));
        using var client = await lab.StartAsync(options => options with { Tokens = path, Time = new ManualTime(), CallerLimit = new RateLimit(3, 0.5), StrangerLimit = new RateLimit(2, 0.5) });
        for (var index = 0; index < 3; index++)
        {
            (await As(client, "busy").GetAsync("/environments")).Must(200);
        }

        (await client.GetAsync("/environments")).MustBe(429, "rate-limited").Headers.RetryAfter!.Delta.ShouldBe(TimeSpan.FromSeconds(2));
        (await As(client, "calm").GetAsync("/environments")).Must(200);
        (await As(client, "x").GetAsync("/environments")).Must(401);
        (await As(client, "y").GetAsync("/environments")).Must(401);
        (await As(client, "z").GetAsync("/environments")).Must(429);
        (await client.GetAsync("/healthz")).Must(200);
    }

    private static async Task<StoreClient> StartAsync(TLab lab, params string[] entries)
    {
        var path = Tokens.Write(lab, entries);
        return await lab.StartAsync(options => options with { Tokens = path, StrangerLimit = new RateLimit(100_000, 1) });
    }

    private static StoreClient As(StoreClient client, string? token)
    {
        client.Token = token;
        return client;
    }

    private static bool IsPermitted(StoreRoute route, string token) => (route, token) switch
    {
        (_, "elsewhere") => !route.HasEnvironment,
        (ReadRoute { NeedsRight: false }, _) => true,
        (_, "read-only") => false,
        (_, "dial") => route.Noun == "traffic",
        (_, "operator") => route.Noun != "trust-root",
        _ => true,
    };
}
