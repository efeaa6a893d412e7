namespace Gtc.Store.Server.Tests.Contract;

/// <summary>What an environment takes back is neither staged nor warmed, and gets no more traffic.</summary>
public abstract class What_is_revoked_gets_nothing<TLab> : ContractTest<TLab>
    where TLab : StoreLab, new()
{
    private const string One = $"/environments/{Env}";

    private static readonly string Digest = "sha256:" + new string('a', 64);

    [Fact]
    public async Task A_bundle_is_refused_at_stage_warm_traffic_and_rollback()
    {
        var deployment = await PreparedAsync();
        (await Client.WarmAsync(Env, RevisionA)).Must(200);
        (await TrafficAsync(deployment, RevisionA)).Must(200);
        (await Client.StageAsync(Env, deployment, RevisionB)).Must(200);
        (await ChangeAsync("revoke", "digests", Digest)).Must(200).Result.GetProperty("is_asked").GetBoolean().ShouldBeTrue();

        (await Client.StageAsync(Env, deployment, "01J8C3C3C3C3C3C3C3C3C3C3C3")).MustBe(409, "conflict")["detail"].GetString()!.ShouldContain("is revoked: its bundle");
        (await Client.WarmAsync(Env, RevisionB)).MustBe(422, "health-gate-failed")["failed_checks"][0].GetString().ShouldBe("signature-status");
        (await Client.ChangeAsync("POST", $"{One}/traffic/clear", $$"""{"deployment_id":"{{deployment}}","updated_by":"ada"}""")).Must(200);
        (await TrafficAsync(deployment, RevisionA)).MustBe(409, "conflict")["detail"].GetString()!.ShouldContain("is revoked");
        (await Client.ChangeAsync("POST", $"{One}/traffic/rollback", $$"""{"deployment_id":"{{deployment}}"}""")).MustBe(409, "conflict");

        (await Client.GetAsync($"{One}/trust-root/revoked")).Must(200)["digests"][0].GetString().ShouldBe(Digest);
        (await ChangeAsync("unrevoke", "digests", Digest)).Must(200);
        (await TrafficAsync(deployment, RevisionA)).Must(200);
    }

    [Fact]
    public async Task A_key_is_refused_by_what_it_signs()
    {
        var deployment = await PreparedAsync();
        var key = (await Client.GetAsync($"{One}/trust-root"))["keys"][0].GetProperty("key_id").GetString()!;
        (await ChangeAsync("revoke", "key_ids", key)).Must(200);
        (await Client.StageAsync(Env, deployment, RevisionB)).MustBe(409, "conflict")["detail"].GetString()!.ShouldContain("the key that signed it");
        (await Client.WarmAsync(Env, RevisionA)).MustBe(422, "health-gate-failed");
    }

    [Fact]
    public async Task Only_digests_and_keys_are_listed_and_an_environment_that_does_not_ask_passes_everything()
    {
        var deployment = await Client.DeployAsync(Env);
        (await ChangeAsync("revoke", "digests", "sha256:short")).MustBe(400, "invalid-request");
        (await Client.ChangeAsync("POST", $"{One}/trust-root/revoke", "{}")).MustBe(400, "invalid-request");
        (await ChangeAsync("revoke", "digests", Digest)).Must(200).Result.GetProperty("is_asked").GetBoolean().ShouldBeFalse();
        (await Client.StageAsync(Env, deployment, RevisionA)).Must(200);
    }

    [Fact]
    public async Task A_document_that_comes_back_gives_it_nothing_even_when_it_is_older_than_the_list()
    {
        var deployment = await Client.DeployAsync(Env);
        (await Client.StageAsync(Env, deployment, RevisionA)).Must(200);
        (await Client.WarmAsync(Env, RevisionA)).Must(200);
        var unbound = (await TrafficAsync(deployment, RevisionA)).Must(200).Generation;
        var backup = (await Client.ChangeAsync("POST", $"{One}/backups")).Must(200).Result.GetProperty("backup_id").GetString();
        var bound = (await BindAsync()).Must(200).Generation;
        (await Client.ChangeAsync("POST", $"{One}/traffic/clear", $$"""{"deployment_id":"{{deployment}}","updated_by":"ada"}""")).Must(200);
        var cleared = (await ChangeAsync("revoke", "digests", Digest)).Must(200).Generation;
        foreach (var generation in (long[])[unbound, bound])
        {
            (await RestoreAsync(generation)).MustBe(409, "conflict")["detail"].GetString()!.ShouldContain("is revoked: its bundle");
        }

        var seen = (await Client.GetAsync(One)).Etag;
        (await Client.ChangeAsync("POST", $"{One}/restore", $$$"""{"backup_id":"{{{backup}}}","precondition":{"if_match":"{{{seen}}}"}}""")).MustBe(409, "conflict")["detail"].GetString()!.ShouldContain("is revoked: its bundle");
        (await Client.GetAsync(One)).Must(200).Etag.ShouldBe(seen);
        (await RestoreAsync(cleared)).Must(200);
        (await ChangeAsync("unrevoke", "digests", Digest)).Must(200);
        (await RestoreAsync(unbound)).Must(200);

        // The list is asked as before: going back in time does not end that.
        (await ChangeAsync("revoke", "digests", Digest)).Must(200).Result.GetProperty("is_asked").GetBoolean().ShouldBeTrue();
    }

    /// <summary>An environment that asks its list, with one staged revision.</summary>
    private async Task<string> PreparedAsync()
    {
        var deployment = await Client.DeployAsync(Env);
        (await BindAsync()).Must(200);
        (await Client.StageAsync(Env, deployment, RevisionA)).Must(200);
        return deployment;
    }

    private Task<ServerAnswer> BindAsync() =>
        Client.ChangeAsync("POST", $"{One}/packs", """{"binding":{"slot":"revocation","kind":"greentic.revocation.file@0.1.0","pack_ref":"builtin","generation":0}}""");

    private Task<ServerAnswer> RestoreAsync(long generation) => Client.ChangeAsync("POST", $"{One}/restore-generation", $$"""{"generation":{{generation}}}""");

    private Task<ServerAnswer> TrafficAsync(string deployment, string revision) => Client.TrafficAsync(Env, deployment, $$"""{"revision_id":"{{revision}}","weight_bps":10000}""");

    private Task<ServerAnswer> ChangeAsync(string verb, string member, string value) => Client.ChangeAsync("POST", $"{One}/trust-root/{verb}", $$"""{"{{member}}":["{{value}}"]}""");
}
