using Gtc.Model;

namespace Gtc.Store.Server.Tests.Serving;

/// <summary>The server's numbers are there when its storage is not, and however often they are asked for, the storage is asked now and then.</summary>
public sealed class Metrics_wait_for_nothing
{
    [Fact]
    public async Task A_storage_that_does_not_answer_is_asked_once_and_nobody_waits()
    {
        var time = new ManualTime();
        await using var lab = new FileLab();
        SlowArtifacts? slow = null;
        using var client = await lab.StartAsync(options => options with { Time = time, Storage = new RelayedStorage(options.Storage, slow = new SlowArtifacts(options.Storage.Artifacts)) });
        for (var scrape = 0; scrape < 20; scrape++)
        {
            time.Advance(KnownUsage.Lasts);
            var text = (await client.GetAsync("/metrics")).Must(200).Text;
            text.ShouldContain("gtc_store_watchers 0\n");
            text.ShouldNotContain("gtc_store_artifacts");
        }

        await Eventually.HoldsAsync(() => Task.FromResult(slow!.Asked == 1));
        slow!.Answer.SetResult(new ArtifactUsage(3, 2, 1));
        await Eventually.HoldsAsync(async () => (await client.GetAsync("/metrics")).Text.Contains("gtc_store_artifacts 3\n", StringComparison.Ordinal));
        var asked = slow.Asked;
        for (var scrape = 0; scrape < 20; scrape++)
        {
            (await client.GetAsync("/metrics")).Text.ShouldContain("gtc_store_artifact_kept_bytes{state=\"upload\"} 1\n");
        }

        slow.Asked.ShouldBeInRange(asked, 2);
    }

    [Fact]
    public async Task A_server_ends_while_it_counts()
    {
        await using var lab = new FileLab();
        SlowArtifacts? slow = null;
        using var client = await lab.StartAsync(options => options with { Storage = new RelayedStorage(options.Storage, slow = new SlowArtifacts(options.Storage.Artifacts)) });
        await Eventually.HoldsAsync(() => Task.FromResult(slow!.Asked == 1));
        await lab.StopAsync();
    }

    private sealed class SlowArtifacts(IArtifactStorage inner) : RelayedArtifacts(inner)
    {
        private int _asked;

        public int Asked => Volatile.Read(ref _asked);

        public TaskCompletionSource<ArtifactUsage> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override async Task<Outcome<ArtifactUsage>> UsageAsync(CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _asked);
            return await Answer.Task.WaitAsync(cancellationToken);
        }
    }
}
