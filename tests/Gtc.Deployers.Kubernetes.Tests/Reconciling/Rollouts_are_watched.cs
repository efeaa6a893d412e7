using Gtc.Kubernetes;
using Gtc.Model;
using Microsoft.AspNetCore.Http;

namespace Gtc.Deployers.Kubernetes.Tests.Reconciling;

public sealed class Rollouts_are_watched : IAsyncLifetime
{
    private const string CrashingPod = """
        {"apiVersion":"v1","kind":"Pod","metadata":{"name":"gtc-router-abc","labels":{"greentic.ai/env":"local"}},"spec":{"containers":[{"name":"router","image":"IMAGE"}]},
         "status":{"containerStatuses":[{"name":"router","restartCount":4,"state":{"waiting":{"reason":"CrashLoopBackOff","message":"back-off"}},"lastState":{"terminated":{"exitCode":1}}}]}}
        """;

    private FakeCluster _cluster = null!;
    private volatile string _accepted = "";
    private int _number;

    public async ValueTask InitializeAsync() => _cluster = await FakeCluster.StartAsync();

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Fact]
    public async Task One_list_and_one_watch_of_each_kind_however_long_it_takes()
    {
        var watched = Watched(2);
        var converging = SlowAsync();
        await watched;
        StartPods();
        (await converging).IsOk.ShouldBeTrue();
        _cluster.Asked.Count(line => line.Contains("/deployments?limit", StringComparison.Ordinal)).ShouldBe(2, "what there is, and where the watch begins");
        _cluster.Asked.Count(line => line.Contains("watch=true", StringComparison.Ordinal)).ShouldBe(2);
    }

    [Fact]
    public async Task Where_everything_is_ready_nothing_is_watched()
    {
        await Converging.ConvergedAsync(_cluster, Converging.Running());
        _cluster.Asked.ShouldNotContain(line => line.Contains("watch=true", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_connection_that_breaks_is_made_again()
    {
        var again = Watched(4);
        var converging = SlowAsync(async context =>
        {
            if (IsWatch(context) && Interlocked.Increment(ref _number) <= 2)
            {
                await context.Response.StartAsync(context.RequestAborted);
                context.Abort();
                return true;
            }

            return false;
        });
        await again;
        StartPods();
        (await converging).IsOk.ShouldBeTrue();
    }

    [Fact]
    public async Task An_identity_that_may_list_and_not_watch_looks_every_now_and_then()
    {
        var lists = 0;
        var converging = SlowAsync(context =>
        {
            if (context.Request.Path.Value!.EndsWith("/deployments", StringComparison.Ordinal) && ++lists == 5)
            {
                StartPods();
            }

            return IsWatch(context) ? AnswerAsync(context, 403, "watch is forbidden") : Task.FromResult(false);
        });
        (await converging).IsOk.ShouldBeTrue();
    }

    [Fact]
    public async Task A_pod_of_an_older_template_may_fail_as_it_likes_and_one_of_the_newest_may_not()
    {
        _cluster.Put($"{Converging.Home}/pods/gtc-router-abc", CrashingPod.Replace("IMAGE", "of/before:1", StringComparison.Ordinal));
        var watched = Watched(2);
        var converging = SlowAsync();
        await watched;
        converging.IsCompleted.ShouldBeFalse();
        var pod = _cluster.Find(Converging.RouterPath).Value["spec"]!["template"]!["spec"]!.DeepClone();
        _cluster.Put($"{Converging.Home}/pods/gtc-router-def", CrashingPod.Replace("-abc", "-def", StringComparison.Ordinal).Replace("""{"containers":[{"name":"router","image":"IMAGE"}]}""", pod.ToJsonString(), StringComparison.Ordinal));
        var refusal = (await converging).Refusal.ShouldBeOfType<DeployerRefusal.Provider>();
        refusal.Details.ShouldContain(detail => detail.Label == "pod gtc-router-def" && detail.Value.Contains("it ended with 1", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_token_that_was_rotated_while_it_waits_is_taken_up()
    {
        _accepted = "old";
        var watched = Watched(2, EndTokenAsync);
        _cluster.RunsPods = false;
        var converging = BoundAsync(new KubeConfig { Server = _cluster.Address }.As("new"));
        await watched;
        StartPods();
        (await converging).IsOk.ShouldBeTrue();
    }

    [Fact]
    public async Task A_token_that_ends_while_it_waits_is_a_clear_refusal()
    {
        _accepted = "old";
        _cluster.RunsPods = false;
        _cluster.Before = EndTokenAsync;
        var refusal = (await BoundAsync(new KubeError(KubeErrorKind.Forbidden, "none"))).Refusal.ShouldBeOfType<DeployerRefusal.Provider>();
        refusal.Message.ShouldBe("waiting for rollouts: the API server does not know the caller; the credentials have expired or were withdrawn, and there are no newer ones: Unauthorized (status 401)");
        refusal.Next.ShouldBe("gtc op credentials rotate admin_profile=CONTEXT");
    }

    /// <summary>The first watch breaks, and with it the token ends.</summary>
    private async Task<bool> EndTokenAsync(HttpContext context)
    {
        if (IsWatch(context) && Interlocked.Increment(ref _number) == 1)
        {
            _accepted = "new";
            context.Abort();
            return true;
        }

        return context.Request.Headers.Authorization != $"Bearer {_accepted}" && await AnswerAsync(context, 401, "Unauthorized");
    }

    /// <summary>Converges with a token that is <c>old</c>.</summary>
    private async Task<Outcome<ReconcileReport>> BoundAsync(KubeResult<KubeConfig> later)
    {
        using var client = new KubeClient(new KubeConfig { Server = _cluster.Address }.As("old") with { Renew = _ => Task.FromResult(later) }, TimeSpan.FromSeconds(20), TimeProvider.System);
        var wanted = Converging.Running();
        return await new Reconciler(client, TimeProvider.System).RunAsync(wanted.Document, wanted.Settings(), new ReconcileOptions(), TestContext.Current.CancellationToken);
    }

    private static bool IsWatch(HttpContext context) => context.Request.Query["watch"] == "true";

    private static async Task<bool> AnswerAsync(HttpContext context, int status, string message)
    {
        context.Response.StatusCode = status;
        await context.Response.WriteAsync($$"""{"kind":"Status","message":"{{message}}"}""", context.RequestAborted);
        return true;
    }

    private void StartPods()
    {
        _cluster.RunsPods = true;
        _cluster.RunAll();
    }

    /// <summary>Converges a cluster whose pods do not start by themselves.</summary>
    private Task<Outcome<ReconcileReport>> SlowAsync(Func<HttpContext, Task<bool>>? before = null)
    {
        _cluster.RunsPods = false;
        var counted = _cluster.Before;
        _cluster.Before = async context => await counted(context) || (before is not null && await before(context));
        return Converging.ReconcileAsync(_cluster, Converging.Running(), new ReconcileOptions { Poll = TimeSpan.FromMilliseconds(5) });
    }

    /// <summary>Ends when so many watches have been asked for.</summary>
    private Task Watched(int count, Func<HttpContext, Task<bool>>? before = null)
    {
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var left = count;
        _cluster.Before = async context =>
        {
            if (before is not null && await before(context))
            {
                return true;
            }

            if (IsWatch(context) && Interlocked.Decrement(ref left) == 0)
            {
                asked.TrySetResult();
            }

            return false;
        };
        return asked.Task;
    }
}
