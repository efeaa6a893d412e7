using Gtc.Model;

namespace Gtc.Deployers.Kubernetes.Tests;

public sealed class A_folder_for_gitops : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("gtc-render-").FullName;

    [Fact]
    [Trait("fact", "k8s-deployer:17.25")]
    public void Only_what_was_written_here_is_removed()
    {
        var both = new Rendered().With(Rendered.First, RevisionLifecycle.Ready).With(Rendered.Second, RevisionLifecycle.Ready);
        Write(both).Files.Length.ShouldBe(16);
        foreach (var name in new[] { "20-ingress.yaml", "notes.yaml", "readme.txt" })
        {
            File.WriteAllText(Path.Combine(_folder, name), "mine: true\n");
        }

        var report = Write(new Rendered().With(Rendered.First, RevisionLifecycle.Ready));
        report.RemovedStaleFiles.ShouldBe(["14-deployment-gtc-worker-01j9zk3v7t5w8q2r4n6m0p1xyx.yaml", "15-service-gtc-worker-01j9zk3v7t5w8q2r4n6m0p1xyx.yaml"]);
        report.UnmanagedFiles.ShouldBe(["20-ingress.yaml", "notes.yaml"]);
        File.Exists(Path.Combine(_folder, "20-ingress.yaml")).ShouldBeTrue();
        File.Exists(Path.Combine(_folder, "readme.txt")).ShouldBeTrue();
    }

    [Fact]
    public void A_file_that_was_changed_since_is_somebodys_work()
    {
        Write(new Rendered().With(Rendered.First, RevisionLifecycle.Ready));
        var changed = Path.Combine(_folder, "12-deployment-gtc-worker-01j9zk3v7t5w8q2r4n6m0p1xyz.yaml");
        File.AppendAllText(changed, "# mine\n");
        var report = Write(new Rendered());
        report.RemovedStaleFiles.ShouldBe(["13-service-gtc-worker-01j9zk3v7t5w8q2r4n6m0p1xyz.yaml"]);
        report.UnmanagedFiles.ShouldBe(["12-deployment-gtc-worker-01j9zk3v7t5w8q2r4n6m0p1xyz.yaml"]);
    }

    [Fact]
    public void Secrets_are_left_out_unless_they_are_asked_for()
    {
        var rendered = new Rendered { Secrets = new SecretsBackend.DevStore("QQ==") };
        Write(rendered).Withheld.ShouldBe(["12-secret-gtc-dev-secrets.yaml"]);
        Directory.GetFiles(_folder).ShouldAllBe(file => !File.ReadAllText(file).Contains("QQ==", StringComparison.Ordinal));
        RenderFolder.Write(_folder, EnvId.Local, rendered.Objects(), includesSecrets: true).Value.Withheld.ShouldBeEmpty();
        File.ReadAllText(Path.Combine(_folder, "12-secret-gtc-dev-secrets.yaml")).ShouldContain("QQ==");
    }

    [Fact]
    public void The_folder_of_another_environment_is_refused()
    {
        Write(new Rendered());
        EnvId.TryParse("prod", out var other).ShouldBeTrue();
        RenderFolder.Write(_folder, other, new Rendered().Objects(), includesSecrets: false).Refusal.ShouldBeOfType<Refusal.Conflict>().Message.ShouldContain("`local`");
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private FolderReport Write(Rendered rendered)
    {
        RenderFolder.Write(_folder, EnvId.Local, rendered.Objects(), includesSecrets: false).TryGet(out var report, out var refusal).ShouldBeTrue(refusal?.Message);
        return report!;
    }
}
