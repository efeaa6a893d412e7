using Gtc.Artifacts.Oci;
using Gtc.Artifacts.Sources;
using Gtc.Artifacts.Tests.Sources;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gtc.Artifacts.Tests.Oci;

/// <summary>Tests that measure the whole process run with no other test beside them.</summary>
[CollectionDefinition(nameof(MeasuredAlone), DisableParallelization = true)]
public sealed class MeasuredAlone;

[Collection(nameof(MeasuredAlone))]
public class LargeBundleTests
{
    [Fact]
    public async Task A_large_bundle_streams_in_both_directions_with_flat_memory()
    {
        using var registry = await DockerRegistry.StartAsync();
        var options = Push.Plain(registry.Authority);
        using var folder = new TempFolder();
        var path = folder["large.gtbundle"];
        var block = Bytes.Of(1 << 20);
        await using (var file = File.Create(path))
        {
            for (var index = 0; index < 64; index++)
            {
                block[0] = (byte)index;
                await file.WriteAsync(block, TestContext.Current.CancellationToken);
            }
        }

        var source = $"oci://{registry.Authority}/large:1";
        var pusher = new BundlePusher(TimeProvider.System, static () => 0, NullLogger.Instance);
        var puller = new BundlePuller(TimeProvider.System, static () => 0, NullLogger.Instance);
        var before = GC.GetTotalAllocatedBytes();
        var pushed = (await pusher.PushAsync(new() { Reference = source, BundlePath = path, Options = options }, null, TestContext.Current.CancellationToken)).Value;
        using var destination = Pull.Create(folder["pulled"]);
        var pulled = (await puller.PullAsync(
            new PullRequest { Source = source, Destination = destination, Options = options }, null, TestContext.Current.CancellationToken)).Value;

        pulled.Bytes.ShouldBe(64 << 20);
        pulled.Digest.ShouldBe(pushed.BundleDigest);
        // Everything that was ever allocated meanwhile is a fraction of what was moved.
        (GC.GetTotalAllocatedBytes() - before).ShouldBeLessThan(48 << 20);
    }
}
