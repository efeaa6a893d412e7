using System.Text.Json;
using System.Text.Json.Nodes;
using Gtc.Store.Server.Tests.Access;

namespace Gtc.Store.Server.Tests.Contract;

/// <summary>The backup routes.</summary>
public abstract class Backups_bring_an_environment_back<TLab> : ContractTest<TLab>
    where TLab : StoreLab, new()
{
    private const string Backups = $"/environments/{Env}/backups";

    [Fact]
    [Trait("fact", "store-server:12.19")]
    public async Task What_was_backed_up_comes_back_as_a_new_generation()
    {
        await Client.DeployAsync(Env);
        await SetRuntimeAsync("first", 0);
        var before = (await Client.GetAsync($"/environments/{Env}")).Must(200);
        var manifest = (await Client.ChangeAsync("POST", Backups)).Must(200).Result;
        manifest.GetProperty("generation").GetInt64().ShouldBe(before.Generation);
        manifest.GetProperty("integrity").GetProperty("digest").GetString().ShouldBe(before.Etag);
        var id = manifest.GetProperty("backup_id").GetString()!;
        (await Client.GetAsync(Backups)).Must(200)["backups"].EnumerateArray().Single().GetProperty("backup_id").GetString().ShouldBe(id);

        var changed = (await Client.RenameAsync(Env, "renamed")).Must(200);
        await SetRuntimeAsync("second", 1);
        (await RestoreAsync(id, "{}")).MustBe(428, "precondition-required");
        var stale = (await RestoreAsync(id, $$"""{"if_match":"{{before.Etag}}"}""")).MustBe(412, "precondition-failed");
        (stale["expected_etag"].GetString(), stale["actual_etag"].GetString()).ShouldBe((before.Etag, changed.Etag));
        (await RestoreAsync(id, $$"""{"expected_generation":{{before.Generation}}}""")).MustBe(412, "precondition-failed");
        (await RestoreAsync("01KAMZ00000000000000000000", $$"""{"if_match":"{{changed.Etag}}"}""")).MustBe(404, "dependent-not-found");
        (await Client.GetAsync($"/environments/{Env}")).Must(200).Etag.ShouldBe(changed.Etag);

        var restored = (await RestoreAsync(id, $$"""{"if_match":"{{changed.Etag}}"}""")).Must(200);
        restored.Generation.ShouldBe(changed.Generation + 1);
        restored.Result.GetProperty("restored_generation").GetInt64().ShouldBe(restored.Generation);
        var after = (await Client.GetAsync($"/environments/{Env}")).Must(200);
        Content(after).ShouldBe(Content(before));
        (await Client.GetAsync($"/environments/{Env}/runtime")).Must(200)["runtime"].GetProperty("discovered").GetProperty("place").GetString().ShouldBe("first");
    }

    [Fact]
    [Trait("fact", "store-server:12.19")]
    public async Task A_backup_that_is_not_what_was_kept_is_refused()
    {
        await Client.CreateAsync(Env);
        var id = await BackUpAsync();
        var present = (await Client.GetAsync($"/environments/{Env}")).Must(200);
        await Lab.StopAsync();
        var name = SideName.Of($"kept-backups/{id}.json.br");
        byte[] bytes;
        await using (var storage = await Lab.OpenAsync())
        {
            bytes = (await storage.ReadSideAsync(EnvironmentId, name, TestContext.Current.CancellationToken)).Value!.Bytes.ToArray();
        }

        bytes[bytes.Length / 2] ^= 1;
        await CommitAsync("tamper", _ => new Change(new ChangeAnswer(null, DocumentPlace.None, null)) { Sides = TypedSides.Of(name, bytes) });

        using var again = await Lab.StartAsync();
        (await again.ChangeAsync("POST", $"/environments/{Env}/restore", $$$"""{"backup_id":"{{{id}}}","precondition":{"if_match":"{{{present.Etag}}}"}}""")).MustBe(422, "integrity-mismatch");
        (await again.GetAsync($"{Backups}/{id}/export")).MustBe(422, "integrity-mismatch");
        (await again.GetAsync($"/environments/{Env}")).Must(200).Etag.ShouldBe(present.Etag);
    }

    [Fact]
    public async Task What_a_restore_may_not_bring_back_stays_away()
    {
        await Client.DeployAsync(Env);
        var id = await BackUpAsync();
        var key = (await Client.GetAsync($"/environments/{Env}/trust-root")).Must(200)["keys"][0].GetProperty("key_id").GetString()!;
        (await Client.ChangeAsync("DELETE", $"/environments/{Env}/trust-root/keys/{key}")).Must(200);
        var present = (await Client.GetAsync($"/environments/{Env}")).Must(200);
        (await RestoreAsync(id, $$"""{"expected_generation":{{present.Generation}}}""")).Must(200);
        (await Client.GetAsync($"/environments/{Env}/trust-root")).Must(200)["keys"].GetArrayLength().ShouldBe(0);
    }

    [Fact]
    public async Task A_binding_that_names_what_is_not_its_own_takes_nothing_along()
    {
        await Client.DeployAsync(Env);
        (await Client.ChangeAsync("POST", $"/environments/{Env}/packs", Pack("deployer"))).Must(200);
        (await Client.ChangeAsync("POST", $"/environments/{Env}/packs", Pack("state"))).Must(200);
        (await Client.ChangeAsync("POST", $"/environments/{Env}/packs", Pack("telemetry"))).Must(200);
        await Lab.StopAsync();
        SideName[] others = [SideName.TrustRoot, SideName.Of(RevocationList.FileName), SideName.Of(".greentic/dev/.dev.secrets.env")];
        await CommitAsync("plant", present => new Change(new ChangeAnswer(null, DocumentPlace.None, null))
        {
            Document = present with { Packs = [.. present.Packs.Select((pack, index) => pack with { AnswersRef = others[index].ToString() })] },
            Sides = TypedSides.None.SetItem(others[1], [1]).SetItem(others[2], [2]),
        });
        using var again = await Lab.StartAsync();
        var id = (await again.ChangeAsync("POST", Backups)).Must(200).Result.GetProperty("backup_id").GetString();
        var present = (await again.GetAsync($"/environments/{Env}")).Must(200);
        (await again.ChangeAsync("POST", $"/environments/{Env}/restore", $$$"""{"backup_id":"{{{id}}}","precondition":{"if_match":"{{{present.Etag}}}"}}""")).Must(200);
        await Lab.StopAsync();
        await using var storage = await Lab.OpenAsync();
        foreach (var name in others)
        {
            (await storage.ReadSideAsync(EnvironmentId, name, TestContext.Current.CancellationToken)).Value.ShouldNotBeNull(name.ToString());
        }
    }

    [Fact]
    public async Task What_was_revoked_since_gets_no_traffic_back_and_the_list_is_asked_as_before()
    {
        var digest = "sha256:" + new string('a', 64);
        var deployment = await Client.DeployAsync(Env);
        (await Client.StageAsync(Env, deployment, RevisionA)).Must(200);
        (await Client.WarmAsync(Env, RevisionA)).Must(200);
        var idle = await BackUpAsync();
        (await Client.TrafficAsync(Env, deployment, $$"""{"revision_id":"{{RevisionA}}","weight_bps":10000}""")).Must(200);
        var routed = await BackUpAsync();
        (await Client.ChangeAsync("POST", $"/environments/{Env}/packs", Pack("revocation", "greentic.revocation.file"))).Must(200);
        (await Client.ChangeAsync("POST", $"/environments/{Env}/trust-root/revoke", $$"""{"digests":["{{digest}}"]}""")).Must(200);
        (await Client.ChangeAsync("POST", $"/environments/{Env}/traffic/clear", $$"""{"deployment_id":"{{deployment}}","updated_by":"ada"}""")).Must(200);

        var present = (await Client.GetAsync($"/environments/{Env}")).Must(200);
        (await RestoreAsync(routed, $$"""{"if_match":"{{present.Etag}}"}""")).MustBe(409, "conflict")["detail"].GetString()!.ShouldContain("is revoked: its bundle");
        (await Client.GetAsync($"/environments/{Env}")).Etag.ShouldBe(present.Etag);

        // A backup of before it was bound does not unbind it.
        (await RestoreAsync(idle, $$"""{"if_match":"{{present.Etag}}"}""")).Must(200);
        (await Client.GetAsync($"/environments/{Env}/trust-root/revoked")).Must(200)["is_asked"].GetBoolean().ShouldBeTrue();
        (await Client.TrafficAsync(Env, deployment, $$"""{"revision_id":"{{RevisionA}}","weight_bps":10000}""")).MustBe(409, "conflict");
    }

    [Fact]
    [Trait("fact", "store-server:12.20")]
    public async Task There_is_a_bound_at_which_nothing_is_evicted_and_a_deleted_backup_makes_room()
    {
        await Client.CreateAsync(Env);
        var ids = new List<string>();
        for (var made = 0; made < KeptBackups.Most; made++)
        {
            ids.Add(await BackUpAsync());
        }

        (await Client.ChangeAsync("POST", Backups)).MustBe(409, "conflict");
        var key = Guid.NewGuid().ToString();
        (await Client.ChangeAsync("DELETE", $"{Backups}/01KAMZ00000000000000000000", key: key)).MustBe(404, "dependent-not-found");
        (await Client.ChangeAsync("DELETE", $"{Backups}/{ids[5]}", key: key)).Must(200).Result.GetProperty("deleted").GetBoolean().ShouldBeTrue();
        await BackUpAsync();
        (await Client.GetAsync(Backups)).Must(200)["backups"].EnumerateArray().Select(manifest => manifest.GetProperty("backup_id").GetString()).Take(6).ShouldBe([.. ids.Take(5), ids[6]]);
        (await Client.GetAsync($"{Backups}/{ids[5]}/export")).MustBe(404, "dependent-not-found");
        (await Client.GetAsync($"{Backups}/nonsense/export")).MustBe(400, "invalid-request");
    }

    [Fact]
    [Trait("fact", "store-server:12.21")]
    public async Task An_exported_backup_makes_the_same_environment_on_a_fresh_server()
    {
        await Client.DeployAsync(Env);
        var renamed = (await Client.RenameAsync(Env, "to be retried", key: "kept-key")).Must(200);
        var before = (await Client.GetAsync($"/environments/{Env}")).Must(200);
        var keys = (await Client.GetAsync($"/environments/{Env}/trust-root")).Must(200)["keys"].GetRawText();
        var history = (await Client.AuditAsync(Env)).Select(line => line.GetRawText()).ToList();
        var id = await BackUpAsync();
        await Client.RenameAsync(Env, "later");
        var artifact = (await Client.GetAsync($"{Backups}/{id}/export")).Must(200);
        (await Client.AuditAsync(Env, "?verb=export")).Single().GetProperty("target").GetProperty("backup_id").GetString().ShouldBe(id);
        var signer = artifact["signer"].GetProperty("key_id").GetString()!;

        await using var elsewhere = new TLab();
        using var other = await elsewhere.StartAsync();
        (await ImportAsync(other, artifact.Json, null)).MustBe(400, "invalid-request").Text.ShouldContain(signer);
        (await ImportAsync(other, artifact.Json, signer, "another")).MustBe(400, "invalid-request");
        foreach (var tampered in Tampered(artifact.Text))
        {
            (await ImportAsync(other, tampered, signer)).MustBe(422, "integrity-mismatch");
        }

        var imported = (await ImportAsync(other, artifact.Json, signer)).Must(200);
        imported.Result.GetProperty("imported_generation").GetInt64().ShouldBe(imported.Generation);
        var after = (await other.GetAsync($"/environments/{Env}")).Must(200);
        Content(after).ShouldBe(Content(before));
        (await other.GetAsync($"/environments/{Env}/trust-root")).Must(200)["keys"].GetRawText().ShouldBe(keys);
        var log = (await other.AuditAsync(Env)).Select(line => line.GetRawText()).ToList();
        log[..^1].ShouldBe(history);
        log[^1].ShouldContain("\"import\"");
        (await ImportAsync(other, artifact.Json, signer)).MustBe(409, "already-exists");

        // What was done once is not done again there.
        var retried = (await other.RenameAsync(Env, "to be retried", key: "kept-key")).Must(200);
        (retried.Idempotency, retried.Generation).ShouldBe(("replayed", renamed.Generation));
        (await other.AddBundleAsync(Env, "second")).MustBe(409, "conflict");
    }

    [Fact]
    [Trait("fact", "store-server:12.13")]
    public async Task Whoever_may_only_read_lists_backups_and_exports_none()
    {
        await Client.DeployAsync(Env);
        await Lab.StopAsync();
        using var guarded = await Lab.StartAsync(options => options with { Tokens = Tokens.Write(Lab, Tokens.Entry("op", "operator"), Tokens.Entry("ro", "read-only")) });
        guarded.Token = "op";
        var id = (await guarded.ChangeAsync("POST", Backups)).Must(200).Result.GetProperty("backup_id").GetString()!;
        var artifact = (await guarded.GetAsync($"{Backups}/{id}/export")).Must(200);
        (await ImportAsync(guarded, artifact.Json, null)).MustBe(403, "unauthorized").Text.ShouldContain("trust-root.add");
        guarded.Token = "ro";
        (await guarded.GetAsync(Backups)).Must(200);
        (await guarded.GetAsync($"{Backups}/{id}/export")).MustBe(403, "unauthorized");
        (await guarded.ChangeAsync("POST", Backups)).MustBe(403, "unauthorized");
        (await guarded.ChangeAsync("DELETE", $"{Backups}/{id}")).MustBe(403, "unauthorized");
    }

    [Fact]
    [Trait("fact", "store-server:12.22")]
    public async Task A_bounded_audit_log_keeps_the_newest_lines_and_a_restore_brings_none_back()
    {
        await Client.CreateAsync(Env);
        await Lab.StopAsync();
        using var bounded = await Lab.StartAsync(options => options with { AuditMaxRows = 3 });
        for (var change = 0; change < 4; change++)
        {
            (await bounded.RenameAsync(Env, $"name {change}")).Must(200);
        }

        var page = (await bounded.GetAsync($"/environments/{Env}/audit")).Must(200);
        page["events"].GetArrayLength().ShouldBe(3);
        Pruned(page).ShouldBe(2);
        var id = (await bounded.ChangeAsync("POST", Backups)).Must(200).Result.GetProperty("backup_id").GetString()!;
        await bounded.RenameAsync(Env, "later");
        await bounded.RenameAsync(Env, "last");
        var present = (await bounded.GetAsync($"/environments/{Env}")).Must(200);
        var lines = (await bounded.AuditAsync(Env)).Select(line => line.GetProperty("event_id").GetString()).ToList();
        (await bounded.ChangeAsync("POST", $"/environments/{Env}/restore", $$$"""{"backup_id":"{{{id}}}","precondition":{"if_match":"{{{present.Etag}}}"}}""")).Must(200);
        var after = (await bounded.GetAsync($"/environments/{Env}/audit")).Must(200);
        Pruned(after).ShouldBe(6);
        after["events"].EnumerateArray().Select(line => line.GetProperty("event_id").GetString()).Take(2).ShouldBe(lines[1..]);
    }

    private static string Pack(string slot, string kind = "greentic.a") => $$$"""{"binding":{"slot":"{{{slot}}}","kind":"{{{kind}}}@0.1.0","pack_ref":"builtin"}}""";

    private static Gtc.Model.EnvId EnvironmentId => Gtc.Model.EnvId.TryParse(Env, out var id) ? id : default;

    /// <summary>Changes what is stored past the contract.</summary>
    private async Task CommitAsync(string verb, Func<Gtc.Model.EnvironmentDocument, Change> change)
    {
        await using var storage = await Lab.OpenAsync();
        var request = new ChangeRequest
        {
            Environment = EnvironmentId,
            Noun = "test",
            Verb = verb,
            Target = [],
            Key = verb,
            Fingerprint = verb,
            Actor = new Gtc.Model.AuditActor("store-server"),
            Authorization = new Gtc.Model.AuditAuthorization("allow", "test", "test"),
        };
        (await storage.CommitAsync(request, context => change(context.Present), TestContext.Current.CancellationToken)).IsOk.ShouldBeTrue();
    }

    private static long Pruned(ServerAnswer page)
    {
        using var envelope = JsonDocument.Parse(page["checkpoint"].GetBytesFromBase64());
        using var statement = JsonDocument.Parse(envelope.RootElement.GetProperty("payload").GetBytesFromBase64());
        return statement.RootElement.GetProperty("predicate").GetProperty("pruned_total").GetInt64();
    }

    /// <summary>The document without its generation.</summary>
    private static string Content(ServerAnswer answer)
    {
        var document = JsonNode.Parse(answer["environment"].GetRawText())!.AsObject();
        document.Remove("env_generation");
        return document.ToJsonString();
    }

    private static IEnumerable<JsonElement> Tampered(string artifact)
    {
        foreach (var (part, from, to) in new[] { ("snapshot", "\"name\":\"to be retried\"", "\"name\":\"to be changed\""), ("manifest", "\"audit_lines\":", "\"audit_lines\":1") })
        {
            artifact.ShouldContain(from, customMessage: part);
            yield return Parse(artifact.Replace(from, to, StringComparison.Ordinal));
        }

        var signed = JsonNode.Parse(artifact)!;
        signed["signature"]!["signatures"]![0]!["sig"] = Convert.ToBase64String(new byte[64]);
        yield return Parse(signed.ToJsonString());
    }

    private static JsonElement Parse(string json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.Clone();
    }

    private static Task<ServerAnswer> ImportAsync(StoreClient client, JsonElement artifact, string? signer, string environment = Env) => client.ChangeAsync(
        "POST", $"/environments/{environment}/import", $$"""{"artifact":{{artifact.GetRawText()}}{{(signer is null ? "" : $",\"confirm_signer\":\"{signer}\"")}}}""");

    private Task<ServerAnswer> RestoreAsync(string id, string precondition) => Client.ChangeAsync("POST", $"/environments/{Env}/restore", $$"""{"backup_id":"{{id}}","precondition":{{precondition}}}""");

    private async Task<string> BackUpAsync() => (await Client.ChangeAsync("POST", Backups)).Must(200).Result.GetProperty("backup_id").GetString()!;

    private async Task SetRuntimeAsync(string place, int expected) => (await Client.ChangeAsync(
        "PUT", $"/environments/{Env}/runtime", $$$"""{"discovered":{"place":"{{{place}}}"},"generated_by":"greentic.deployer.k8s@1.0.0","expected_generation":{{{expected}}}}""")).Must(200);
}
