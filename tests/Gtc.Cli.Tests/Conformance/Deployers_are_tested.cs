using Gtc.Kubernetes;
using Gtc.Kubernetes.Tests;

namespace Gtc.Cli.Tests.Conformance;

/// <summary><c>gtc conformance --deployer k8s</c> on a real API server without nodes.</summary>
public sealed class Deployers_are_tested(KubeLab lab) : IDisposable
{
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
    public async Task What_is_about_a_cluster_is_refused_for_this_machine()
    {
        var run = await _cli.RunWordsAsync("conformance", "--context", "dev", "--format", "json");
        (run.Exit, run.Kind).ShouldBe((1, "invalid-argument"));
        run.Message.ShouldContain("--deployer k8s");
    }

    [Fact]
    public async Task Without_a_cluster_it_says_where_it_looked()
    {
        var run = await _cli.RunWordsAsync("conformance", "--deployer", "k8s", "--kubeconfig", "absent", "--format", "json");
        (run.Exit, run.Kind).ShouldBe((1, "provider"));
    }
}
