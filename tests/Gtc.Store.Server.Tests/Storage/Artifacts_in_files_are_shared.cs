using System.Security.Cryptography;
using Gtc.Model;

namespace Gtc.Store.Server.Tests.Storage;

/// <summary>The artifacts of a folder that two processes work on, as a server and <c>gtc store artifacts prune</c> do.</summary>
public sealed class Artifacts_in_files_are_shared : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("gtc-artifacts-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task What_was_touched_is_never_removed()
    {
        var (here, beside) = (new FileArtifactStorage(_folder, TimeProvider.System), new FileArtifactStorage(_folder, TimeProvider.System));
        var (kept, gone) = (0, 0);
        using var barrier = new Barrier(2);
        for (var round = 0; round < 2000; round++)
        {
            var artifact = await PutAsync(here, round);
            var path = Path.Combine(_folder, ".server", "artifacts", "sha256", artifact.Hex);
            File.SetLastWriteTimeUtc(path, DateTime.UnixEpoch);
            var before = TimeProvider.System.GetUtcNow() - TimeSpan.FromHours(1);
            var removing = Task.Run(
                () =>
                {
                    barrier.SignalAndWait(Token);
                    return beside.RemoveAsync(artifact, before, Token);
                },
                Token);
            var touching = Task.Run(
                () =>
                {
                    barrier.SignalAndWait(Token);
                    return here.TouchAsync(artifact, Token);
                },
                Token);
            var (isRemoved, isTouched) = ((await removing).Value, (await touching).Value);
            (isTouched && !File.Exists(path)).ShouldBeFalse($"round {round}: it was touched and is gone");
            (isRemoved == File.Exists(path)).ShouldBeFalse($"round {round}");
            (kept, gone) = isRemoved ? (kept, gone + 1) : (kept + 1, gone);
        }

        // Both came first now and then, or nothing was tried.
        (kept > 0 && gone > 0).ShouldBeTrue($"{kept} were kept, {gone} removed");
        (await here.UsageAsync(Token)).Value.UploadBytes.ShouldBe(0);
    }

    [Fact]
    public async Task What_goes_while_it_is_counted_counts_nothing()
    {
        var storage = new FileArtifactStorage(_folder, TimeProvider.System);
        var artifact = await PutAsync(storage, 1);
        var upload = Path.Combine(_folder, ".server", "artifacts", "uploads", "x");
        var isOver = false;
        using var begun = new ManualResetEventSlim();
        var changing = Task.Run(
            () =>
            {
                while (!Volatile.Read(ref isOver))
                {
                    File.WriteAllBytes(upload, [1]);
                    File.Delete(upload);
                    begun.Set();
                }
            },
            Token);
        begun.Wait(Token);
        for (var count = 0; count < 30_000; count++)
        {
            var usage = (await storage.UsageAsync(Token)).Value;
            (usage.Count, usage.Bytes).ShouldBe((1L, 4L));
            usage.UploadBytes.ShouldBeInRange(0, 1);
        }

        Volatile.Write(ref isOver, true);
        await changing;
        (await storage.ListAsync(null, 10, Token)).Value.Single().Digest.ShouldBe(artifact);
    }

    private static async Task<Sha256Digest> PutAsync(FileArtifactStorage storage, int number)
    {
        var bytes = BitConverter.GetBytes(number);
        var artifact = Sha256Digest.FromBytes(SHA256.HashData(bytes));
        await using var upload = (await storage.ContinueAsync(new UploadName(artifact, "00"), Token)).Value;
        (await upload.AppendAsync(bytes, Token)).ShouldBeNull();
        (await upload.PutInPlaceAsync(Token)).ShouldBeNull();
        return artifact;
    }
}
