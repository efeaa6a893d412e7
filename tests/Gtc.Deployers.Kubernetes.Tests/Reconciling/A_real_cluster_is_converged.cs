using System.Text.Json;
using Gtc.Kubernetes;
using Gtc.Kubernetes.Tests;
using Gtc.Model;

namespace Gtc.Deployers.Kubernetes.Tests.Reconciling;

/// <summary>On the API server itself, without anything behind it that would run pods.</summary>
[Collection(KubeLab.OneAfterTheOther)]
public sealed class A_real_cluster_is_converged(KubeLab lab)
{
    private const string Optional =
        """{"ingress_host":"bot.example.com","ingress_class":"nginx","ingress_tls_secret":"cert","worker_replicas":2,"router_max_replicas":5,"image_pull_secrets":["one"],"egress_allow":"10.1.0.0/16:443"}""";

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
        wanted.Answers = Optional;
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
    public async Task Probes_can_be_taken_back_and_what_others_added_stays()
    {
        await using var proxy = await RecordingProxy.StartAsync(await lab.StartAsync());
        var probed = Running();
        probed.Answers = """{"startup_and_liveness_probes":true,"image_pull_secrets":["one"]}""";
        await ConvergedAsync(proxy, probed);
        using var client = proxy.Client();
        using var note = JsonDocument.Parse("""{"metadata":{"annotations":{"someone/note":"mine"}},"spec":{"minReadySeconds":3}}""");
        (await client.MergeAsync(KubeKind.Of("apps/v1", "Deployment")!, _namespace, "gtc-router", note.RootElement, "someone", Token)).Error.ShouldBeNull();
        proxy.Asked.Clear();
        await ConvergedAsync(proxy, Running());
        proxy.Writes.Count(line => line.Contains("/deployments/", StringComparison.Ordinal) && line.Contains("force=", StringComparison.Ordinal)).ShouldBeGreaterThan(3, "the server refused some at first");
        using var live = (await client.GetAsync(KubeKind.Of("apps/v1", "Deployment")!, _namespace, "gtc-router", Token)).Value!;
        var container = live.RootElement.GetProperty("spec").GetProperty("template").GetProperty("spec").GetProperty("containers")[0];
        (container.TryGetProperty("livenessProbe", out _), container.TryGetProperty("startupProbe", out _), container.TryGetProperty("readinessProbe", out _)).ShouldBe((false, false, true));
        live.RootElement.GetProperty("metadata").GetProperty("annotations").GetProperty("someone/note").GetString().ShouldBe("mine");
        live.RootElement.GetProperty("spec").GetProperty("minReadySeconds").GetInt32().ShouldBe(3);
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
            wanted.Answers = (round % 3) switch { 0 => wanted.Answers, 1 => Optional, _ => """{"worker_replicas":2,"startup_and_liveness_probes":true}""" };
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

        // Whatever a killed run had given beyond is gone, though nobody lists those kinds.
        foreach (var (version, kind) in new[] { ("networking.k8s.io/v1", "Ingress"), ("autoscaling/v1", "HorizontalPodAutoscaler"), ("policy/v1beta1", "PodDisruptionBudget") })
        {
            using var client = proxy.Client();
            (await client.ListAsync(KubeKind.Of(version, kind)!, _namespace, null, Token)).Value!.Items.Select(item => item.GetProperty("metadata").GetProperty("name").GetString())
                .Where(name => kind != "PodDisruptionBudget" || name != "gtc-router").ShouldBeEmpty(kind);
        }
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

    [Fact]
    public async Task A_server_that_restarts_while_rollouts_are_watched_is_waited_for_too()
    {
        await using var proxy = await RecordingProxy.StartAsync(await lab.StartAsync());
        var watched = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var left = 2;
        proxy.Before = context =>
        {
            if (context.Request.Query["watch"] == "true" && Interlocked.Decrement(ref left) == 0)
            {
                watched.TrySetResult();
            }

            return Task.FromResult(false);
        };
        using var client = proxy.Client(TimeSpan.FromMinutes(1));
        var wanted = Running();
        var converging = new Reconciler(client, TimeProvider.System).RunAsync(wanted.Document, wanted.Settings() with { Namespace = _namespace }, new ReconcileOptions(), Token);
        await watched.Task.WaitAsync(Token);
        await lab.RestartAsync(TimeSpan.FromMilliseconds(200));

        // Nobody runs pods here: what the controllers would write is written by hand.
        var deployments = KubeKind.Of("apps/v1", "Deployment")!;
        foreach (var live in (await client.ListAsync(deployments, _namespace, null, Token)).Value!.Items)
        {
            var (generation, replicas) = (live.GetProperty("metadata").GetProperty("generation").GetInt64(), live.GetProperty("spec").GetProperty("replicas").GetInt32());
            using var status = JsonDocument.Parse($$$"""{"status":{"observedGeneration":{{{generation}}},"replicas":{{{replicas}}},"updatedReplicas":{{{replicas}}},"readyReplicas":{{{replicas}}},"availableReplicas":{{{replicas}}} } }""");
            (await client.MergeStatusAsync(deployments, _namespace, live.GetProperty("metadata").GetProperty("name").GetString()!, status.RootElement, "controllers", Token)).Error.ShouldBeNull();
        }

        (await converging).TryGet(out _, out var refusal).ShouldBeTrue(refusal?.ToString());
        proxy.Asked.Count(line => line.Contains("watch=true", StringComparison.Ordinal)).ShouldBeGreaterThan(2);
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
