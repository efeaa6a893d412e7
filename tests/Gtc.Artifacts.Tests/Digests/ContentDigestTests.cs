using System.Security.Cryptography;
using Gtc.Artifacts.Digests;
using Gtc.Model;

namespace Gtc.Artifacts.Tests.Digests;

public sealed class ContentDigestTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(128 * 1024)]
    [InlineData((3 * 128 * 1024) + 17)]
    public async Task A_stream_hashes_like_its_bytes(int length)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);

        var digest = await ContentDigest.OfAsync(new MemoryStream(bytes), TestContext.Current.CancellationToken);

        digest.Hex.ShouldBe(Convert.ToHexStringLower(SHA256.HashData(bytes)));
        digest.ShouldBe(ContentDigest.Of(bytes));
    }

    [Fact]
    public async Task A_file_that_is_not_there_is_a_refusal()
        => ContentDigest.OfFile("/nowhere/at/all", TestContext.Current.CancellationToken).Refusal.ShouldBeOfType<Refusal.FileFailed>();
}
