using Gtc.Artifacts.Distributor;
using Gtc.Artifacts.Sources;
using Gtc.Artifacts.Tests.Sources;

namespace Gtc.Artifacts.Tests.Distributor;

public sealed class DigestCacheTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly DigestCache _cache = new(10, TimeProvider.System);

    public void Dispose()
    {
        _cache.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_file_that_is_being_written_has_no_digest_yet()
    {
        var path = _folder.Write("file", [1, 2, 3]);
        using var file = RegularFile.Open(path).Value;
        await File.AppendAllTextAsync(path, "more", TestContext.Current.CancellationToken);

        (await _cache.DigestAsync(file, TestContext.Current.CancellationToken)).ShouldBeNull();
    }

    [Fact]
    public async Task A_file_that_was_just_written_is_hashed_again_each_time()
    {
        var path = _folder.Write("file", [1, 2, 3]);
        for (var round = 1; round <= 2; round++)
        {
            using var file = RegularFile.Open(path).Value;
            (await _cache.DigestAsync(file, TestContext.Current.CancellationToken)).ShouldBe(new byte[] { 1, 2, 3 }.Digest());
            _cache.Computed.ShouldBe(round);
        }
    }
}
