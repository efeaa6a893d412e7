using System.Security.Cryptography;
using System.Text;
using Gtc.Model;
using Gtc.Routing;

namespace Gtc.Runtime.Tests.Pins;

/// <summary>One deployment with two revisions, and callers whose slots are known.</summary>
internal sealed class SessionLab : IDisposable
{
    private DeploymentId _deployment;

    public WorkerLab Worker { get; } = new();

    public async Task<(RevisionId A, RevisionId B)> TwoAsync(uint shareOfA, uint shareOfB)
    {
        var bundle = await WorkerLab.BuildAsync("hello-worker", Worker.Root);
        _deployment = Worker.Deploy();
        var a = await Worker.StageAsync(_deployment, bundle, bundle);
        var b = await Worker.StageAsync(_deployment, bundle, bundle);
        Worker.Route(_deployment, (a, shareOfA), (b, shareOfB));
        Worker.Save();
        return (a, b);
    }

    public async Task<WorkerHost> BootAsync(Func<WorkerOptions, WorkerOptions>? change = null) =>
        (await Worker.BootAsync(options => (change ?? (same => same))(options with { Random = () => BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong))) }))).Value;

    /// <summary>Workers whose pins lie in a Redis, which may take its time: a busy machine answers nobody within milliseconds.</summary>
    public Task<WorkerHost> BootAsync(string url, TimeSpan healthInterval) => BootAsync(options => options with
    {
        HealthInterval = healthInterval,
        OpenPins = _ => PinStore.Connect(url, password: null, keyPrefix: "test:", TimeProvider.System, () => 0, TimeSpan.FromSeconds(20)),
    });

    /// <summary>A caller of the first or the second half of the slots.</summary>
    public string KeyOn(bool first, int skip = 0)
    {
        var slots = new CallerSlot(_deployment);
        return Enumerable.Range(0, 10_000).Select(number => $"caller-{number}").Where(key => slots.Of(Encoding.UTF8.GetBytes(key)) < 5000 == first).ElementAt(skip);
    }

    public Task DialAsync(WorkerClient client, params (RevisionId Revision, uint Weight)[] shares)
    {
        Route(shares);
        return TakeOverAsync(client);
    }

    public void Route(params (RevisionId Revision, uint Weight)[] shares) => Worker.Route(_deployment, shares);

    public async Task TakeOverAsync(params WorkerClient[] clients)
    {
        var before = new List<int>();
        foreach (var client in clients)
        {
            before.Add(await ReloadsAsync(client));
        }

        Worker.SaveAll();
        foreach (var (client, count) in clients.Zip(before))
        {
            await Eventually.HoldsAsync(async () => await ReloadsAsync(client) > count);
        }
    }

    public void Dispose() => Worker.Dispose();

    private static async Task<int> ReloadsAsync(WorkerClient client) => (await client.StatusAsync()).GetProperty("reloads").GetInt32();
}
