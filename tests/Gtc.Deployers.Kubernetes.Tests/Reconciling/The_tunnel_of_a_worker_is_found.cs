using Gtc.Kubernetes;
using Gtc.Model;
using Microsoft.AspNetCore.Http;

namespace Gtc.Deployers.Kubernetes.Tests.Reconciling;

public sealed class The_tunnel_of_a_worker_is_found : IAsyncLifetime
{
    private const string Answers = """{"tunnel":"cloudflared"}""";
    private const string Pod = $"{Converging.Home}/pods/worker-1";
    private static readonly ReconcileOptions Soon = new() { Wait = TimeSpan.FromSeconds(1), Poll = TimeSpan.FromMilliseconds(5) };

    private FakeCluster _cluster = null!;

    public async ValueTask InitializeAsync() => _cluster = await FakeCluster.StartAsync();

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Fact]
    public async Task Its_address_is_discovered_from_the_log_the_last_one_that_was_opened()
    {
        var asked = 0;
        Logs(() => ++asked < 3 ? "listening\n" : $"listening\n{TunnelBanner.Of("https://old.example.com")}\nmore\n{TunnelBanner.Of("https://new.example.com")}\nmore\n");

        var report = await Converging.ConvergedAsync(_cluster, Wanted(), Soon with { Wait = TimeSpan.FromMinutes(1) });

        report.Discovered["tunnel_url"].ShouldBe("https://new.example.com");
        report.Warnings.ShouldBeEmpty();
        asked.ShouldBe(3);
    }

    [Fact]
    public async Task One_that_does_not_open_is_a_warning_and_no_failure()
    {
        Logs(() => "listening\npublic URL: not an address (cloudflared tunnel)\n");

        var report = await Converging.ConvergedAsync(_cluster, Wanted(), Soon);

        report.Discovered.ShouldNotContainKey("tunnel_url");
        report.Warnings.ShouldHaveSingleItem().ShouldContain("kubectl logs");
    }

    [Fact]
    public async Task Who_may_not_read_logs_is_told_at_once()
    {
        Put();
        _cluster.Before = async context =>
        {
            if (!context.Request.Path.Value!.EndsWith("/log", StringComparison.Ordinal))
            {
                return false;
            }

            context.Response.StatusCode = 403;
            await context.Response.WriteAsync("""{"kind":"Status","message":"pods \"worker-1\" is forbidden: cannot get resource \"pods/log\""}""");
            return true;
        };

        (await Converging.ConvergedAsync(_cluster, Wanted(), Soon with { Wait = TimeSpan.FromMinutes(1) })).Warnings.ShouldHaveSingleItem().ShouldContain("pods/log");
    }

    [Fact]
    public async Task Without_the_answer_no_log_is_read()
    {
        Logs(() => throw new InvalidOperationException("nobody asked for a tunnel"));

        (await Converging.ConvergedAsync(_cluster, new Rendered().With(Rendered.First, RevisionLifecycle.Ready, 10_000), Soon)).Discovered.ShouldNotContainKey("tunnel_url");
    }

    [Fact]
    public void The_permission_is_asked_for_only_with_the_answer()
    {
        Permissions.For(Rendered.Read("greentic.deployer.k8s@1.0.0", Answers).Value).Select(grant => grant.Name).ShouldContain("core/pods/log:get");
        Permissions.For(Rendered.Read("greentic.deployer.k8s@1.0.0", "{}").Value).Select(grant => grant.Name).ShouldNotContain("core/pods/log:get");
    }

    private static Rendered Wanted() => new Rendered { Answers = Answers }.With(Rendered.First, RevisionLifecycle.Ready, 10_000);

    private void Put() => _cluster.Put(Pod, """{"metadata":{"name":"worker-1","namespace":"gtc-local","labels":{"greentic.ai/env":"local","app.kubernetes.io/component":"worker"} },"status":{"phase":"Running"} }""");

    private void Logs(Func<string> log)
    {
        Put();
        _cluster.Before = async context =>
        {
            if (context.Request.Path.Value != $"{Pod}/log")
            {
                return false;
            }

            context.Request.QueryString.Value!.ShouldContain("container=worker&tailLines=");
            await context.Response.WriteAsync(log());
            return true;
        };
    }
}
