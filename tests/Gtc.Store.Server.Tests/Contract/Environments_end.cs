namespace Gtc.Store.Server.Tests.Contract;

/// <summary><c>DELETE /environments/ID</c>: only what was looked at ends, and once.</summary>
public abstract class Environments_end<TLab> : ContractTest<TLab>
    where TLab : StoreLab, new()
{
    private const string One = $"/environments/{Env}";
    private const string Plain = """{"force":false}""";

    [Fact]
    public async Task Only_what_was_seen_ends_and_a_retry_is_answered_again()
    {
        var etag = (await Client.CreateAsync(Env)).Must(200).Etag;
        (await Client.ChangeAsync("DELETE", One, Plain)).MustBe(428, "precondition-required");
        await Client.RenameAsync(Env, "other");
        (await Client.ChangeAsync("DELETE", One, Plain, ifMatch: etag)).MustBe(412, "precondition-failed");
        var seen = (await Client.GetAsync(One)).Etag;
        (await Client.ChangeAsync("DELETE", One, Plain, "end", seen)).Must(200).Result.GetProperty("destroyed").GetBoolean().ShouldBeTrue();
        (await Client.GetAsync(One)).MustBe(404, "not-found");
        (await Client.GetAsync("/environments"))["environments"].GetArrayLength().ShouldBe(0);
        (await Client.ChangeAsync("DELETE", One, Plain, "end", seen)).Must(200).Idempotency.ShouldBe("replayed");
        (await Client.ChangeAsync("DELETE", One, Plain, ifMatch: seen)).MustBe(404, "not-found");
        (await Client.CreateAsync(Env)).Must(200).Generation.ShouldBeGreaterThan(2);
    }

    [Fact]
    public async Task What_ended_comes_back_from_its_final_backup_with_all_that_belongs_to_it()
    {
        await Client.DeployAsync(Env);
        (await Client.RenameAsync(Env, "before")).Must(200);
        var seen = (await Client.GetAsync(One)).Etag;
        var keys = (await Client.GetAsync($"{One}/trust-root")).Text;
        var id = (await Client.ChangeAsync("DELETE", One, Plain, ifMatch: seen)).Must(200).Result.GetProperty("backup_id").GetString()!;
        var listed = (await Client.GetAsync($"{One}/backups")).Must(200);
        listed["backups"].GetArrayLength().ShouldBe(0);
        listed["ended"][0].GetProperty("backup_id").GetString().ShouldBe(id);
        (await Client.GetAsync("/environments/never-was/backups")).MustBe(404, "not-found");

        (await Client.ChangeAsync("POST", $"{One}/restore", $$$"""{"backup_id":"{{{id}}}","precondition":{}}""")).MustBe(428, "precondition-required");
        (await Client.ChangeAsync("POST", $"{One}/restore", $$$"""{"backup_id":"{{{id}}}","precondition":{"if_match":"{{{seen}}}"}}""")).MustBe(412, "precondition-failed");
        (await Client.ChangeAsync("POST", $"{One}/restore", """{"backup_id":"01J8A1A1A1A1A1A1A1A1A1A1A1","precondition":{"expected_generation":0}}""")).MustBe(404, "dependent-not-found");
        var back = (await Client.ChangeAsync("POST", $"{One}/restore", $$$"""{"backup_id":"{{{id}}}","precondition":{"expected_generation":0}}""", "again")).Must(200);
        back.Generation.ShouldBeGreaterThan(4);
        var again = (await Client.GetAsync(One)).Must(200);
        again["environment"].GetProperty("name").GetString().ShouldBe("before");
        again["environment"].GetProperty("bundles").GetArrayLength().ShouldBe(1);
        (await Client.GetAsync($"{One}/trust-root")).Text.ShouldBe(keys);
        (await Client.AuditAsync(Env)).Select(line => line.GetProperty("verb").GetString()).ShouldContain("create");
        (await Client.ChangeAsync("POST", $"{One}/restore", $$$"""{"backup_id":"{{{id}}}","precondition":{"expected_generation":0}}""", "again")).Must(200).Idempotency.ShouldBe("replayed");
    }

    [Fact]
    public async Task What_routes_traffic_ends_by_force_only()
    {
        var deployment = await Client.DeployAsync(Env);
        await Client.StageAsync(Env, deployment, RevisionA);
        await Client.WarmAsync(Env, RevisionA);
        (await Client.TrafficAsync(Env, deployment, $$"""{"revision_id":"{{RevisionA}}","weight_bps":10000}""")).Must(200);
        var seen = (await Client.GetAsync(One)).Etag;
        (await Client.ChangeAsync("DELETE", One, Plain, ifMatch: seen)).MustBe(409, "conflict");
        (await Client.ChangeAsync("DELETE", One, """{"force":true}""", ifMatch: seen)).Must(200);
        (await Client.GetAsync(One)).MustBe(404, "not-found");
    }

    [Fact]
    public async Task Who_empties_a_cluster_first_is_told_before_that_why_it_does_not_end()
    {
        var deployment = await Client.DeployAsync(Env);
        await Client.StageAsync(Env, deployment, RevisionA);
        await Client.WarmAsync(Env, RevisionA);
        (await Client.TrafficAsync(Env, deployment, $$"""{"revision_id":"{{RevisionA}}","weight_bps":10000}""")).Must(200);
        var seen = (await Client.GetAsync(One)).Etag;
        const string Begin = $"{One}/destroy";
        (await Client.ChangeAsync("POST", Begin, Plain)).MustBe(428, "precondition-required");
        (await Client.ChangeAsync("POST", Begin, """{"force":true}""", ifMatch: new string('0', 64))).MustBe(412, "precondition-failed");
        (await Client.ChangeAsync("POST", Begin, Plain, ifMatch: seen)).MustBe(409, "conflict");
        var allowed = (await Client.ChangeAsync("POST", Begin, """{"force":true}""", ifMatch: seen)).Must(200);
        (allowed.Result.GetProperty("allowed").GetBoolean(), allowed.Etag).ShouldBe((true, seen));
        (await Client.AuditAsync(Env, "?verb=destroy-begin")).Select(line => line.GetProperty("result").GetProperty("outcome").GetString()).ShouldBe(["error", "error", "ok"]);
        (await Client.GetAsync(One)).Must(200).Etag.ShouldBe(seen);
    }
}
