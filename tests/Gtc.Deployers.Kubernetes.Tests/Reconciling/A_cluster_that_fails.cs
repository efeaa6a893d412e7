using Gtc.Model;
using Microsoft.AspNetCore.Http;

namespace Gtc.Deployers.Kubernetes.Tests.Reconciling;

public sealed class A_cluster_that_fails : IAsyncLifetime
{
    private FakeCluster _cluster = null!;
    private int _number;

    public async ValueTask InitializeAsync() => _cluster = await FakeCluster.StartAsync();

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Theory]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(502)]
    [InlineData(503)]
    [InlineData(0)]
    public async Task Now_and_then_is_tried_again(int status)
    {
        _cluster.Before = context => FailAsync(context, () => Interlocked.Increment(ref _number) % 3 == 0, status);
        await Converging.ConvergedAsync(_cluster, Converging.Running(), patience: TimeSpan.FromSeconds(30));
        _cluster.Before = _ => Task.FromResult(false);
        _cluster.Asked.Clear();
        await Converging.ConvergedAsync(_cluster, Converging.Running());
        _cluster.Writes.ShouldBeEmpty();
    }

    [Fact]
    public async Task With_a_write_at_the_same_moment_is_tried_again()
    {
        _cluster.Before = context => FailAsync(context, () => context.Request.Method == "PATCH" && Interlocked.Increment(ref _number) % 2 == 1, 409);
        (await Converging.ConvergedAsync(_cluster, Converging.Running())).Applied.Length.ShouldBe(15);
    }

    [Fact]
    public async Task For_good_says_which_object_and_what_the_server_said()
    {
        _cluster.Before = context => FailAsync(context, () => context.Request.Method == "PATCH" && context.Request.Path.Value!.Contains("gtc-allow-dns", StringComparison.Ordinal), 422);
        var refusal = (await Converging.ReconcileAsync(_cluster, Converging.Running())).Refusal.ShouldBeOfType<DeployerRefusal.Provider>();
        refusal.Message.ShouldBe("applying NetworkPolicy gtc-allow-dns in namespace gtc-local: injected (status 422)");
        ErrorKinds.Of(refusal).ShouldBe("provider");
        _cluster.Writes.Count().ShouldBe(8);
    }

    [Fact]
    public async Task Slowly_is_waited_for()
    {
        _cluster.Before = async context =>
        {
            // The latency is the fault itself: another one for each request, the same ones on every run.
            await Task.Delay(TimeSpan.FromMilliseconds(Interlocked.Increment(ref _number) * 7 % 20), context.RequestAborted);
            return false;
        };
        await Converging.ConvergedAsync(_cluster, Converging.Running());
    }

    [Fact]
    public async Task A_list_whose_rest_was_forgotten_is_read_again_from_the_start()
    {
        await Converging.ConvergedAsync(_cluster, Converging.Running());
        var pages = 0;
        _cluster.Before = async context =>
        {
            if (!context.Request.Path.Value!.EndsWith("/configmaps", StringComparison.Ordinal))
            {
                return false;
            }

            switch (Interlocked.Increment(ref pages))
            {
                case 1:
                    await context.Response.BodyWriter.WriteAsync("""{"metadata":{"resourceVersion":"1","continue":"more"},"items":[]}"""u8.ToArray(), context.RequestAborted);
                    return true;
                case 2:
                    return await FailAsync(context, () => true, 410);
                default:
                    return false;
            }
        };
        _cluster.Asked.Clear();
        await Converging.ConvergedAsync(_cluster, Converging.Running());
        pages.ShouldBe(3);
        _cluster.Writes.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_run_that_is_killed_at_any_request_is_gone_on_with()
    {
        for (var last = 1; last <= 60; last++)
        {
            using var killed = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
            var left = last;
            _cluster.Before = _ =>
            {
                if (Interlocked.Decrement(ref left) == 0)
                {
                    killed.Cancel();
                }

                return Task.FromResult(false);
            };
            var wanted = last % 2 == 0 ? Converging.Running() : new Rendered { Secrets = new SecretsBackend.DevStore($"QQ=={last}"), Answers = $$"""{"router_replicas":{{last + 1}}}""" }.With(Rendered.Second, RevisionLifecycle.Ready, 10_000);
            using var client = _cluster.Client();
            try
            {
                await new Reconciler(client, TimeProvider.System).RunAsync(wanted.Document, wanted.Settings(), new ReconcileOptions(), killed.Token);
            }
            catch (OperationCanceledException) when (killed.IsCancellationRequested)
            {
                // As if the process had been killed.
            }
        }

        _cluster.Before = _ => Task.FromResult(false);
        await Converging.ConvergedAsync(_cluster, Converging.Running());
        _cluster.Asked.Clear();
        await Converging.ConvergedAsync(_cluster, Converging.Running());
        _cluster.Writes.ShouldBeEmpty();
        _cluster.Paths.Count().ShouldBe(15);
    }

    [Fact]
    public async Task Workers_that_never_get_ready_are_told_with_the_reason_of_their_pod_and_nothing_else_waits_for_them()
    {
        await Converging.ConvergedAsync(_cluster, Converging.Running().With(Rendered.Second, RevisionLifecycle.Ready));
        _cluster.RunsPods = false;
        _cluster.Put($"{Converging.Home}/pods/gtc-worker-01j9zk3v7t5w8q2r4n6m0p1xyz-abc", """
            {"apiVersion":"v1","kind":"Pod","metadata":{"name":"gtc-worker-01j9zk3v7t5w8q2r4n6m0p1xyz-abc","labels":{"greentic.ai/env":"local","app.kubernetes.io/component":"worker"}},
             "status":{"containerStatuses":[{"name":"worker","restartCount":4,"state":{"waiting":{"reason":"CrashLoopBackOff","message":"back-off"}},"lastState":{"terminated":{"exitCode":1}}}]}}
            """);
        var changed = Converging.Running();
        changed.Answers = """{"runtime_image":"registry.test/gtc:broken"}""";
        var refusal = (await Converging.ReconcileAsync(_cluster, changed)).Refusal.ShouldBeOfType<DeployerRefusal.Provider>();
        refusal.Details.ShouldContain(detail => detail.Value.Contains("CrashLoopBackOff", StringComparison.Ordinal) && detail.Value.Contains("it ended with 1", StringComparison.Ordinal));
        _cluster.Paths.Count(path => path.Contains("/deployments/gtc-worker-", StringComparison.Ordinal)).ShouldBe(1);
    }

    [Fact]
    public async Task Workers_that_take_too_long_are_told_with_their_counters()
    {
        _cluster.RunsPods = false;
        var options = new ReconcileOptions { Wait = TimeSpan.FromMilliseconds(30), Poll = TimeSpan.FromMilliseconds(5) };
        var refusal = (await Converging.ReconcileAsync(_cluster, Converging.Running(), options)).Refusal.ShouldBeOfType<DeployerRefusal.Provider>();
        refusal.Message.ShouldStartWith("2 Deployments were not ready within");
        refusal.Details.ShouldContain(detail => detail.Label == "gtc-router" && detail.Value.Contains("0 updated", StringComparison.Ordinal));
        _cluster.Paths.Count().ShouldBe(15);
    }

    private static async Task<bool> FailAsync(HttpContext context, Func<bool> isChosen, int status)
    {
        if (!isChosen())
        {
            return false;
        }

        if (status == 0)
        {
            context.Abort();
            return true;
        }

        context.Response.StatusCode = status;
        context.Response.Headers.RetryAfter = "0";
        await context.Response.BodyWriter.WriteAsync("""{"message":"injected"}"""u8.ToArray(), context.RequestAborted);
        return true;
    }
}
