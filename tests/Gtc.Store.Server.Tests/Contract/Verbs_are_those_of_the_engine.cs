using System.Text.Json;

namespace Gtc.Store.Server.Tests.Contract;

/// <summary>What each noun answers.</summary>
public abstract class Verbs_are_those_of_the_engine<TLab> : ContractTest<TLab>
    where TLab : StoreLab, new()
{
    [Fact]
    [Trait("fact", "store-server:12.7")]
    public async Task A_failed_gate_is_an_error_that_stands_and_is_answered_again()
    {
        var deployment = await Client.DeployAsync(Env);
        (await Client.StageAsync(Env, deployment, RevisionA)).Must(200).Result.GetProperty("lifecycle").GetString().ShouldBe("staged");
        var before = (await Client.GetAsync($"/environments/{Env}")).Generation;

        const string Gate = """{"ok":false,"failure":{"failed_checks":["route-table"],"message":"no route"}}""";
        var failed = (await Client.WarmAsync(Env, RevisionA, Gate, "gate")).MustBe(422, "health-gate-failed");
        failed["revision_id"].GetString().ShouldBe(RevisionA);
        failed["failed_checks"].EnumerateArray().Single().GetString().ShouldBe("route-table");
        var after = await Client.GetAsync($"/environments/{Env}");
        after.Generation.ShouldBe(before + 1);
        after["environment"].GetProperty("revisions")[0].GetProperty("lifecycle").GetString().ShouldBe("failed");
        (await Client.WarmAsync(Env, RevisionA, Gate, "gate")).Must(422).Text.ShouldBe(failed.Text);
        var line = (await Client.AuditAsync(Env, "?verb=warm")).Single().GetProperty("result");
        line.GetProperty("kind").GetString().ShouldBe("health-gate-failed");
    }

    [Fact]
    public async Task A_revision_lives_from_staged_to_archived()
    {
        var deployment = await Client.DeployAsync(Env);
        await Client.StageAsync(Env, deployment, RevisionA);
        (await Client.StageAsync(Env, deployment, RevisionA)).MustBe(409, "already-exists");
        var warmed = (await Client.WarmAsync(Env, RevisionA, key: "w")).Must(200);
        warmed.Result.GetProperty("starting_lifecycle").GetString().ShouldBe("staged");
        warmed.Result.GetProperty("environment").GetProperty("env_generation").GetInt64().ShouldBe(warmed.Generation);
        var path = $"/environments/{Env}/revisions/{RevisionA}";
        (await Client.ChangeAsync("POST", path + "/drain")).Must(200).Result.GetProperty("revision").GetProperty("lifecycle").GetString().ShouldBe("draining");
        (await Client.ChangeAsync("POST", path + "/archive")).Must(200).Result.GetProperty("revision").GetProperty("lifecycle").GetString().ShouldBe("archived");
        (await Client.ChangeAsync("POST", path + "/retry")).MustBe(409, "conflict");

        // The ledger keeps no document: the answer holds that of its generation all the same.
        (await Client.WarmAsync(Env, RevisionA, key: "w")).Must(200).Result.GetRawText().ShouldBe(warmed.Result.GetRawText());
        (await Client.WarmAsync(Env, RevisionB)).MustBe(404, "dependent-not-found");
        (await Client.ChangeAsync("POST", $"/environments/{Env}/revisions/nonsense/drain")).MustBe(400, "invalid-request");
    }

    [Fact]
    [Trait("fact", "store-server:12.8")]
    public async Task The_dial_refuses_what_the_engine_refuses()
    {
        var deployment = await Client.DeployAsync(Env);
        await Client.StageAsync(Env, deployment, RevisionA);
        await Client.StageAsync(Env, deployment, RevisionB);
        await Client.WarmAsync(Env, RevisionA);
        (await Client.TrafficAsync(Env, deployment, Share(RevisionA, 9999))).MustBe(400, "invalid-request");
        (await Client.TrafficAsync(Env, deployment, Share("01J8C3C3C3C3C3C3C3C3C3C3C3", 10_000))).MustBe(404, "dependent-not-found");
        (await Client.TrafficAsync(Env, deployment, Share(RevisionB, 10_000))).MustBe(409, "conflict");
        (await Client.ChangeAsync("POST", $"/environments/{Env}/traffic/rollback", $$"""{"deployment_id":"{{deployment}}"}""")).MustBe(404, "dependent-not-found");

        await Client.WarmAsync(Env, RevisionB);
        var set = (await Client.TrafficAsync(Env, deployment, Share(RevisionA, 10_000), "t1")).Must(200);
        set.Result.GetProperty("split").GetProperty("idempotency_key").GetString().ShouldBe("t1");
        set["audit"].GetProperty("target").GetProperty("split_generation").GetInt64().ShouldBe(0);
        (await Client.TrafficAsync(Env, deployment, $"{Share(RevisionA, 4000)},{Share(RevisionB, 6000)}")).Must(200);
        var back = (await Client.ChangeAsync("POST", $"/environments/{Env}/traffic/rollback", $$"""{"deployment_id":"{{deployment}}"}""")).Must(200);
        back.Result.GetProperty("restored").GetProperty("entries").GetArrayLength().ShouldBe(1);
        (await Client.ChangeAsync("POST", $"/environments/{Env}/traffic/clear", $$"""{"deployment_id":"{{deployment}}","updated_by":"ada"}""")).Must(200);
        (await Client.ChangeAsync("DELETE", $"/environments/{Env}/bundles/{deployment}")).MustBe(409, "conflict");
    }

    [Fact]
    [Trait("fact", "store-server:12.9")]
    public async Task Slots_are_bound_replaced_and_restored()
    {
        await Client.CreateAsync(Env);
        var path = $"/environments/{Env}/packs";
        (await Client.ChangeAsync("POST", path, Pack("messaging", "greentic.a@1.0.0"))).MustBe(400, "invalid-request");
        (await Client.ChangeAsync("PATCH", path + "/nope", Pack("deployer", "greentic.a@1.0.0"))).MustBe(400, "invalid-request");
        var added = (await Client.ChangeAsync("POST", path, """{"binding":{"slot":"deployer","kind":"greentic.a@1.0.0","pack_ref":"builtin","generation":7,"previous_binding_ref":"inline://e30"}}""")).Must(200);
        added.Result.GetProperty("generation").GetInt64().ShouldBe(0);
        added.Result.TryGetProperty("previous_binding_ref", out _).ShouldBeFalse();
        (await Client.ChangeAsync("POST", path, Pack("deployer", "greentic.a@1.0.0"))).MustBe(409, "already-exists");
        (await Client.ChangeAsync("PATCH", path + "/deployer", Pack("deployer", "greentic.b@1.0.0"))).Must(200).Result.GetProperty("generation").GetInt64().ShouldBe(1);
        (await Client.ChangeAsync("POST", path + "/deployer/rollback")).Must(200).Result.GetProperty("binding").GetProperty("kind").GetString().ShouldBe("greentic.a@1.0.0");
        (await Client.ChangeAsync("POST", path + "/deployer/rollback")).MustBe(409, "conflict");
        (await Client.ChangeAsync("DELETE", path + "/deployer")).Must(200);
        (await Client.ChangeAsync("DELETE", path + "/deployer")).MustBe(404, "dependent-not-found");

        const string Extension = """{"kind":"greentic.mem.long@1.0.0","pack_ref":"builtin","instance_id":"eu"}""";
        const string Key = """{"kind_path":"greentic.mem.long","instance_id":"eu"}""";
        var extensions = $"/environments/{Env}/extensions";
        (await Client.ChangeAsync("POST", extensions, $$"""{"binding":{{Extension}}}""")).Must(200);
        (await Client.ChangeAsync("PATCH", extensions, $$"""{"key":{{Key}}}""")).MustBe(400, "invalid-request");
        (await Client.ChangeAsync("PATCH", extensions, $$"""{"key":{{Key}},"binding":{{Extension}}}""")).Must(200);
        (await Client.ChangeAsync("POST", extensions + "/rollback", $$"""{"key":{{Key}}}""")).Must(200);
        (await Client.ChangeAsync("DELETE", extensions, $$"""{"key":{{Key}}}""")).Must(200);
    }

    [Fact]
    [Trait("fact", "store-server:12.10")]
    public async Task A_deployment_needs_a_server_key_that_is_trusted()
    {
        await Client.CreateAsync(Env);
        (await Client.AddBundleAsync(Env, "main")).MustBe(409, "conflict");
        (await Client.GetAsync($"/environments/{Env}")).Must(200).Generation.ShouldBe(1);
        (await Client.ChangeAsync("POST", $"/environments/{Env}/trust-root/bootstrap")).Must(200).Result.GetProperty("trusted_key_count").GetInt32().ShouldBe(1);
        var added = (await Client.AddBundleAsync(Env, "main")).Must(200);
        added["audit"].GetProperty("target").GetProperty("revenue_policy_version").GetInt32().ShouldBe(1);
        added.Result.GetProperty("revenue_policy_ref").GetString().ShouldBe("billing-policies/main/acme/v1.json.sig");
        (await Client.AddBundleAsync(Env, "main")).MustBe(409, "already-exists");

        var id = added.Result.GetProperty("deployment_id").GetString();
        var path = $"/environments/{Env}/bundles/{id}";
        (await Client.ChangeAsync("PATCH", path, $$"""{"deployment_id":"{{id}}","status":"paused"}""")).Must(200)["audit"].GetProperty("target").GetProperty("revenue_policy_version").ValueKind.ShouldBe(JsonValueKind.Null);
        (await Client.ChangeAsync("PATCH", path, $$"""{"deployment_id":"{{id}}","revenue_share":[{"party_id":"p","basis_points":10000}]}""")).Must(200)["audit"].GetProperty("target").GetProperty("revenue_policy_version").GetInt32().ShouldBe(2);
        (await Client.ChangeAsync("PATCH", path, $$"""{"deployment_id":"{{RevisionA}}","status":"paused"}""")).MustBe(400, "invalid-request");
        (await Client.ChangeAsync("DELETE", path)).Must(200).Result.GetProperty("pruned_revision_ids").GetArrayLength().ShouldBe(0);
    }

    [Fact]
    [Trait("fact", "store-server:12.11")]
    public async Task A_deployment_is_signed_by_what_is_trusted_when_it_stands()
    {
        await Client.CreateAsync(Env);
        for (var round = 0; round < 5; round++)
        {
            var key = (await Client.ChangeAsync("POST", $"/environments/{Env}/trust-root/bootstrap")).Must(200).Result.GetProperty("key_id").GetString();
            var adding = Client.AddBundleAsync(Env, $"main{round}", $"add{round}");
            var removing = Client.ChangeAsync("DELETE", $"/environments/{Env}/trust-root/keys/{key}");
            var added = await adding;
            (await removing).Must(200);
            if (added.Status != 200)
            {
                added.MustBe(409, "conflict");
                (await Client.GetAsync($"/environments/{Env}"))["environment"].GetProperty("bundles").EnumerateArray().ShouldNotContain(one => one.GetProperty("bundle_id").GetString() == $"main{round}");
            }

            (await Client.ChangeAsync("POST", $"/environments/{Env}/trust-root/bootstrap")).Must(200);
            (await Client.AddBundleAsync(Env, $"main{round}", $"add{round}")).Must(200).Idempotency.ShouldBe(added.Status == 200 ? "replayed" : "applied");
        }

        (await Client.GetAsync($"/environments/{Env}"))["environment"].GetProperty("bundles").GetArrayLength().ShouldBe(5);
    }

    [Fact]
    [Trait("fact", "store-server:12.24")]
    public async Task A_removed_key_is_answered_again_with_its_pem()
    {
        await Client.CreateAsync(Env);
        var key = (await Client.ChangeAsync("POST", $"/environments/{Env}/trust-root/seed")).Must(200).Result;
        var id = key.GetProperty("key_id").GetString();
        (await Client.ChangeAsync("POST", $"/environments/{Env}/trust-root/seed")).Must(200).Result.ValueKind.ShouldBe(JsonValueKind.Null);
        var tag = (await Client.GetAsync($"/environments/{Env}/trust-root")).Must(200).Headers.ETag!.Tag;
        (await Client.ChangeAsync("DELETE", $"/environments/{Env}/trust-root/keys/{id}", ifMatch: new string('0', 64))).MustBe(412, "precondition-failed");
        var removed = (await Client.ChangeAsync("DELETE", $"/environments/{Env}/trust-root/keys/{id}", key: "rm", ifMatch: tag)).Must(200).Result;
        removed.GetProperty("removed_public_key_pem").GetString().ShouldBe(key.GetProperty("public_key_pem").GetString());
        (await Client.ChangeAsync("DELETE", $"/environments/{Env}/trust-root/keys/{id}", key: "rm", ifMatch: tag)).Must(200).Result.GetRawText().ShouldBe(removed.GetRawText());
        (await Client.ChangeAsync("DELETE", $"/environments/{Env}/trust-root/keys/{id}")).Must(200).Result.GetProperty("removed_public_key_pem").ValueKind.ShouldBe(JsonValueKind.Null);
        (await Client.ChangeAsync("POST", $"/environments/{Env}/trust-root/seed")).Must(200).Result.ValueKind.ShouldBe(JsonValueKind.Null);

        var pem = JsonSerializer.Serialize(key.GetProperty("public_key_pem").GetString());
        (await Client.ChangeAsync("POST", $"/environments/{Env}/trust-root/keys", $$"""{"key_id":"{{new string('0', 32)}}","public_key_pem":{{pem}}}""")).MustBe(400, "invalid-request");
        (await Client.ChangeAsync("POST", $"/environments/{Env}/trust-root/keys", $$"""{"key_id":"{{id!.ToUpperInvariant()}}","public_key_pem":{{pem}}}""")).Must(200).Result.GetProperty("trusted_key_count").GetInt32().ShouldBe(1);
        (await Client.GetAsync($"/environments/{Env}/trust-root"))["keys"][0].GetProperty("key_id").GetString().ShouldBe(id);
    }

    [Fact]
    [Trait("fact", "store-server:12.25")]
    public async Task The_server_mints_no_secrets()
    {
        await Client.DeployAsync(Env);
        var path = $"/environments/{Env}/messaging";
        var before = (await Client.GetAsync($"/environments/{Env}")).Etag;
        (await Client.ChangeAsync("POST", path, """{"provider_id":"bot","provider_type":"telegram","display_name":"Bot","updated_by":"ada"}""")).MustBe(501, "not-yet-implemented");
        (await Client.GetAsync($"/environments/{Env}")).Etag.ShouldBe(before);
        var added = (await Client.ChangeAsync("POST", path, $$"""{"provider_id":"bot","provider_type":"telegram","display_name":"Bot","webhook_secret_ref":"secret://{{Env}}/t/_/m/s","updated_by":"ada"}""")).Must(200);
        var one = $"{path}/{added.Result.GetProperty("endpoint_id").GetString()}";
        (await Client.ChangeAsync("POST", one + "/link", """{"bundle_id":"main","updated_by":"ada"}""")).Must(200).Result.GetProperty("generation").GetInt64().ShouldBe(1);
        (await Client.ChangeAsync("POST", one + "/link", """{"bundle_id":"other","updated_by":"ada"}""")).MustBe(404, "dependent-not-found");
        (await Client.ChangeAsync("POST", one + "/rotate-secret", """{"updated_by":"ada"}""")).MustBe(501, "not-yet-implemented");
        (await Client.ChangeAsync("POST", one + "/unlink", """{"bundle_id":"main","updated_by":"ada"}""")).Must(200);
        (await Client.ChangeAsync("DELETE", one)).Must(200).Result.GetString().ShouldBe(added.Result.GetProperty("endpoint_id").GetString());
        (await Client.ChangeAsync("DELETE", one)).Must(200);
    }

    [Fact]
    public async Task Bindings_are_migrated_into_a_new_environment()
    {
        const string Body = """
            {"packs":[{"slot":"deployer","kind":"greentic.a@1.0.0","pack_ref":"builtin"}],"extensions":[],
             "seed_if_missing":{"host_config":{"env_id":"dev"},"revocation":{"required":false},"retention":{},"health":{"state":"unknown"}}}
            """;
        var path = $"/environments/{Env}/migrate-bindings";
        (await Client.ChangeAsync("POST", path, """{"packs":[],"extensions":[]}""")).MustBe(404, "dependent-not-found");
        (await Client.ChangeAsync("POST", path, Body, ifMatch: new string('0', 64))).MustBe(412, "precondition-failed")["actual_generation"].GetInt64().ShouldBe(0);
        (await Client.ChangeAsync("POST", path, Body)).Must(200).Result.GetProperty("merged_slots")[0].GetString().ShouldBe("deployer");
        (await Client.ChangeAsync("POST", path, Body)).Must(200).Result.GetProperty("merged_slots").GetArrayLength().ShouldBe(0);
    }

    private static string Share(string revision, int weight) => $$"""{"revision_id":"{{revision}}","weight_bps":{{weight}}}""";

    private static string Pack(string slot, string kind) => $$$"""{"binding":{"slot":"{{{slot}}}","kind":"{{{kind}}}","pack_ref":"builtin"}}""";
}
