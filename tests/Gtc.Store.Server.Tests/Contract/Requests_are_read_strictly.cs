using System.Net.Http.Headers;

namespace Gtc.Store.Server.Tests.Contract;

/// <summary>Malformed requests end in the contract's errors, never in a fault.</summary>
public abstract class Requests_are_read_strictly<TLab> : ContractTest<TLab>
    where TLab : StoreLab, new()
{
    [Fact]
    public async Task Unknown_and_repeated_members_and_nulls_are_refused_with_their_place()
    {
        await Client.CreateAsync(Env);
        foreach (var body in (string[])["", "null", "[]", "{", "7", "{\"name\":\"x\",\"name\":\"y\"}", "{\"nme\":\"x\"}", "{\"name\":7}", "{\"region\":{}}", "{\"name\":\"\\ud800\"}"])
        {
            (await Client.ChangeAsync("PATCH", $"/environments/{Env}", body)).MustBe(400, "invalid-request");
        }

        (await Client.ChangeAsync("POST", "/environments", """{"env_id":"a","name":"a","host_config":{"env_id":"a","regoin":"eu"}}""")).MustBe(400, "invalid-request")["detail"].GetString()!.ShouldContain("regoin");
        (await Client.ChangeAsync("POST", "/environments", """{"env_id":"../x","name":"a","host_config":{"env_id":"a"}}""")).MustBe(400, "invalid-request");
        (await Client.ChangeAsync("POST", $"/environments/{Env}/traffic", $$"""{"deployment_id":"{{RevisionA}}","entries":[null],"updated_by":"x"}""")).MustBe(400, "invalid-request")["detail"].GetString()!.ShouldContain("$.entries[0]");
        (await Client.ChangeAsync("POST", $"/environments/{Env}/packs", """{"binding":null}""")).MustBe(400, "invalid-request");
        (await Client.ChangeAsync("PATCH", $"/environments/{Env}", "{\"name\":" + new string('[', 60) + new string(']', 60) + "}")).MustBe(400, "invalid-request");
        (await Client.ChangeAsync("POST", $"/environments/{Env}/trust-root/bootstrap", "{}")).MustBe(400, "invalid-request");
    }

    [Fact]
    public async Task A_body_that_is_not_json_by_its_type_or_is_too_long_is_refused()
    {
        await Client.CreateAsync(Env);
        (await Client.SendAsync(HttpMethod.Patch, $"/environments/{Env}", """{"name":"x"}""", request =>
        {
            request.Content!.Headers.ContentType = new MediaTypeHeaderValue("text/plain");
            request.Headers.Add("Idempotency-Key", "k");
        })).MustBe(400, "invalid-request");

        // The client asks before it sends, or the answer could meet a body that is still on its way.
        (await Client.SendAsync(HttpMethod.Patch, $"/environments/{Env}", $$"""{"name":"{{new string('x', 2 << 20)}}"}""", request =>
        {
            request.Headers.ExpectContinue = true;
            request.Headers.Add("Idempotency-Key", "k");
        })).MustBe(413, "too-large");
    }

    [Fact]
    public async Task Unknown_environments_routes_and_methods_have_typed_errors()
    {
        (await Client.GetAsync("/environments/none")).MustBe(404, "not-found");
        (await Client.GetAsync("/environments/none/audit")).MustBe(404, "not-found");
        (await Client.GetAsync("/environments/none/history")).MustBe(404, "not-found");
        (await Client.GetAsync("/environments/none/watch?from=0")).MustBe(404, "not-found");
        (await Client.RenameAsync("none", "x")).MustBe(404, "not-found");
        (await Client.GetAsync("/environments/!!")).MustBe(400, "invalid-request");
        (await Client.GetAsync("/nope")).MustBe(404, "route-not-found");
        (await Client.ChangeAsync("PUT", $"/environments/{Env}")).MustBe(405, "method-not-allowed");
        (await Client.GetAsync("/environments?limit=0")).MustBe(400, "invalid-request");
        (await Client.GetAsync("/environments?limit=x")).MustBe(400, "invalid-request");
    }

    [Fact]
    public async Task Environments_are_listed_page_by_page_in_order()
    {
        foreach (var id in (string[])["c", "a", "b.d"])
        {
            (await Client.CreateAsync(id)).Must(200);
        }

        var first = (await Client.GetAsync("/environments?limit=2")).Must(200);
        first["environments"].EnumerateArray().Select(id => id.GetString()).ShouldBe(["a", "b.d"]);
        var second = (await Client.GetAsync($"/environments?limit=2&after={first["next"].GetString()}")).Must(200);
        second["environments"].EnumerateArray().Select(id => id.GetString()).ShouldBe(["c"]);
        second.Json.TryGetProperty("next", out _).ShouldBeFalse();
        (await Client.GetAsync("/environments/b%2Ed")).Must(200);
    }

    [Fact]
    public async Task The_server_tells_about_itself()
    {
        await Client.CreateAsync(Env);
        (await Client.GetAsync("/healthz")).Must(200)["status"].GetString().ShouldBe("ok");
        (await Client.GetAsync("/readyz")).Must(200)["status"].GetString().ShouldBe("ready");
        var metrics = (await Client.GetAsync("/metrics")).Must(200).Text;
        metrics.ShouldContain("gtc_store_requests_total{method=\"POST\",route=\"/environments\",status=\"200\"} 1");
        metrics.ShouldNotContain(Env);
    }
}
