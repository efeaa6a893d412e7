using System.Text.Json;
using Gtc.Deployers.Kubernetes.Tests.Identity;

namespace Gtc.Cli.Tests.Op.Credentials;

/// <summary>An environment whose deployer is Kubernetes, and a kubeconfig for it.</summary>
internal static class Clustered
{
    public const string Reference = "secret://local/default/_/k8s-deployer/deployer_token";
    public const string Rbac = "/apis/rbac.authorization.k8s.io/v1/namespaces/gtc-local";
    public const string Secrets = "/api/v1/namespaces/gtc-local/secrets";
    public const string IdentitySecret = $"{Secrets}/greentic-deployer-identity";

    public static async Task<TestCli> CliAsync(FakeCluster cluster, bool keepsSecrets = true)
    {
        var cli = new TestCli();
        cli.SetVariable("KUBECONFIG", cli.Write("kubeconfig", cluster.Kubeconfig()));
        await EnvironmentAsync(cli, keepsSecrets);
        return cli;
    }

    public static async Task EnvironmentAsync(TestCli cli, bool keepsSecrets = true)
    {
        await cli.OpAsync("env create");
        await cli.OpAsync("env-packs add slot=deployer kind=greentic.deployer.k8s@1.0.0 pack_ref=builtin");
        if (keepsSecrets)
        {
            await cli.OpAsync("env-packs add slot=secrets kind=greentic.secrets.dev-store@0.1.0 pack_ref=builtin");
        }
    }

    public static List<string> Missing(JsonElement report) => [.. report.GetProperty("missing_capabilities").EnumerateArray().Select(id => id.GetString()!)];

    public static List<string> Excess(JsonElement report) => [.. report.GetProperty("excess_permissions").EnumerateArray().Select(id => id.GetString()!)];

    public static IEnumerable<string> Problems(JsonElement report) => report.GetProperty("problems").EnumerateArray().Select(problem => problem.GetString()!);

    /// <summary>The token that the Secret in the cluster holds.</summary>
    public static string Published(FakeCluster cluster) =>
        System.Text.Encoding.UTF8.GetString(Convert.FromBase64String((string)cluster.Objects[IdentitySecret]["data"]!["bearer"]!));

    public static string[] AuditLines(TestCli cli) => cli.AuditLines();

    /// <summary>Everything that the store holds, as text.</summary>
    public static List<string> Files(TestCli cli) =>
        [.. Directory.GetFiles(cli.StoreRoot, "*", SearchOption.AllDirectories).Where(file => !file.EndsWith(".lock", StringComparison.Ordinal)).Select(file => System.Text.Encoding.Latin1.GetString(File.ReadAllBytes(file)))];
}
