using Gtc.Kubernetes;
using Gtc.Kubernetes.Tests;

namespace Gtc.Cli.Tests.Conformance;

/// <summary><c>gtc conformance --deployer k8s</c> and <c>fleet</c> on a real API server without nodes.</summary>
public sealed class Deployers_are_tested(KubeLab lab) : IDisposable
{
    private static readonly KubeKind Devices = KubeKind.Of("fleet.nationtech.io/v1alpha1", "Device")!;

    private readonly TestCli _cli = new() { Clock = TimeProvider.System };

    public void Dispose() => _cli.Dispose();

    [Fact]
    [Trait("fact", "deployers-and-conformance:16.1")]
    public async Task Kubernetes_passes_every_check()
    {
        var config = await lab.StartAsync();
        var kubeconfig = lab.Kubeconfig;

        var run = await _cli.RunWordsAsync("conformance", "--deployer", "k8s", "--kubeconfig", kubeconfig, "--fail-on-findings", "--format", "json");

        run.Exit.ShouldBe(0, run.Stdout + run.Stderr);
        var report = run.Result.GetProperty("reports").EnumerateArray().Single();
        report.GetProperty("checks").EnumerateArray().Select(check => (check.GetProperty("id").GetString(), check.GetProperty("status").GetString()))
            .ShouldBe(Enumerable.Range(1, 31).Select(number => ((string?)$"C{number}", (string?)"passed")), report.GetRawText());
        using var client = new KubeClient(config, TimeSpan.FromSeconds(20), TimeProvider.System);
        foreach (var kind in KubeKind.All.Where(kind => kind.IsNamespaced))
        {
            var listed = await client.ListAsync(kind, null, "app.kubernetes.io/managed-by=greentic", TestContext.Current.CancellationToken);
            listed.Value?.Items.ShouldBeEmpty(kind.Kind);
        }

        var namespaces = await client.ListAsync(KubeKind.Of("v1", "Namespace")!, null, "app.kubernetes.io/managed-by=greentic", TestContext.Current.CancellationToken);
        namespaces.Value!.Items.ShouldAllBe(item => item.GetProperty("status").GetProperty("phase").GetString() == "Terminating", "no controller ends them here");

        var again = await _cli.RunWordsAsync("conformance", "--deployer", "k8s", "--kubeconfig", kubeconfig, "--format", "json");
        (again.Exit, again.Kind).ShouldBe((1, "conflict"));
        again.Message.ShouldContain("gtc-conformance");
    }

    [Fact]
    public async Task The_fleet_passes_every_check_as_an_account_with_the_rights_that_are_required()
    {
        var config = await lab.StartAsync();
        var kubeconfig = lab.Kubeconfig;
        string[] words = ["conformance", "--deployer", "fleet", "--kubeconfig", kubeconfig, "--fail-on-findings", "--format", "json"];
        using var client = new KubeClient(config, TimeSpan.FromSeconds(20), TimeProvider.System);
        if ((await client.ListAsync(Devices, null, null, TestContext.Current.CancellationToken)).Error is not null)
        {
            var early = await _cli.RunWordsAsync(words);
            (early.Exit, early.Kind).ShouldBe((1, "provider"));
            early.Stderr.ShouldContain("gtc fleet install --crds-only");
        }

        (await _cli.RunWordsAsync("fleet", "install", "--crds-only", "--kubeconfig", kubeconfig)).Exit.ShouldBe(0);
        await LeadAsync(client, DateTimeOffset.UtcNow);
        var led = await _cli.RunWordsAsync(words);
        (led.Exit, led.Kind).ShouldBe((1, "conflict"));
        led.Message.ShouldContain("operator");
        await LeadAsync(client, DateTimeOffset.UtcNow - TimeSpan.FromHours(1));

        var run = await _cli.RunWordsAsync(words);

        run.Exit.ShouldBe(0, run.Stdout + run.Stderr);
        var report = run.Result.GetProperty("reports").EnumerateArray().Single();
        report.GetProperty("checks").EnumerateArray().Select(check => (check.GetProperty("id").GetString(), check.GetProperty("status").GetString()))
            .ShouldBe(Enumerable.Range(1, 31).Select(number => ((string?)$"C{number}", (string?)"passed")), report.GetRawText());
        (await client.ListAsync(Devices, null, "gtc-conformance", TestContext.Current.CancellationToken)).Value!.Items.ShouldBeEmpty();
        (await client.ListAsync(KubeKind.Of("fleet.nationtech.io/v1alpha1", "Deployment")!, null, "greentic.ai/env", TestContext.Current.CancellationToken)).Value!.Items.ShouldBeEmpty();
        (await client.ListAsync(KubeKind.Of("rbac.authorization.k8s.io/v1", "ClusterRole")!, null, null, TestContext.Current.CancellationToken)).Value!.Items
            .ShouldAllBe(role => !role.GetProperty("metadata").GetProperty("name").GetString()!.StartsWith("conformance-", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_is_about_a_cluster_is_refused_for_this_machine()
    {
        var run = await _cli.RunWordsAsync("conformance", "--context", "dev", "--format", "json");
        (run.Exit, run.Kind).ShouldBe((1, "invalid-argument"));
        run.Message.ShouldContain("--deployer k8s");
        var pods = await _cli.RunWordsAsync("conformance", "--deployer", "fleet", "--image", "x", "--format", "json");
        (pods.Exit, pods.Kind).ShouldBe((1, "invalid-argument"));
    }

    [Fact]
    public async Task Without_a_cluster_it_says_where_it_looked()
    {
        var run = await _cli.RunWordsAsync("conformance", "--deployer", "k8s", "--kubeconfig", "absent", "--format", "json");
        (run.Exit, run.Kind).ShouldBe((1, "provider"));
    }

    /// <summary>Writes the Lease of an operator as it was renewed at a moment.</summary>
    private static async Task LeadAsync(KubeClient client, DateTimeOffset renewed)
    {
        var lease = System.Text.Json.JsonElement.Parse($$$"""
            {"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{"name":"fleet-operator","namespace":"default"},
             "spec":{"holderIdentity":"somebody","leaseDurationSeconds":60,"renewTime":"{{{renewed.UtcDateTime:yyyy-MM-ddTHH:mm:ss.ffffffZ}}}"}}
            """);
        (await client.ApplyAsync(lease, "test", isForced: true, isDryRun: false, TestContext.Current.CancellationToken)).Error.ShouldBeNull();
    }
}
