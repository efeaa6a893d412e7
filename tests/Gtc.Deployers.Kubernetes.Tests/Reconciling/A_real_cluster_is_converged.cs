using System.Text.Json;
using Gtc.Kubernetes;
using Gtc.Kubernetes.Tests;
using Gtc.Model;

namespace Gtc.Deployers.Kubernetes.Tests.Reconciling;

/// <summary>On the API server itself, without anything behind it that would run pods.</summary>
[Collection(KubeLab.OneAfterTheOther)]
public sealed class A_real_cluster_is_converged(KubeLab lab)
{
    private static readonly ReconcileOptions NoWait = new() { Wait = null };

    private readonly string _namespace = $"t-{Guid.NewGuid():n}";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_object_is_accepted_and_the_second_time_nothing_is_written()
    {
        await using var proxy = await RecordingProxy.StartAsync(await lab.StartAsync());
        var wanted = Running();
        (await ConvergedAsync(proxy, wanted)).Applied.Length.ShouldBe(17);
        proxy.Asked.Clear();
        (await ConvergedAsync(proxy, wanted)).Applied.Where(item => item.Outcome != ObjectOutcome.Unchanged).ShouldBeEmpty();
        proxy.Writes.ShouldBeEmpty();
        proxy.Asked.Count.ShouldBeLessThanOrEqualTo(9);
    }

    [Fact]
    public async Task Vault_is_idle_too()
    {
        await using var proxy = await RecordingProxy.StartAsync(await lab.StartAsync());
        var wanted = Running();
        wanted.Secrets = new SecretsBackend.Vault([new EnvVar { Name = "VAULT_ADDR", Value = "https://vault:8200" }]);
        await ConvergedAsync(proxy, wanted);
        proxy.Asked.Clear();
        await ConvergedAsync(proxy, wanted);
        proxy.Writes.ShouldBeEmpty();
    }

    [Fact]
    public async Task Optional_objects_are_accepted_idle_and_go_with_their_answers()
    {
        await using var proxy = await RecordingProxy.StartAsync(await lab.StartAsync());
        var wanted = Running();
        wanted.Answers = """{"ingress_host":"bot.example.com","ingress_class":"nginx","ingress_tls_secret":"cert","worker_replicas":2,"router_max_replicas":5,"image_pull_secrets":["one"],"egress_allow":"10.1.0.0/16:443"}""";
        await ConvergedAsync(proxy, wanted);
        proxy.Asked.Clear();
        await ConvergedAsync(proxy, wanted);
        proxy.Writes.ShouldBeEmpty();
        (await ConvergedAsync(proxy, Running())).Pruned.Length.ShouldBeGreaterThanOrEqualTo(3);
        proxy.Asked.Clear();
        await ConvergedAsync(proxy, Running());
        proxy.Writes.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_field_that_somebody_changed_is_told_with_its_owner_and_taken_back()
    {
        await using var proxy = await RecordingProxy.StartAsync(await lab.StartAsync());
        var wanted = Running();
        await ConvergedAsync(proxy, wanted);
        await EditAsync(proxy);
        var report = await ConvergedAsync(proxy, wanted, NoWait with { Drift = DriftChoice.Report });
        var told = report.Drift.Single();
        (told.Field, string.Join(',', told.Owners), told.Wanted, told.Found).ShouldBe(("spec.replicas", "kubectl-edit", "2", "7"));
        report.Applied.Single(item => item.Outcome != ObjectOutcome.Unchanged).Outcome.ShouldBe(ObjectOutcome.Left);
        (await ConvergedAsync(proxy, wanted, NoWait with { Drift = DriftChoice.Adopt })).Drift.Length.ShouldBe(1);
        (await ReplicasAsync(proxy)).ShouldBe(7);
        proxy.Asked.Clear();
        (await ConvergedAsync(proxy, wanted, NoWait with { Drift = DriftChoice.Adopt })).Applied.ShouldAllBe(item => item.Outcome == ObjectOutcome.Unchanged);
        proxy.Writes.ShouldBeEmpty();
        (await ConvergedAsync(proxy, wanted)).Drift.Length.ShouldBe(1);
        (await ReplicasAsync(proxy)).ShouldBe(2);
    }

    [Fact]
    public async Task It_goes_on_after_being_killed_at_any_point()
    {
        await using var proxy = await RecordingProxy.StartAsync(await lab.StartAsync());
        var random = new Random(20_261_120);
        for (var round = 0; round < 50; round++)
        {
            using var killed = CancellationTokenSource.CreateLinkedTokenSource(Token);
            var left = random.Next(1, 40);
            proxy.Before = _ =>
            {
                if (Interlocked.Decrement(ref left) == 0)
                {
                    killed.Cancel();
                }

                return Task.FromResult(false);
            };
            var wanted = round % 2 == 0 ? Running() : Running(RevisionLifecycle.Archived);
            using var client = proxy.Client();
            try
            {
                await new Reconciler(client, TimeProvider.System).RunAsync(wanted.Document, wanted.Settings() with { Namespace = _namespace }, NoWait, killed.Token);
            }
            catch (OperationCanceledException) when (!Token.IsCancellationRequested)
            {
                // As if the process had been killed.
            }
        }

        proxy.Before = _ => Task.FromResult(false);
        await ConvergedAsync(proxy, Running());
        proxy.Asked.Clear();
        (await ConvergedAsync(proxy, Running())).Applied.Length.ShouldBe(17);
        proxy.Writes.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_server_that_restarts_meanwhile_is_waited_for()
    {
        await using var proxy = await RecordingProxy.StartAsync(await lab.StartAsync());
        var restart = Task.CompletedTask;
        var count = 0;
        proxy.Before = _ =>
        {
            if (Interlocked.Increment(ref count) == 12)
            {
                restart = lab.RestartAsync(TimeSpan.FromMilliseconds(500));
            }

            return Task.FromResult(false);
        };
        using var client = proxy.Client(TimeSpan.FromMinutes(1));
        var wanted = Running();
        (await new Reconciler(client, TimeProvider.System).RunAsync(wanted.Document, wanted.Settings() with { Namespace = _namespace }, NoWait, Token)).IsOk.ShouldBeTrue();
        await restart;
        proxy.Asked.Clear();
        await ConvergedAsync(proxy, wanted);
        proxy.Writes.ShouldBeEmpty();
    }

    private static Rendered Running(RevisionLifecycle second = RevisionLifecycle.Ready) => new Rendered { Secrets = new SecretsBackend.DevStore("QQ==") }
        .With(Rendered.First, RevisionLifecycle.Ready, 10_000, "oci://registry.test/bundle").With(Rendered.Second, second);

    private async Task EditAsync(RecordingProxy proxy)
    {
        using var client = proxy.Client();
        using var change = JsonDocument.Parse("""{"spec":{"replicas":7}}""");
        (await client.MergeAsync(KubeKind.Of("apps/v1", "Deployment")!, _namespace, "gtc-router", change.RootElement, "kubectl-edit", Token)).Error.ShouldBeNull();
    }

    private async Task<int> ReplicasAsync(RecordingProxy proxy)
    {
        using var client = proxy.Client();
        using var live = (await client.GetAsync(KubeKind.Of("apps/v1", "Deployment")!, _namespace, "gtc-router", Token)).Value!;
        return live.RootElement.GetProperty("spec").GetProperty("replicas").GetInt32();
    }

    private async Task<ReconcileReport> ConvergedAsync(RecordingProxy proxy, Rendered wanted, ReconcileOptions? options = null)
    {
        using var client = proxy.Client();
        (await new Reconciler(client, TimeProvider.System).RunAsync(wanted.Document, wanted.Settings() with { Namespace = _namespace }, options ?? NoWait, Token)).TryGet(out var report, out var refusal).ShouldBeTrue(refusal?.ToString());
        return report!;
    }
}
