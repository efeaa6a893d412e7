using System.Text;

namespace Gtc.Store.Server.Tests.Contract;

/// <summary>What is known of credentials, the rules and what the environment is bound to change together, and only of what the caller saw.</summary>
public abstract class Credentials_are_kept_whole<TLab> : ContractTest<TLab>
    where TLab : StoreLab, new()
{
    private const string Path = $"/environments/{Env}/credentials";
    private const string Reference = $"secret://{Env}/default/_/k8s-deployer/deployer_token";

    private static readonly string Known = $$$"""{"schema":"greentic.credentials.v1","env_id":"{{{Env}}}","validation":{"result":"pass"}}""";

    [Fact]
    public async Task They_are_bound_described_and_taken_away()
    {
        await Client.CreateAsync(Env);
        (await FileAsync("credentials.json")).ShouldBeNull();
        (await Client.ChangeAsync("PUT", Path, $$"""{"credentials_ref":"{{Reference}}","document":{{Known}}}""")).Must(200);
        (await Client.GetAsync($"/environments/{Env}")).Must(200)["environment"].GetProperty("credentials_ref").GetString().ShouldBe(Reference);
        (await FileAsync("credentials.json")).ShouldBe(Known + "\n");

        (await Client.ChangeAsync("POST", $"{Path}/requirements", $$"""{"expected":"{{Reference}}","credentials_ref":"{{Reference}}","document":{{Known.Replace("pass", "fail", StringComparison.Ordinal)}}}""")).Must(200);
        (await FileAsync("credentials.json"))!.ShouldContain("fail");
        (await Client.ChangeAsync("POST", $"{Path}/rotate", $$"""{"expected":"{{Reference}}","credentials_ref":"{{Reference}}","rules":[{"name":"rules/x/a.yaml","content":"a"}]}""")).Must(200);
        (await FileAsync("rules/x/a.yaml")).ShouldBe("a");
        (await FileAsync("credentials.json"))!.ShouldContain("fail", customMessage: "nothing was said of it");

        (await Client.ChangeAsync("DELETE", Path, $$"""{"expected":"{{Reference}}"}""")).Must(200);
        (await FileAsync("credentials.json")).ShouldBeNull();
        (await Client.GetAsync($"/environments/{Env}")).Must(200)["environment"].TryGetProperty("credentials_ref", out _).ShouldBeFalse();
    }

    [Fact]
    public async Task What_others_bound_meanwhile_is_not_written_over()
    {
        await Client.CreateAsync(Env);
        (await Client.ChangeAsync("PUT", Path, $$"""{"credentials_ref":"{{Reference}}","document":{{Known}}}""")).Must(200);
        (await Client.ChangeAsync("PUT", Path, $$"""{"credentials_ref":"{{Reference}}","document":{{Known}}}""")).MustBe(409, "conflict");
        (await Client.ChangeAsync("DELETE", Path, $$"""{"expected":"{{Reference}}2"}""")).MustBe(409, "conflict");
    }

    [Theory]
    [InlineData("PUT", "", """{"credentials_ref":"secret://elsewhere/a","document":DOC}""")]
    [InlineData("PUT", "", """{"credentials_ref":"REF"}""")]
    [InlineData("PUT", "", """{"credentials_ref":"REF","document":{"schema":"greentic.credentials.v1","env_id":"elsewhere"}}""")]
    [InlineData("POST", "/bootstrap", """{"document":DOC,"rules":[{"name":"rules/../trust-root.json","content":"x"}]}""")]
    [InlineData("POST", "/bootstrap", """{"document":DOC,"rules":[{"name":"trust-root.json","content":"x"}]}""")]
    [InlineData("POST", "/requirements", """{"credentials_ref":"REF","document":DOC}""")]
    [InlineData("POST", "/requirements", """{"document":DOC,"file":"x"}""")]
    [InlineData("POST", "/rotate", """{"credentials_ref":"REF","expected":"REF","file":"nonsense"}""")]
    public async Task What_does_not_fit_is_refused(string method, string step, string body)
    {
        await Client.CreateAsync(Env);
        var sent = body.Replace("DOC", Known, StringComparison.Ordinal).Replace("REF", Reference, StringComparison.Ordinal);
        var answer = await Client.ChangeAsync(method, Path + step, sent);
        answer.Status.ShouldBeOneOf(400, 409);
        (await FileAsync("credentials.json")).ShouldBeNull();
    }

    [Theory]
    [InlineData("trust-root.json")]
    [InlineData(".greentic/dev/.dev.secrets.env")]
    [InlineData("revision-signing.key")]
    [InlineData("../other/credentials.json")]
    [InlineData("")]
    public async Task Files_with_secrets_and_of_the_store_itself_are_not_handed_out(string name)
    {
        await Client.CreateAsync(Env);
        (await Client.GetAsync($"/environments/{Env}/files?name={Uri.EscapeDataString(name)}")).MustBe(400, "invalid-request");
    }

    [Fact]
    public async Task Work_outside_is_permitted_on_the_document_that_was_reviewed_and_gets_one_id()
    {
        var deployment = await Client.DeployAsync(Env);
        await Client.StageAsync(Env, deployment, RevisionA);
        var etag = (await Client.GetAsync($"/environments/{Env}")).Must(200).Etag;
        (await Client.ChangeAsync("POST", $"/environments/{Env}/revisions/{RevisionA}/apply", null)).MustBe(428, "precondition-required");
        (await Client.ChangeAsync("POST", $"/environments/{Env}/revisions/{RevisionA}/apply", null, ifMatch: new string('0', 64))).MustBe(412, "precondition-failed");
        (await Client.ChangeAsync("POST", $"/environments/{Env}/revisions/{RevisionA}/apply", null, ifMatch: etag)).Must(200);
        var id = await FileAsync("store-id");
        id!.TrimEnd().Length.ShouldBe(26);
        (await Client.ChangeAsync("POST", $"/environments/{Env}/reconcile", null, ifMatch: etag)).Must(200);
        (await FileAsync("store-id")).ShouldBe(id);
        (await Client.ChangeAsync("POST", $"/environments/{Env}/traffic/apply", $$"""{"deployment_id":"{{deployment}}"}""", ifMatch: etag)).MustBe(404, "dependent-not-found");
    }

    private async Task<string?> FileAsync(string name)
    {
        var content = (await Client.GetAsync($"/environments/{Env}/files?name={name}")).Must(200)["content"];
        return content.ValueKind == System.Text.Json.JsonValueKind.Null ? null : Encoding.UTF8.GetString(content.GetBytesFromBase64());
    }
}
