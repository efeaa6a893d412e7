using System.Text.Json;

namespace Gtc.Store.Server.Tests.Contract;

/// <summary>Envelopes, keys and preconditions.</summary>
public abstract class Changes_are_answered_once<TLab> : ContractTest<TLab>
    where TLab : StoreLab, new()
{
    [Fact]
    [Trait("fact", "store-server:12.1")]
    public async Task A_retried_create_is_answered_again_and_another_one_is_refused()
    {
        var first = (await Client.CreateAsync(Env, "k1")).Must(200);
        first.Generation.ShouldBe(1);
        first.Idempotency.ShouldBe("applied");
        first.Result.GetProperty("environment_id").GetString().ShouldBe(Env);
        first["audit"].TryGetProperty("previous_generation", out _).ShouldBeFalse();
        first["audit"].GetProperty("new_generation").GetInt64().ShouldBe(1);
        first["audit"].GetProperty("actor").GetProperty("kind").GetString().ShouldBe("store-server");
        first["audit"].GetProperty("authorization").GetProperty("policy").GetString().ShouldBe("open-dev");

        (await Client.CreateAsync(Env, "k2")).MustBe(409, "already-exists");

        var again = (await Client.CreateAsync(Env, "k1")).Must(200);
        again.Idempotency.ShouldBe("replayed");
        again.Etag.ShouldBe(first.Etag);
        again.Generation.ShouldBe(1);
        again.Result.GetRawText().ShouldBe(first.Result.GetRawText());
        again["audit"].GetRawText().ShouldBe(first["audit"].GetRawText());
        (await Client.AuditAsync(Env, "?outcome=ok")).Count.ShouldBe(1);
    }

    [Fact]
    [Trait("fact", "store-server:12.2")]
    public async Task A_change_needs_a_key_of_1_to_255_bytes()
    {
        await Client.CreateAsync(Env);
        (await Client.SendAsync(HttpMethod.Patch, $"/environments/{Env}", """{"name":"x"}""")).MustBe(400, "invalid-request");
        (await Client.RenameAsync(Env, "x", " ")).MustBe(400, "invalid-request");
        (await Client.RenameAsync(Env, "x", new string('k', 256))).MustBe(400, "invalid-request");
        (await Client.RenameAsync(Env, "x", new string('k', 255))).Must(200);
    }

    [Fact]
    [Trait("fact", "store-server:12.3")]
    public async Task A_stale_tag_is_refused_with_what_changed_since()
    {
        var seen = (await Client.CreateAsync(Env)).Etag;
        var now = (await Client.RenameAsync(Env, "by-bob")).Must(200).Etag;

        var stale = (await Client.RenameAsync(Env, "by-ada", ifMatch: $"\"{seen}\"")).MustBe(412, "precondition-failed");
        stale["expected_etag"].GetString().ShouldBe(seen);
        stale["actual_etag"].GetString().ShouldBe(now);
        stale["expected_generation"].GetInt64().ShouldBe(1);
        stale["actual_generation"].GetInt64().ShouldBe(2);
        stale["changes"].EnumerateArray().Single().GetProperty("verb").GetString().ShouldBe("env.update");
        (await Client.GetAsync($"/environments/{Env}"))["environment"].GetProperty("name").GetString().ShouldBe("by-bob");

        (await Client.RenameAsync(Env, "x", ifMatch: "W/\"x\"")).MustBe(400, "invalid-request");
        (await Client.RenameAsync(Env, "x", ifMatch: "*")).MustBe(400, "invalid-request");
        (await Client.RenameAsync(Env, "by-ada", ifMatch: now)).Must(200).Generation.ShouldBe(3);
    }

    [Fact]
    [Trait("fact", "store-server:12.4")]
    public async Task A_key_stands_for_one_request_and_a_failed_one_leaves_it_free()
    {
        await Client.CreateAsync(Env);
        (await Client.RenameAsync(Env, "one", "k")).Must(200);
        var other = (await Client.RenameAsync(Env, "two", "k")).MustBe(409, "idempotency-conflict");
        other["reason"].GetString()!.ShouldContain("env update");
        (await Client.ChangeAsync("POST", $"/environments/{Env}/trust-root/bootstrap", key: "k")).MustBe(409, "idempotency-conflict");
        (await Client.ChangeAsync("PATCH", $"/environments/{Env}?x=1", """{"name":"one"}""", "k")).Must(200).Idempotency.ShouldBe("replayed");

        (await Client.ChangeAsync("POST", $"/environments/{Env}/traffic/rollback", $$"""{"deployment_id":"{{RevisionA}}"}""", "free")).MustBe(404, "dependent-not-found");
        (await Client.RenameAsync(Env, "three", "free")).Must(200).Idempotency.ShouldBe("applied");
    }

    [Fact]
    [Trait("fact", "store-server:12.5")]
    public async Task A_late_retry_gets_its_first_answer_and_changes_nothing()
    {
        await Client.CreateAsync(Env);
        var a = (await Client.RenameAsync(Env, "a", "A")).Must(200);
        (await Client.RenameAsync(Env, "b", "B")).Must(200);
        var again = (await Client.RenameAsync(Env, "a", "A")).Must(200);
        again.Result.GetRawText().ShouldBe(a.Result.GetRawText());
        again.Etag.ShouldBe(a.Etag);
        again.Headers.GetValues("Idempotent-Replayed").Single().ShouldBe("true");
        (await Client.GetAsync($"/environments/{Env}"))["environment"].GetProperty("name").GetString().ShouldBe("b");
    }

    [Fact]
    [Trait("fact", "store-server:12.6")]
    public async Task Two_identical_requests_at_once_are_one_change()
    {
        await Client.CreateAsync(Env);
        var both = await Task.WhenAll(Client.RenameAsync(Env, "same", "K"), Client.RenameAsync(Env, "same", "K"));
        both.Select(answer => answer.Must(200).Idempotency).Order().ShouldBe(["applied", "replayed"]);
        (await Client.GetAsync($"/environments/{Env}")).Generation.ShouldBe(2);
    }

    [Fact]
    public async Task Of_two_operators_with_one_tag_one_wins()
    {
        var seen = (await Client.CreateAsync(Env)).Etag;
        var both = await Task.WhenAll(Client.RenameAsync(Env, "ada", ifMatch: seen), Client.RenameAsync(Env, "bob", ifMatch: seen));
        both.Select(answer => answer.Status).Order().ShouldBe([200, 412]);
        both.Single(answer => answer.Status == 412)["changes"].GetArrayLength().ShouldBe(1);
    }

    [Fact]
    public async Task Many_writers_lose_nothing()
    {
        await Client.CreateAsync(Env);
        var answers = await Task.WhenAll(Enumerable.Range(0, 40).Select(index => Client.RenameAsync(Env, $"n{index}")));
        answers.Select(answer => answer.Must(200).Generation).Order().ShouldBe(Enumerable.Range(2, 40).Select(number => (long)number));
        (await Client.GetAsync($"/environments/{Env}")).Generation.ShouldBe(41);
        (await Client.AuditAsync(Env)).Count.ShouldBe(41);
    }

    [Fact]
    public async Task The_tag_is_a_header_too_and_a_known_one_saves_the_body()
    {
        var made = await Client.CreateAsync(Env);
        made.Headers.ETag!.Tag.ShouldBe($"\"{made.Etag}\"");
        var read = await Client.GetAsync($"/environments/{Env}");
        read.Headers.ETag!.Tag.ShouldBe($"\"{made.Etag}\"");
        var known = await Client.GetAsync($"/environments/{Env}", $"\"{made.Etag}\"");
        known.Must(304).Text.ShouldBeEmpty();
        await Client.RenameAsync(Env, "x");
        (await Client.GetAsync($"/environments/{Env}", $"\"{made.Etag}\"")).Must(200);
    }

    [Fact]
    [Trait("fact", "store-server:12.23")]
    public async Task A_convergence_is_authorized_on_one_document_and_its_end_recorded()
    {
        var made = await Client.CreateAsync(Env);
        var path = $"/environments/{Env}/reconcile";
        (await Client.ChangeAsync("POST", path)).MustBe(428, "precondition-required");
        (await Client.ChangeAsync("POST", path, ifMatch: new string('0', 64))).MustBe(412, "precondition-failed");
        var allowed = (await Client.ChangeAsync("POST", path, ifMatch: made.Etag)).Must(200);
        allowed.Generation.ShouldBe(1);
        allowed.Result.GetProperty("environment_id").GetString().ShouldBe(Env);
        (await Client.AuditAsync(Env, "?verb=reconcile&outcome=ok")).Count.ShouldBe(1);

        var failed = $$$"""{"authorized_generation":1,"authorized_etag":"{{{made.Etag}}}","completion":{"status":"failed","error":"no cluster"}}""";
        (await Client.ChangeAsync("POST", path + "/complete", failed)).Must(200).Result.GetProperty("recorded").GetBoolean().ShouldBeTrue();
        var line = (await Client.AuditAsync(Env, "?verb=reconcile-complete")).Single().GetProperty("result");
        line.GetProperty("outcome").GetString().ShouldBe("error");
        line.GetProperty("kind").GetString().ShouldBe("reconcile-failed");
        (await Client.ChangeAsync("POST", path + "/complete", failed.Replace("\"error\"", "\"x\":1,\"error\"", StringComparison.Ordinal))).MustBe(400, "invalid-request");
    }

    [Fact]
    public async Task An_earlier_generation_is_read_and_becomes_the_newest()
    {
        await Client.CreateAsync(Env);
        await Client.RenameAsync(Env, "second");
        (await Client.GetAsync($"/environments/{Env}?generation=1")).Must(200)["environment"].GetProperty("name").GetString().ShouldBe(Env);
        (await Client.GetAsync($"/environments/{Env}?generation=9")).MustBe(404, "dependent-not-found");
        var restored = (await Client.ChangeAsync("POST", $"/environments/{Env}/restore-generation", """{"generation":1}""")).Must(200);
        restored.Generation.ShouldBe(3);
        restored.Result.GetProperty("name").GetString().ShouldBe(Env);
        var history = (await Client.GetAsync($"/environments/{Env}/history?limit=2")).Must(200);
        history["generations"].EnumerateArray().Select(entry => entry.GetProperty("verb").GetString()).ShouldBe(["restore", "update"]);
        (await Client.GetAsync($"/environments/{Env}/history?limit=2&before={history["next"].GetInt64()}"))["generations"].GetArrayLength().ShouldBe(1);
    }

    [Fact]
    public async Task The_audit_log_is_read_page_by_page_and_chained()
    {
        await Client.CreateAsync(Env);
        for (var index = 0; index < 5; index++)
        {
            await Client.RenameAsync(Env, $"n{index}");
        }

        var last = (await Client.GetAsync($"/environments/{Env}/audit?limit=4")).Must(200);
        last["events"].GetArrayLength().ShouldBe(4);
        var first = (await Client.GetAsync($"/environments/{Env}/audit?limit=4&before={last["next"].GetString()}")).Must(200);
        first["events"].GetArrayLength().ShouldBe(2);
        var all = first["events"].EnumerateArray().Concat(last["events"].EnumerateArray()).ToList();
        all.Select(line => line.GetProperty("hash").GetString()).Distinct().Count().ShouldBe(6);
    }

    [Fact]
    public async Task What_was_discovered_is_compared_by_its_own_generation()
    {
        await Client.CreateAsync(Env);
        var path = $"/environments/{Env}/runtime";
        (await Client.GetAsync(path)).Must(200)["runtime"].ValueKind.ShouldBe(JsonValueKind.Null);
        (await Client.ChangeAsync("PUT", path, """{"discovered":{"url":"https://x"},"generated_by":"greentic.deployer.k8s@1.0.0","expected_generation":0}""")).Must(200).Generation.ShouldBe(1);
        (await Client.ChangeAsync("PUT", path, """{"discovered":{},"generated_by":"greentic.deployer.k8s@1.0.0","expected_generation":0}""")).MustBe(409, "conflict");
        (await Client.GetAsync(path))["runtime"].GetProperty("discovered").GetProperty("url").GetString().ShouldBe("https://x");
    }
}
