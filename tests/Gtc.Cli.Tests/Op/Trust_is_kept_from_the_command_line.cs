using System.Net;
using System.Text.Json;
using Gtc.Signing;

namespace Gtc.Cli.Tests.Op;

public class Trust_is_kept_from_the_command_line : IDisposable
{
    private readonly TestCli _cli = new();

    private static readonly Ed25519PrivateKey Key = Ed25519PrivateKey.FromSeed(Enumerable.Repeat((byte)7, 32).ToArray());

    private static string Id => Key.PublicKey.KeyId;

    public void Dispose()
    {
        GC.SuppressFinalize(this);
        _cli.Dispose();
    }

    [Fact]
    [Trait("fact", "trust-and-signing:6.4")]
    public async Task A_key_is_added_listed_and_removed()
    {
        await _cli.OpAsync("env create");
        _cli.Write("key.pub", Key.PublicKey.ToPem());
        var added = await _cli.OpAsync($"trust-root add --key-id {Id.ToUpperInvariant()} --public-key-file key.pub --not-after 2027-01-01T00:00:00Z --purpose revision");
        added.GetRawText().ShouldBe($$"""{"environment_id":"local","added_key_id":"{{Id.ToUpperInvariant()}}","trusted_key_count":1}""");

        var listed = (await _cli.OpAsync("trust-root list")).GetProperty("keys")[0];
        listed.GetProperty("key_id").GetString().ShouldBe(Id);
        listed.GetProperty("not_after").GetString().ShouldBe("2027-01-01T00:00:00Z");
        listed.GetProperty("purposes")[0].GetString().ShouldBe("revision");

        var removed = await _cli.OpAsync($"trust-root remove --key-id {Id}");
        removed.GetProperty("removed_public_key_pem").GetString().ShouldBe(Key.PublicKey.ToPem());
        removed.GetProperty("trusted_key_count").GetInt32().ShouldBe(0);
        (await _cli.OpAsync($"trust-root remove --key-id {Id}")).GetProperty("removed_public_key_pem").ValueKind.ShouldBe(JsonValueKind.Null);
    }

    [Fact]
    [Trait("fact", "op-cli:23.26")]
    public async Task A_wrong_id_and_two_ways_to_give_the_key_are_refused()
    {
        await _cli.OpAsync("env create");
        _cli.Write("key.pub", Key.PublicKey.ToPem());
        (await RunAsync("trust-root", "add", "--key-id", new string('0', 32), "--public-key-file", "key.pub")).Kind.ShouldBe("trust-root");
        (await RunAsync("trust-root", "add", "--key-id", Id, "--public-key-file", "key.pub", "--public-key-pem", Key.PublicKey.ToPem())).Kind.ShouldBe("invalid-argument");
        (await RunAsync("trust-root", "add", "--key-id", Id)).Kind.ShouldBe("invalid-argument");
        (await RunAsync("trust-root", "add", "--key-id", Id, "--public-key-file", "key.pub", "--purpose", "everything")).Kind.ShouldBe("invalid-argument");
        (await RunAsync("trust-root", "add", "--key-id", Id, "--public-key-file", "key.pub", "--not-after", "soon")).Kind.ShouldBe("invalid-argument");
        (await RunAsync("trust-root", "add", "--key-id", Id, "--public-key-file", "gone.pub")).Kind.ShouldBe("not-found");
        (await _cli.OpAsync("trust-root list")).GetProperty("keys").GetArrayLength().ShouldBe(0);
    }

    [Fact]
    [Trait("fact", "trust-and-signing:6.17")]
    public async Task Keys_of_a_did_are_added_and_one_without_keys_changes_nothing()
    {
        TestCli.NeedsFolder();
        await _cli.OpAsync("env create");
        var x = System.Buffers.Text.Base64Url.EncodeToString(Key.PublicKey.Raw);
        var good = $$$"""{"id":"did:web:example.com","assertionMethod":[{"id":"#a","publicKeyJwk":{"kty":"OKP","crv":"Ed25519","x":"{{{x}}}"}}]}""";
        var refused = await AddDidAsync("""{"id":"did:web:example.com","assertionMethod":[]}""");
        (refused.Exit, refused.Kind).ShouldBe((1, "fetch"));
        File.Exists(Path.Combine(_cli.StoreRoot, "local", "trust-root.json")).ShouldBeFalse();

        var added = await AddDidAsync(good);
        added.Exit.ShouldBe(0, added.Stderr);
        added.Result.GetRawText().ShouldBe($$"""{"environment_id":"local","did":"did:web:example.com","key_ids":["{{Id}}"],"trusted_key_count":1}""");
        (await _cli.OpAsync("trust-root list")).GetProperty("keys")[0].GetProperty("source").GetString().ShouldBe("did:web:example.com");
        (await RunAsync("trust-root", "add-did", "--did", "did:key:x")).Kind.ShouldBe("invalid-argument");
    }

    [Fact]
    public async Task What_is_staged_is_signed_and_warmed_and_a_key_that_is_gone_fails_the_gate()
    {
        TestCli.NeedsFiles("the operator key of a server is its own");
        await DeployAsync("local");
        await _cli.OpAsync("trust-root bootstrap");
        var staged = await StageAsync("local");
        staged.TryGetProperty("warnings", out _).ShouldBeFalse();
        (await _cli.OpAsync("revisions warm")).GetProperty("lifecycle").GetString().ShouldBe("ready");

        await StageAsync("local");
        var key = (await _cli.OpAsync("operator-key show")).GetProperty("key_id").GetString();
        await _cli.OpAsync($"trust-root remove --key-id {key}");
        var warmed = await RunAsync("revisions", "warm");
        warmed.Kind.ShouldBe("conflict");
        warmed.Message.ShouldContain("signature-status");
    }

    [Fact]
    public async Task Without_a_trusted_key_local_stages_with_a_warning_and_others_refuse()
    {
        TestCli.NeedsFiles("the operator key of a server is its own");
        await DeployAsync("local");
        await DeployAsync("prod");
        foreach (var environment in new[] { "local", "prod" })
        {
            var key = (await _cli.OpAsync("operator-key show")).GetProperty("key_id").GetString();
            await _cli.OpAsync($"trust-root remove {environment} --key-id {key}");
        }

        (await StageAsync("local")).GetProperty("warnings")[0].GetString().ShouldNotBeNull().ShouldContain("not signed");
        (await _cli.OpAsync("revisions warm")).GetProperty("lifecycle").GetString().ShouldBe("ready");
        var refused = await RunAsync("revisions", "stage", "prod", "bundle_source_uri=https://b.example/x.gtbundle", $"bundle_digest=sha256:{new string('a', 64)}");
        refused.Kind.ShouldBe("trust-root");
        refused.Stderr.ShouldContain("trust-root bootstrap prod");
        (await _cli.OpAsync("revisions list prod")).GetProperty("revisions").GetArrayLength().ShouldBe(0);
    }

    [Fact]
    public async Task The_operator_key_is_rotated_and_policies_still_hold()
    {
        TestCli.NeedsFiles("the operator key of a server is its own");
        await DeployAsync("local");
        await StageAsync("local");
        var old = (await _cli.OpAsync("operator-key show")).GetProperty("key_id").GetString();
        var rotated = await _cli.OpAsync("operator-key rotate");
        rotated.GetProperty("old_key_id").GetString().ShouldBe(old);
        var report = rotated.GetProperty("environments")[0];
        (report.GetProperty("environment_id").GetString(), report.GetProperty("revisions_signed").GetInt32(), report.GetProperty("policies_signed").GetInt32()).ShouldBe(("local", 1, 1));
        await _cli.OpAsync($"trust-root remove --key-id {old}");
        var policies = await _cli.OpAsync("bundles verify-policy");
        policies.GetProperty("versions")[0].GetProperty("key_ids")[0].GetString().ShouldBe(rotated.GetProperty("new_key_id").GetString());
        (await _cli.OpAsync("revisions warm")).GetProperty("lifecycle").GetString().ShouldBe("ready");
        (await _cli.OpAsync("operator-key show")).GetProperty("trusted_by")[0].GetString().ShouldBe("local");
    }

    [Fact]
    public async Task A_policy_that_was_changed_does_not_hold()
    {
        TestCli.NeedsFiles("the operator key of a server is its own");
        await DeployAsync("local");
        await _cli.OpAsync("bundles verify-policy");
        File.AppendAllText(Path.Combine(_cli.StoreRoot, "local/billing-policies/main/acme/v1.json"), " ");
        var run = await RunAsync("bundles", "verify-policy");
        run.Kind.ShouldBe("revenue-policy");
        run.Stderr.ShouldContain("SubjectDigestMismatch");
    }

    private async Task DeployAsync(string environment)
    {
        await _cli.OpAsync($"env create {environment}");
        await _cli.OpAsync($"trust-root bootstrap {environment}");
        await _cli.OpAsync($"bundles add {environment} customer_id=acme");
    }

    private Task<JsonElement> StageAsync(string environment) =>
        _cli.OpAsync($"revisions stage {environment} bundle_source_uri=https://b.example/x.gtbundle bundle_digest=sha256:{new string('a', 64)}");

    private Task<TestRun> RunAsync(params string[] words) => _cli.RunWordsAsync(["op", .. words, "--store-root", _cli.StoreRoot, "--format", "json"]);

    private async Task<TestRun> AddDidAsync(string document)
    {
        using var stdout = new StringWriter { NewLine = "\n" };
        using var stderr = new StringWriter { NewLine = "\n" };
        var context = _cli.Context(stdout, stderr) with { OpenHttp = () => new FixedAnswer(document) };
        var exit = await GtcCommandLine.RunAsync(
            ["op", "trust-root", "add-did", "--did", "did:web:example.com", "--store-root", _cli.StoreRoot, "--format", "json"], context, TestContext.Current.CancellationToken);
        return new(exit, stdout.ToString(), stderr.ToString());
    }

    private sealed class FixedAnswer(string body) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent(body) });
    }
}
