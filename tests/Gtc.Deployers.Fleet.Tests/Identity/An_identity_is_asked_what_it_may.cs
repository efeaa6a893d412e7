using System.Text;
using System.Text.Json;
using Gtc.Deployers.Fleet.Tests.Reconciling;
using Gtc.EnvPacks;
using Gtc.Kubernetes;
using Gtc.Kubernetes.Tests;
using Gtc.Model;

namespace Gtc.Deployers.Fleet.Tests.Identity;

/// <summary>On a real API server with real rules.</summary>
public sealed class An_identity_is_asked_what_it_may(KubeLab lab)
{
    private static readonly EnvId Environment = EnvId.TryParse("identity", out var id) ? id : default;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Whoever_may_do_everything_passes_every_capability_in_order()
    {
        await lab.StartAsync();
        var contract = new FleetCredentials();
        var findings = await contract.ValidateAsync(Setting(null), Token);
        findings.Checks.Select(check => check.Id).ShouldBe(contract.Capabilities.Select(capability => capability.Id));
        findings.Checks.ShouldAllBe(check => check.Status == CapabilityStatus.Pass);
    }

    [Fact]
    public async Task An_account_passes_what_rules_allow_it_and_fails_the_rest_with_the_reason()
    {
        var config = await lab.StartAsync();
        using var client = new KubeClient(config, TimeSpan.FromSeconds(20), TimeProvider.System);
        var account = $"deployer-{Guid.NewGuid():n}";
        await ApplyAsync(client, $$$"""{"apiVersion":"v1","kind":"ServiceAccount","metadata":{"name":"{{{account}}}","namespace":"default"}}""");
        await ApplyAsync(client, $$$"""{"apiVersion":"rbac.authorization.k8s.io/v1","kind":"ClusterRole","metadata":{"name":"{{{account}}}"},"rules":[{"apiGroups":["fleet.nationtech.io"],"resources":["devices"],"verbs":["list"]}]}""");
        await ApplyAsync(client, $$$"""{"apiVersion":"rbac.authorization.k8s.io/v1","kind":"ClusterRoleBinding","metadata":{"name":"{{{account}}}"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"{{{account}}}"},"subjects":[{"kind":"ServiceAccount","name":"{{{account}}}","namespace":"default"}]}""");
        using var answer = (await client.PostAsync(
            $"/api/v1/namespaces/default/serviceaccounts/{account}/token",
            JsonElement.Parse("""{"apiVersion":"authentication.k8s.io/v1","kind":"TokenRequest","spec":{"audiences":[],"expirationSeconds":600}}"""),
            Token)).Value.ShouldNotBeNull();
        using var material = new CredentialMaterial(Encoding.ASCII.GetBytes(answer.RootElement.GetProperty("status").GetProperty("token").GetString()!));

        var checks = (await new FleetCredentials().ValidateAsync(Setting(material), Token)).Checks;
        checks.Where(check => check.Status == CapabilityStatus.Pass).Select(check => check.Id).ShouldBe(["k8s.api.reachable", "k8s.rbac.allow:fleet.nationtech.io/devices:list"]);
        checks.Where(check => check.Status == CapabilityStatus.Fail).ShouldAllBe(check => check.Reason!.Contains("denied", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_token_that_nobody_gave_and_a_kubeconfig_that_is_not_there_fail_everything()
    {
        await lab.StartAsync();
        using var forged = new CredentialMaterial("not-a-token"u8);
        (await new FleetCredentials().ValidateAsync(Setting(forged), Token)).Checks.ShouldAllBe(check => check.Status == CapabilityStatus.Fail);
        (await new FleetCredentials().ValidateAsync(Setting(null) with { Variable = _ => null }, Token)).Checks.ShouldAllBe(check => check.Status == CapabilityStatus.Fail);
    }

    private static async Task ApplyAsync(KubeClient client, string item) =>
        (await client.ApplyAsync(JsonElement.Parse(item), "test", isForced: true, isDryRun: false, Token)).Error.ShouldBeNull();

    private CredentialsSetting Setting(CredentialMaterial? material) => new()
    {
        Environment = Environment,
        Folder = Path.GetTempPath(),
        Answers = AnswersReader.Read(Wanted.Pack, JsonElement.Parse(Wanted.Answers("lab=x"))).Value,
        Material = material,
        Variable = name => name == "KUBECONFIG" ? lab.Kubeconfig : null,
        Time = TimeProvider.System,
    };
}
