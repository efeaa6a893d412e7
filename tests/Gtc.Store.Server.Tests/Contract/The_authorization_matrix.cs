using System.Text.RegularExpressions;
using Gtc.Store.Server.Tests.Access;

namespace Gtc.Store.Server.Tests.Contract;

/// <summary>Every route of the contract for every role, scope of environments, narrowing by verb and by deployment. What is expected is said here once more, apart from the server's rules.</summary>
public abstract class The_authorization_matrix<TLab>
    where TLab : StoreLab, new()
{
    private const string Env = "staging";
    private const string Narrow = "\"verbs\":[\"traffic.*\",\"revisions.stage\",\"env.update\"]";

    private static readonly string[] Roles = ["admin", "operator", "read-only"];
    private static readonly string[] Scopes = ["everywhere", Env, "elsewhere"];
    private static readonly string[] Verbs = ["any", "narrow"];

    [Fact]
    public async Task Every_route_answers_every_rule_as_expected_and_every_denial_is_on_record()
    {
        await using var lab = new TLab();
        var rules = (from role in Roles from scope in Scopes from verbs in Verbs select (Name: $"{role}.{scope}.{verbs}", Role: role, Scope: scope, Verbs: verbs)).ToList();
        var path = Tokens.Write(lab, [Tokens.Entry("root", "admin"), .. rules.Select(rule => Tokens.Entry(rule.Name, rule.Role, More(rule.Scope, rule.Verbs)))]);
        using var client = await lab.StartAsync(options => options with { Tokens = path, StrangerLimit = new RateLimit(1_000_000, 1) });
        client.Token = "root";
        (await client.CreateAsync(Env)).Must(200);

        var (permitted, denied) = (0, 0);
        foreach (var rule in rules)
        {
            var recorded = 0;
            foreach (var route in StoreContract.Routes)
            {
                client.Token = rule.Name;
                var answer = await AskAsync(client, route);
                var isPermitted = IsPermitted(route, rule.Role, rule.Scope, rule.Verbs == "narrow");
                (answer.Status == 403).ShouldBe(!isPermitted, $"{rule.Name} {route.Method} {route.Path}: {answer.Status} {answer.Text}");
                answer.Status.ShouldNotBe(401);
                (permitted, denied) = isPermitted ? (permitted + 1, denied) : (permitted, denied + 1);
                recorded += !isPermitted && route.HasEnvironment ? 1 : 0;
            }

            client.Token = "root";
            (await client.AuditAsync(Env, $"?actor={rule.Name}&outcome=error&limit=1000")).Count(line => line.GetProperty("result").GetProperty("kind").GetString() == "unauthorized").ShouldBe(recorded, rule.Name);
        }

        (permitted, denied).ShouldBe((permitted, (rules.Count * StoreContract.Routes.Length) - permitted));
        permitted.ShouldBeGreaterThan(StoreContract.Routes.Length);
        denied.ShouldBeGreaterThan(StoreContract.Routes.Length);
    }

    [Fact]
    public async Task Every_route_is_401_for_a_stranger()
    {
        await using var lab = new TLab();
        var path = Tokens.Write(lab, Tokens.Entry("root", "admin"));
        using var client = await lab.StartAsync(options => options with { Tokens = path, StrangerLimit = new RateLimit(1_000_000, 1) });
        foreach (var route in StoreContract.Routes)
        {
            foreach (var token in (string?[])[null, "nobody", "eyJhbGciOiJub25lIn0.e30."])
            {
                client.Token = token;
                (await AskAsync(client, route)).Status.ShouldBe(401, $"{token} {route.Method} {route.Path}");
            }
        }
    }

    [Fact]
    public async Task A_body_names_an_environment_that_must_be_in_scope_too()
    {
        await using var lab = new TLab();
        var path = Tokens.Write(lab, Tokens.Entry("root", "admin"), Tokens.Entry("here", "operator", $"\"env_ids\":[\"{Env}\"]"));
        using var client = await lab.StartAsync(options => options with { Tokens = path });
        client.Token = "here";
        (await client.CreateAsync("elsewhere")).MustBe(403, "unauthorized");
        (await client.CreateAsync(Env)).Must(200);
    }

    [Fact]
    public async Task Who_may_not_take_a_revocation_back_does_not_change_whether_the_list_is_asked()
    {
        await using var lab = new TLab();
        var path = Tokens.Write(lab, Tokens.Entry("root", "admin"), Tokens.Entry("op", "operator"), Tokens.Entry("narrow", "admin", "\"verbs\":[\"env-packs.*\",\"env.*\"]"));
        using var client = await lab.StartAsync(options => options with { Tokens = path });
        client.Token = "root";
        (await client.CreateAsync(Env)).Must(200);
        const string Packs = $"/environments/{Env}/packs";
        const string Slot = $"{Packs}/revocation";
        const string Kind = "\"slot\":\"revocation\",\"kind\":\"greentic.revocation.file@0.1.0\",\"pack_ref\":\"builtin\"";
        const string Body = $$$"""{"binding":{{{{Kind}}}}}""";
        (string Method, string Path, string? Body)[] changes =
        [
            ("POST", Packs, Body),
            ("PATCH", Slot, Body),
            ("POST", $"{Slot}/rollback", null),
            ("PUT", $"{Slot}/answers", """{"answers":{}}"""),
            ("DELETE", $"{Slot}/answers", null),
            ("DELETE", Slot, null),
            ("POST", $"/environments/{Env}/migrate-bindings", $$$"""{"packs":[{{{{Kind}}}}],"extensions":[]}"""),
        ];
        foreach (var change in changes)
        {
            foreach (var token in (string[])["op", "narrow"])
            {
                client.Token = token;
                (await client.ChangeAsync(change.Method, change.Path, change.Body, ifMatch: new string('0', 64))).MustBe(403, "unauthorized").Text.ShouldContain("trust-root.unrevoke");
            }

            client.Token = "root";
            var seen = change is ("DELETE", $"{Slot}/answers", _) ? (await client.GetAsync(change.Path)).Etag : null;
            (await client.ChangeAsync(change.Method, change.Path, change.Body, ifMatch: seen)).Must(200);
        }

        client.Token = "op";
        (await client.ChangeAsync("POST", Packs, Body.Replace("revocation", "state", StringComparison.Ordinal))).Must(200);
    }

    [Fact]
    public async Task Every_change_of_a_deployment_is_denied_to_who_may_change_another_one()
    {
        await using var lab = new TLab();
        using var open = await lab.StartAsync();
        var mine = await open.DeployAsync(Env);
        var other = (await open.AddBundleAsync(Env, "other")).Must(200).Result.GetProperty("deployment_id").GetString()!;
        const string Revision = "01J8A1A1A1A1A1A1A1A1A1A1A1";
        (await open.StageAsync(Env, other, Revision)).Must(200);
        await lab.StopAsync();

        var path = Tokens.Write(lab, Tokens.Entry("root", "admin"), Tokens.Entry("team", "admin", $"\"deployment_ids\":[\"{mine}\"]"), Tokens.Entry("owner", "admin", $"\"deployment_ids\":[\"{other}\"]"));
        using var client = await lab.StartAsync(options => options with { Tokens = path });
        foreach (var route in StoreContract.Routes.OfType<ChangeRoute>().Where(route => route.HasEnvironment))
        {
            var target = route.Path.Replace("{env_id}", Env, StringComparison.Ordinal).Replace("{deployment_id}", other, StringComparison.Ordinal).Replace("{revision_id}", Revision, StringComparison.Ordinal);
            target = Regex.Replace(target, @"\{\w+\}", "x");
            var body = Body($"{route.Noun}.{route.Verb}", other, Revision);
            client.Token = "team";
            var denied = await client.ChangeAsync(route.Method, target, route.Body is null ? null : body ?? "{}");
            (denied.Status is 403 or 400 || (denied.Status == 404 && body is null)).ShouldBeTrue($"{route.Method} {target}: {denied.Status} {denied.Text}");

            // Where the deployment is named, the denial is that and nothing about the request.
            if (body is not null)
            {
                denied.Status.ShouldBe(403, $"{route.Method} {target}: {denied.Text}");
                client.Token = "owner";
                (await client.ChangeAsync(route.Method, target, route.Body is null ? null : body, ifMatch: new string('0', 64))).Status.ShouldNotBe(403, $"{route.Method} {target}");
            }
        }
    }

    private static string More(string scope, string verbs) => string.Join(',', new[]
    {
        scope == "everywhere" ? "" : $"\"env_ids\":[\"{scope}\"]",
        verbs == "narrow" ? Narrow : "",
    }.Where(part => part.Length > 0));

    private static Task<ServerAnswer> AskAsync(StoreClient client, StoreRoute route)
    {
        var path = Regex.Replace(route.Path.Replace("{env_id}", Env, StringComparison.Ordinal), @"\{\w+\}", "x");
        return client.SendAsync(new HttpMethod(route.Method), route is ReadRoute { Waits: true } ? path + "?timeout=0" : path, null);
    }

    private static bool IsPermitted(StoreRoute route, string role, string scope, bool isNarrow)
    {
        var (noun, verb) = route is UploadRoute upload ? upload.Right : (route.Noun, route.Verb);
        var isInScope = !route.HasEnvironment || scope != "elsewhere";
        return route is ReadRoute { NeedsRight: false } ? isInScope
            : isInScope && role != "read-only" && !(role == "operator" && noun == "trust-root")
                && (!isNarrow || noun == "traffic" || (noun, verb) is ("revisions", "stage") or ("env", "update"));
    }

    /// <summary>A body of a route that changes one deployment; null for those that change the environment as such.</summary>
    private static string? Body(string verb, string deployment, string revision) => verb switch
    {
        "bundles.update" => $$"""{"deployment_id":"{{deployment}}"}""",
        "bundles.remove" or "bundles.force-remove" => "",
        "revisions.stage" => $$"""
            {"revision_id":"01J8B2B2B2B2B2B2B2B2B2B2B2","deployment_id":"{{deployment}}","bundle_digest":"sha256:{{new string('a', 64)}}","pack_list":[],"pack_list_lock_ref":"x","pack_config_refs":[],
             "config_digest":"sha256:{{new string('b', 64)}}","signature_sidecar_ref":"rev.sig","drain_seconds":30}
            """,
        "revisions.warm" => $$"""{"revision_id":"{{revision}}","health_gate":{"ok":true},"expected_lifecycle":"staged"}""",
        "revisions.force-archive" => """{"updated_by":"x"}""",
        _ when verb.StartsWith("revisions.", StringComparison.Ordinal) => "",
        "traffic.set" => $$"""{"deployment_id":"{{deployment}}","entries":[{"revision_id":"{{revision}}","weight_bps":10000}],"updated_by":"x"}""",
        "traffic.rollback" => $$"""{"deployment_id":"{{deployment}}"}""",
        "traffic.clear" => $$"""{"deployment_id":"{{deployment}}","updated_by":"x"}""",
        "traffic.preview.add" => $$"""{"deployment_id":"{{deployment}}","revision_id":"{{revision}}","token_hash":"{{new string('a', 64)}}","lifetime_seconds":60}""",
        "traffic.preview.remove" or "env.apply-revision" => "",
        "env.apply-traffic" => $$"""{"deployment_id":"{{deployment}}"}""",
        _ => null,
    };
}
