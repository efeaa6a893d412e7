using System.Collections.Concurrent;
using System.Text.Json;
using Gtc.Model;

namespace Gtc.Runtime.Tests.Routers;

/// <summary>A router in front of the workers of two revisions.</summary>
internal sealed class RouterLab : IDisposable
{
    private DeploymentId _deployment;

    public WorkerLab Worker { get; } = new();

    public ConcurrentDictionary<RevisionId, string> Addresses { get; } = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => Worker.Dispose();

    public async Task<(RevisionId A, RevisionId B)> TwoAsync(uint shareOfA, uint shareOfB, uint drainSeconds = 30)
    {
        var bundle = await WorkerLab.BuildAsync("hello-worker", Worker.Root);
        _deployment = Worker.Deploy();
        var a = await Worker.StageAsync(_deployment, bundle, bundle);
        var b = await Worker.StageAsync(_deployment, bundle, bundle);
        Worker.Change(document => document with { Revisions = [.. document.Revisions.Select(revision => revision with { DrainSeconds = drainSeconds })] });
        Dial((a, shareOfA), (b, shareOfB));
        return (a, b);
    }

    /// <summary>The worker of one revision, where the router finds it.</summary>
    public async Task<WorkerHost> WorkerAsync(RevisionId revision, int port = 0, bool isSupervised = false)
    {
        var worker = (await Worker.BootAsync(options => options with
        {
            Variable = name => name == "GREENTIC_REVISION_ID" ? revision.ToString() : name == "PORT" ? $"{port}" : name == "GREENTIC_SUPERVISED" && isSupervised ? Worker.Environment : options.Variable(name),
        })).Value;
        Addresses[revision] = worker.Address.ToString();
        return worker;
    }

    public async Task<RouterHost> RouterAsync()
    {
        var number = 0ul;
        return (await RouterHost.StartAsync(
            Worker.Options() with { WorkerAddress = id => Addresses[id], Random = () => Interlocked.Increment(ref number) * 0x9E3779B97F4A7C15 }, Token)).Value;
    }

    public static HttpClient ClientOf(RouterHost router) => new(new SocketsHttpHandler { UseCookies = false }) { BaseAddress = new Uri($"http://{router.Address}") };

    public static async Task<(int Status, string Text)> GreetAsync(HttpClient client)
    {
        using var answer = await client.PostAsync(new Uri("/", UriKind.Relative), new StringContent("""{"text":"Ada"}"""), Token);
        return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(Token));
    }

    public static async Task<JsonElement> StatusAsync(HttpClient client) => JsonElement.Parse(await client.GetStringAsync(new Uri("/status", UriKind.Relative), Token));

    public void Dial(params (RevisionId Revision, uint Weight)[] shares)
    {
        Worker.Route(_deployment, shares);
        Worker.Save();
    }

    public void Drain(RevisionId id)
    {
        Worker.Change(document => document with { Revisions = [.. document.Revisions.Select(revision => revision.RevisionId == id ? revision with { Lifecycle = RevisionLifecycle.Draining } : revision)] });
        Worker.Save();
    }

    public bool IsTold(string start) => Worker.Logs.Lines.Any(line => line.Text.StartsWith(start, StringComparison.Ordinal));
}
