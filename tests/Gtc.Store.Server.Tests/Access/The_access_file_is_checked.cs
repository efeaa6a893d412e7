using System.Text;

namespace Gtc.Store.Server.Tests.Access;

public sealed class The_access_file_is_checked
{
    private const string Issuer = """{"issuer":"https://login.example","audiences":["a"],"grants":[{"group":"g","role":"admin"}]}""";

    [Theory]
    [Trait("fact", "store-server:12.15")]
    [InlineData("{", "Parse")]
    [InlineData("""{"schema":"other","tokens":[]}""", "Schema")]
    [InlineData("""{"schema":"greentic.store-rbac.v1","tokens":[]}""", "Empty")]
    [InlineData("""{"schema":"greentic.store-rbac.v1","tokens":[null]}""", "Parse")]
    [InlineData("""{"schema":"greentic.store-rbac.v1","tokens":[{"token_sha256":"zz","actor":"a","role":"admin"}]}""", "BadDigest")]
    [InlineData("""{"schema":"greentic.store-rbac.v1","tokens":[{"token_sha256":"D","actor":" ","role":"admin"}]}""", "EmptyActor")]
    [InlineData("""{"schema":"greentic.store-rbac.v1","tokens":[{"token_sha256":"D","actor":"a","role":"root"}]}""", "Parse")]
    [InlineData("""{"schema":"greentic.store-rbac.v1","tokens":[{"token_sha256":"D","actor":"a","role":"admin","env_ids":[]}]}""", "EmptyEnvIds")]
    [InlineData("""{"schema":"greentic.store-rbac.v1","tokens":[{"token_sha256":"D","actor":"a","role":"admin","env_ids":["../x"]}]}""", "InvalidEnvId")]
    [InlineData("""{"schema":"greentic.store-rbac.v1","tokens":[{"token_sha256":"D","actor":"a","role":"admin","verbs":[]}]}""", "EmptyScope")]
    [InlineData("""{"schema":"greentic.store-rbac.v1","tokens":[{"token_sha256":"D","actor":"a","role":"admin","verbs":["traffic.sett"]}]}""", "UnknownVerb")]
    [InlineData("""{"schema":"greentic.store-rbac.v1","tokens":[{"token_sha256":"D","actor":"a","role":"admin"},{"token_sha256":"U","actor":"b","role":"admin"}]}""", "DuplicateDigest")]
    [InlineData("""{"schema":"greentic.store-rbac.v1"}""", "Empty")]
    [InlineData("""{"schema":"greentic.store-rbac.v1","tokens":null}""", "Empty")]
    [InlineData("""{"schema":"greentic.store-rbac.v1","issuers":[{"issuer":"http://login.example","audiences":["a"],"grants":[{"group":"g","role":"admin"}]}]}""", "InvalidIssuer")]
    [InlineData("""{"schema":"greentic.store-rbac.v1","issuers":[{"issuer":"https://login.example?x","audiences":["a"],"grants":[{"group":"g","role":"admin"}]}]}""", "InvalidIssuer")]
    [InlineData("""{"schema":"greentic.store-rbac.v1","issuers":[{"issuer":"https://login.example","audiences":[],"grants":[{"group":"g","role":"admin"}]}]}""", "EmptyAudiences")]
    [InlineData("""{"schema":"greentic.store-rbac.v1","issuers":[{"issuer":"https://login.example","audiences":["a"],"grants":[]}]}""", "EmptyGrants")]
    [InlineData("""{"schema":"greentic.store-rbac.v1","issuers":[{"issuer":"https://login.example","audiences":["a"],"grants":[{"role":"admin"}]}]}""", "InvalidGrant")]
    [InlineData("""{"schema":"greentic.store-rbac.v1","issuers":[{"issuer":"https://login.example","audiences":["a"],"grants":[{"group":"g","subject":"s","role":"admin"}]}]}""", "InvalidGrant")]
    [InlineData("""{"schema":"greentic.store-rbac.v1","issuers":[{"issuer":"https://login.example","audiences":["a"],"clock_skew_seconds":301,"grants":[{"group":"g","role":"admin"}]}]}""", "ClockSkew")]
    [InlineData("""{"schema":"greentic.store-rbac.v1","issuers":[{"issuer":"https://login.example","audiences":["a"],"groups_claim":" ","grants":[{"group":"g","role":"admin"}]}]}""", "EmptyClaim")]
    [InlineData("""{"schema":"greentic.store-rbac.v1","issuers":[{"issuer":"https://a","audiences":["a"],"grants":[{"group":"g","role":"admin","env_ids":[]}]}]}""", "EmptyEnvIds")]
    [InlineData("""{"schema":"greentic.store-rbac.v1","issuers":[I,I]}""", "DuplicateIssuer")]
    [InlineData("""{"schema":"greentic.store-rbac.v1","issuers":[{"issuer":"https://a","audiences":["a"],"secret":"x","grants":[{"group":"g","role":"admin"}]}]}""", "Parse")]
    [InlineData("""{"schema":"greentic.store-rbac.v1","certificates":[{"actor":"a","role":"admin"}]}""", "InvalidCertificate")]
    [InlineData("""{"schema":"greentic.store-rbac.v1","certificates":[{"actor":"a","role":"admin","dns":"x","uri":"y"}]}""", "InvalidCertificate")]
    [InlineData("""{"schema":"greentic.store-rbac.v1","certificates":[{"actor":"a","role":"admin","subject":"nonsense"}]}""", "InvalidCertificate")]
    [InlineData("""{"schema":"greentic.store-rbac.v1","certificates":[{"actor":"a","role":"admin","dns":"X"},{"actor":"b","role":"admin","dns":"x"}]}""", "DuplicateCertificate")]
    public void What_is_wrong_is_named(string file, string rule)
    {
        var digest = Tokens.Digest("x");
        var text = file.Replace("\"D\"", $"\"{digest}\"", StringComparison.Ordinal).Replace("I,I", $"{Issuer},{Issuer}", StringComparison.Ordinal).Replace("\"U\"", $"\"{digest.ToUpperInvariant()}\"", StringComparison.Ordinal);
        AccessFile.Parse(Encoding.UTF8.GetBytes(text)).Refusal!.Details.Single(detail => detail.Label == "rule").Value.ShouldBe(rule);
    }

    [Fact]
    public async Task A_server_does_not_start_with_one_that_is_wrong_or_absent()
    {
        await using var lab = new FileLab();
        File.WriteAllText(Path.Combine(lab.Folder, "bad.json"), "{}");
        foreach (var name in (string[])["bad.json", "absent.json"])
        {
            var options = new StoreServerOptions
            {
                Listen = new(System.Net.IPAddress.Loopback, 0),
                Storage = await lab.OpenAsync(),
                OperatorKey = new OperatorKeyFile(lab.OperatorKeyPath, System.Security.Cryptography.RandomNumberGenerator.Fill),
                Tokens = Path.Combine(lab.Folder, name),
            };
            (await StoreServer.StartAsync(options, TestContext.Current.CancellationToken)).IsOk.ShouldBeFalse();
        }
    }

    [Fact]
    [Trait("fact", "store-server:12.16")]
    public async Task The_network_is_not_opened_by_accident()
    {
        await using var lab = new FileLab();
        var options = new StoreServerOptions
        {
            Listen = new(System.Net.IPAddress.Any, 0),
            Storage = await lab.OpenAsync(),
            OperatorKey = new OperatorKeyFile(lab.OperatorKeyPath, System.Security.Cryptography.RandomNumberGenerator.Fill),
        };
        (await StoreServer.StartAsync(options, TestContext.Current.CancellationToken)).Refusal!.Message.ShouldContain("loopback");
        await using var server = (await StoreServer.StartAsync(options with { Storage = await lab.OpenAsync(), AllowsOpenNetwork = true }, TestContext.Current.CancellationToken)).Value;
    }

    [Fact]
    [Trait("fact", "store-server:12.18")]
    public async Task A_second_server_on_the_same_folder_is_refused()
    {
        await using var lab = new FileLab();
        using var client = await lab.StartAsync();
        var second = FileEnvironmentStorage.Open(lab.Data, TimeProvider.System, System.Security.Cryptography.RandomNumberGenerator.Fill, static _ => { });
        second.Refusal!.Message.ShouldContain("another store server");
        await lab.StopAsync();
        using var again = await lab.StartAsync();
    }
}
