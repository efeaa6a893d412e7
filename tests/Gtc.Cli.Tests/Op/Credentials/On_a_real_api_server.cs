using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gtc.Deployers.Kubernetes;
using Gtc.Kubernetes;

namespace Gtc.Cli.Tests.Op.Credentials;

/// <summary>The whole way of a cluster's credentials.</summary>
public class On_a_real_api_server
{
    // The server's own caches follow a change: rules within moments, tokens that it has seen within ten seconds.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(250);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_identity_is_made_checked_rotated_and_ended()
    {
        await using var lab = await KubeLab.StartAsync();
        using var admin = new KubeClient(KubeConfig.Read(File.ReadAllBytes(lab.Kubeconfig), null).Value!, TimeSpan.FromSeconds(30), TimeProvider.System);
        using var cli = new TestCli();
        cli.SetVariable("KUBECONFIG", lab.Kubeconfig);
        cli.Time.Advance(TimeProvider.System.GetUtcNow() - cli.Time.GetUtcNow());
        await Clustered.EnvironmentAsync(cli);
        (await cli.OpAsync("credentials bootstrap admin_profile=kube-node --bind")).GetProperty("bound").GetBoolean().ShouldBeTrue();

        // Exactly what is claimed.
        var whole = await UntilAsync(cli, report => report.GetProperty("result").GetString() == "pass");
        Clustered.Missing(whole).Concat(Clustered.Excess(whole)).ShouldBeEmpty();
        whole.GetProperty("checks").GetArrayLength().ShouldBe(Permissions.Capabilities.Length);
        Clustered.Problems(await cli.OpAsync("env doctor")).ShouldNotContain(problem => problem.StartsWith("credentials", StringComparison.Ordinal));

        // The administrator, for comparison, may do everything.
        var ambient = await cli.OpAsync("credentials requirements --ambient");
        ambient.GetProperty("result").GetString().ShouldBe("pass");
        Clustered.Excess(ambient).ShouldBe(["*/*:*"]);

        // One less, one more.
        await ApplyRoleAsync(admin, "greentic-deployer-min", WithoutSecretsDelete());
        Clustered.Missing(await UntilAsync(cli, report => Clustered.Missing(report).Count > 0)).ShouldBe(["k8s.rbac.allow:core/secrets:delete"]);
        await ApplyRoleAsync(admin, "greentic-deployer-min", [.. Permissions.RulesOf(Permissions.All), new() { ApiGroups = [""], Resources = ["pods"], Verbs = ["create"] }]);
        Clustered.Excess(await UntilAsync(cli, report => Clustered.Excess(report).Count > 0)).ShouldBe(["core/pods:create"]);

        // A rotation applies the rules again, and the token before ends.
        var first = await PublishedAsync(admin);
        (await cli.OpAsync("credentials rotate admin_profile=kube-node")).TryGetProperty("warnings", out _).ShouldBeFalse();
        var second = await PublishedAsync(admin);
        second.ShouldNotBe(first);
        (await EndedAsync(lab, first)).Status.ShouldBe(401);
        var rotated = await UntilAsync(cli, report => report.GetProperty("result").GetString() == "pass" && Clustered.Excess(report).Count == 0);
        Clustered.Missing(rotated).ShouldBeEmpty();

        // A token whose time is over, signed by the cluster's own key.
        cli.Write("expired", Expired(lab, second));
        cli.Time.Advance(TimeSpan.FromHours(-2));
        (await Staged.RefusedAsync(cli, "credentials bind --from-file expired --replace")).Message.ShouldContain("the cluster does not accept the token");
        cli.Time.Advance(TimeSpan.FromHours(2));
        (await Staged.RefusedAsync(cli, "credentials bind --from-file expired --replace")).Message.ShouldContain("expired at");

        (await cli.OpAsync("credentials unbind")).TryGetProperty("warnings", out _).ShouldBeFalse();
        (await EndedAsync(lab, second)).Status.ShouldBe(401);
    }

    private static PolicyRule[] WithoutSecretsDelete() =>
        [.. Permissions.RulesOf(Permissions.All).Select(rule => rule.Resources!.Value.Contains("secrets") ? rule with { Verbs = rule.Verbs.Remove("delete") } : rule)];

    private static async Task<JsonElement> UntilAsync(TestCli cli, Func<JsonElement, bool> isSo)
    {
        JsonElement report = default;
        await UntilAsync(async () => isSo(report = await cli.OpAsync("credentials requirements")), () => $"the server's rules did not become so: {report}");
        return report;
    }

    private static async Task<KubeError> EndedAsync(KubeLab lab, string token)
    {
        using var client = new KubeClient(KubeConfig.Read(File.ReadAllBytes(lab.Kubeconfig), null).Value!.As(token), TimeSpan.FromSeconds(30), TimeProvider.System);
        KubeError? error = null;
        await UntilAsync(async () => (error = (await AccessReviews.DecideAsync(client, [new("", "secrets", "get", "gtc-local")], Token)).Error) is not null, () => "the token did not end");
        return error!;
    }

    private static async Task UntilAsync(Func<Task<bool>> isSo, Func<string> otherwise)
    {
        var begin = TimeProvider.System.GetTimestamp();
        using var beat = new PeriodicTimer(Beat);
        while (!await isSo())
        {
            TimeProvider.System.GetElapsedTime(begin).ShouldBeLessThan(Patience, otherwise());
            await beat.WaitForNextTickAsync(Token);
        }
    }

    private static async Task ApplyRoleAsync(KubeClient admin, string name, IEnumerable<PolicyRule> rules)
    {
        var role = new Role { ApiVersion = "rbac.authorization.k8s.io/v1", Kind = "Role", Metadata = new() { Name = name, Namespace = "gtc-local" }, Rules = [.. rules] };
        (await admin.ApplyAsync(KubeJson.ToElement(role), "test", isForced: true, isDryRun: false, Token)).Error.ShouldBeNull();
    }

    private static async Task<string> PublishedAsync(KubeClient admin)
    {
        using var secret = (await admin.GetAsync(KubeKind.Of("v1", "Secret")!, "gtc-local", "greentic-deployer-identity", Token)).Value!;
        return Encoding.UTF8.GetString(secret.RootElement.GetProperty("data").GetProperty("bearer").GetBytesFromBase64());
    }

    /// <summary>The same claims, an hour ago, with a sound signature.</summary>
    private static string Expired(KubeLab lab, string token)
    {
        var parts = token.Split('.');
        var claims = JsonNode.Parse(Base64Url.DecodeFromChars(parts[1]))!.AsObject();
        var end = TimeProvider.System.GetUtcNow().AddHours(-1).ToUnixTimeSeconds();
        (claims["iat"], claims["nbf"], claims["exp"]) = (end - 600, end - 600, end);
        var signed = $"{parts[0]}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(claims.ToJsonString()))}";
        using var key = RSA.Create();
        key.ImportFromPem(File.ReadAllText(Path.Combine(lab.Folder, "pki", "accounts.key")));
        return $"{signed}.{Base64Url.EncodeToString(key.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1))}";
    }
}
