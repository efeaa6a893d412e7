using Gtc.Model;

namespace Gtc.Runtime.Tests.Reloading;

public sealed class A_drained_revision_ends_whole : IDisposable
{
    private readonly WorkerLab _lab = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _lab.Dispose();

    [Fact]
    public async Task A_request_on_a_revision_that_is_archived_and_collected_is_answered()
    {
        var (a, b, deployment) = await TwoAsync();
        await using var worker = (await _lab.BootAsync()).Value;
        using var client = new WorkerClient(worker);
        using var body = new SlowContent("""{"text":"Ada"}"""u8.ToArray());
        var running = await BeginAsync(client, body);
        _lab.Route(deployment, (b, 10_000));
        _lab.Change(document => RevisionVerbs.Archive(document, a).Value.Document);
        _lab.SaveAll();
        await Eventually.HoldsAsync(async () => (await client.GreetAsync()).IsFrom(b));
        Directory.Delete(_lab.RevisionFolder(a), recursive: true);
        (await client.StatusAsync()).GetProperty("draining")[0].GetProperty("revision_id").GetString().ShouldBe(a.ToString());

        body.Finish();
        (await WorkerClient.Reply.OfAsync(await running)).IsFrom(a).ShouldBeTrue();
        await Eventually.HoldsAsync(() => _lab.Logs.Lines.Any(line => line.Text.StartsWith($"RevisionEvicted: {a}", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task It_becomes_inactive_once_its_last_request_was_answered()
    {
        var (a, b, deployment) = await TwoAsync();
        await using var worker = (await _lab.BootAsync(options => options with { HealthInterval = TimeSpan.FromMilliseconds(20) })).Value;
        using var client = new WorkerClient(worker);
        using var body = new SlowContent("""{"text":"Ada"}"""u8.ToArray());
        var running = await BeginAsync(client, body);
        _lab.Route(deployment, (b, 10_000));
        _lab.Change(document => RevisionVerbs.Drain(document, a).Value.Document);
        _lab.SaveAll();
        await Eventually.HoldsAsync(async () => (await client.GreetAsync()).IsFrom(b));
        (await LifecycleAsync(a)).ShouldBe(RevisionLifecycle.Draining);

        body.Finish();
        (await WorkerClient.Reply.OfAsync(await running)).IsFrom(a).ShouldBeTrue();
        await Eventually.HoldsAsync(async () => await LifecycleAsync(a) == RevisionLifecycle.Inactive);
        (await client.GreetAsync()).IsFrom(b).ShouldBeTrue();
        await Eventually.HoldsAsync(() => _lab.Logs.Lines.Any(line => line.Text == $"Revision {a} of deployment {deployment} has drained and is inactive"));
    }

    [Fact]
    public async Task One_that_a_split_names_stays_draining()
    {
        var (a, b, deployment) = await TwoAsync();
        await using var worker = (await _lab.BootAsync(options => options with { HealthInterval = TimeSpan.FromMilliseconds(20) })).Value;
        using var client = new WorkerClient(worker);
        _lab.Route(deployment, (a, 5000), (b, 5000));
        _lab.Change(document => RevisionVerbs.Drain(document, a).Value.Document);
        _lab.SaveAll();
        await Eventually.HoldsAsync(async () => (await client.StatusAsync()).GetProperty("revisions")[0].GetProperty("draining").GetBoolean());

        // By the next reload it has been looked at.
        var reloads = (await client.StatusAsync()).GetProperty("reloads").GetInt32();
        _lab.Change(document => document with { Name = "another name" });
        _lab.SaveAll();
        await Eventually.HoldsAsync(async () => (await client.StatusAsync()).GetProperty("reloads").GetInt32() > reloads);
        (await LifecycleAsync(a)).ShouldBe(RevisionLifecycle.Draining);
    }

    private static async Task<Task<HttpResponseMessage>> BeginAsync(WorkerClient client, SlowContent body)
    {
        var running = client.SendAsync(body, ("x-greentic-session", "ada"));
        await Eventually.HoldsAsync(async () => (await client.StatusAsync()).GetProperty("revisions")[0].GetProperty("in_flight").GetInt32() == 1);
        return running;
    }

    private async Task<RevisionLifecycle> LifecycleAsync(RevisionId id) =>
        (await _lab.Store.LoadAsync(EnvId.Local, Token)).Value.Revisions.Single(revision => revision.RevisionId == id).Lifecycle;

    private async Task<(RevisionId A, RevisionId B, DeploymentId Deployment)> TwoAsync()
    {
        var bundle = await WorkerLab.BuildAsync("hello-worker", _lab.Root);
        var deployment = _lab.Deploy();
        var a = await _lab.StageAsync(deployment, bundle, bundle);
        var b = await _lab.StageAsync(deployment, bundle, bundle);
        _lab.Route(deployment, (a, 10_000), (b, 0));
        _lab.Save();
        return (a, b, deployment);
    }
}
