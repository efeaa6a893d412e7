using System.Security.Cryptography;
using Gtc.Model;
using Gtc.Store.Server.Tests.Access;
using Gtc.Store.Server.Tests.Serving;

namespace Gtc.Store.Server.Tests.Clients;

/// <summary>Transfers of the client of <c>Gtc.Store</c> over a line that cuts and falsifies, and with a server that is killed.</summary>
public sealed class Artifacts_survive_cuts : IAsyncLifetime
{
    private const int Size = 3_000_000;

    private readonly string _folder = Directory.CreateTempSubdirectory("gtc-artifacts-").FullName;
    private readonly FileLab _lab = new();
    private StoreClient _client = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static byte[] Bytes { get; } = Enumerable.Range(0, Size).Select(index => (byte)(index * 131 / 17)).ToArray();

    private static Sha256Digest Digest { get; } = Sha256Digest.FromBytes(SHA256.HashData(Bytes));

    private string Source => Path.Combine(_folder, "source");

    private string Target => Path.Combine(_folder, "target");

    public async ValueTask InitializeAsync()
    {
        await File.WriteAllBytesAsync(Source, Bytes, Token);
        _client = await _lab.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _lab.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task An_upload_that_is_cut_goes_on_until_it_is_whole()
    {
        using var line = new FaultyLine().OnUpload(new(1_000_000), new(500_000), new(0));
        using var artifacts = Open(line);
        (await artifacts.FindAsync(Digest, Token)).Value.ShouldBeNull();
        (await artifacts.UploadAsync(Digest, Source, null, Token)).Value.ShouldBeTrue();
        line.Asked.Count(asked => asked.StartsWith("PUT", StringComparison.Ordinal)).ShouldBe(4);
        (await artifacts.FindAsync(Digest, Token)).Value.ShouldBe(Size);
        (await artifacts.UploadAsync(Digest, Source, null, Token)).Value.ShouldBeFalse();
        (await artifacts.DownloadAsync(Digest, Target, Size, null, Token)).Value.ShouldBe(Size);
        (await File.ReadAllBytesAsync(Target, Token)).ShouldBe(Bytes);
    }

    [Fact]
    public async Task A_download_that_is_cut_goes_on_where_it_was()
    {
        await SendAsync();
        using var line = new FaultyLine().OnDownload(new(1_000_000), new(700_000), new(0));
        using var artifacts = Open(line);
        (await artifacts.DownloadAsync(Digest, Target, Size, null, Token)).Value.ShouldBe(Size);
        (await File.ReadAllBytesAsync(Target, Token)).ShouldBe(Bytes);
        line.Asked[0].ShouldBe("GET");
        line.Asked[1..].ShouldAllBe(asked => asked.StartsWith("GET bytes=", StringComparison.Ordinal) && asked != "GET bytes=0-");
        File.Exists(Target + ".part").ShouldBeFalse();
    }

    [Fact]
    public async Task A_download_goes_on_in_another_process()
    {
        await SendAsync();
        await File.WriteAllBytesAsync(Target + ".part", Bytes[..2_000_000], Token);
        using var line = new FaultyLine();
        using var artifacts = Open(line);
        (await artifacts.DownloadAsync(Digest, Target, Size, null, Token)).Value.ShouldBe(Size);
        line.Asked.ShouldBe(["GET bytes=2000000-"]);
        (await File.ReadAllBytesAsync(Target, Token)).ShouldBe(Bytes);
    }

    [Theory]
    [InlineData(1000)]
    [InlineData(Size)]
    [InlineData(Size + 5)]
    public async Task What_another_process_left_is_not_believed(int length)
    {
        await SendAsync();
        await File.WriteAllBytesAsync(Target + ".part", new byte[length], Token);
        using var artifacts = Open(new FaultyLine());
        (await artifacts.DownloadAsync(Digest, Target, Size, null, Token)).Value.ShouldBe(Size);
        (await File.ReadAllBytesAsync(Target, Token)).ShouldBe(Bytes);
    }

    [Fact]
    public async Task A_byte_that_is_flipped_on_the_way_is_found_at_both_ends()
    {
        using (var artifacts = Open(new FaultyLine().OnUpload(new FaultyLine.Fault(1_500_000, IsFlip: true))))
        {
            (await artifacts.UploadAsync(Digest, Source, null, Token)).Refusal.ShouldBeOfType<Refusal.DigestMismatch>();
            (await artifacts.FindAsync(Digest, Token)).Value.ShouldBeNull();
            (await artifacts.UploadAsync(Digest, Source, null, Token)).Value.ShouldBeTrue();
        }

        using (var artifacts = Open(new FaultyLine().OnDownload(new FaultyLine.Fault(1_500_000, IsFlip: true))))
        {
            (await artifacts.DownloadAsync(Digest, Target, Size, null, Token)).Refusal.ShouldBeOfType<Refusal.DigestMismatch>();
            File.Exists(Target).ShouldBeFalse();
            (await artifacts.DownloadAsync(Digest, Target, Size, null, Token)).Value.ShouldBe(Size);
        }
    }

    [Fact]
    public async Task A_file_that_is_something_else_is_not_taken()
    {
        using var artifacts = Open(new FaultyLine());
        var other = Sha256Digest.FromBytes(SHA256.HashData([1]));
        (await artifacts.UploadAsync(other, Source, null, Token)).Refusal.ShouldBeOfType<Refusal.DigestMismatch>();
        (await artifacts.FindAsync(other, Token)).Value.ShouldBeNull();
        (await artifacts.DownloadAsync(other, Target, Size, null, Token)).Refusal.ShouldBeOfType<Refusal.Missing>();
        (await artifacts.UploadAsync(other, Source + "x", null, Token)).Refusal.ShouldBeOfType<Refusal.FileFailed>();
        await SendAsync();
        (await artifacts.DownloadAsync(Digest, Target, Size - 1, null, Token)).Refusal.ShouldBeOfType<Refusal.InvalidArgument>();
        File.Exists(Target).ShouldBeFalse();
    }

    [Fact]
    public async Task Who_may_not_is_told_so()
    {
        await _lab.StopAsync();
        var tokens = Tokens.Write(_lab, Tokens.Entry("eve", "read-only"));
        using var _ = await _lab.StartAsync(options => options with { Tokens = tokens, StrangerLimit = new RateLimit(100, 1) });
        using var eve = Open(new FaultyLine(), "eve");
        (await eve.UploadAsync(Digest, Source, null, Token)).Refusal.ShouldBeOfType<Refusal.Unauthorized>();
        using var stranger = Open(new FaultyLine(), "x");
        (await stranger.FindAsync(Digest, Token)).Refusal.ShouldBeOfType<Refusal.Unauthorized>();
        (await stranger.DownloadAsync(Digest, Target, Size, null, Token)).Refusal.ShouldBeOfType<Refusal.Unauthorized>();
    }

    [Fact]
    public async Task An_upload_survives_a_server_that_is_killed()
    {
        var data = Path.Combine(_folder, "data");
        var (process, address) = await ServerProcess.StartAsync(data);
        using (process)
        {
            using var line = new FaultyLine().OnUpload(new FaultyLine.Fault(2_000_000));
            using var artifacts = new RemoteArtifacts(StoreTarget.Of(address.ToString(), null).Value, line, TimeProvider.System);
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);

            // The line is cut at two thirds, and the server killed before the client comes back.
            line.BeforeRetry = () =>
            {
                process.Kill();
                stop.Cancel();
            };
            await Should.ThrowAsync<OperationCanceledException>(artifacts.UploadAsync(Digest, Source, null, stop.Token));
            await process.WaitForExitAsync(Token);
        }

        (process, address) = await ServerProcess.StartAsync(data);
        using (process)
        {
            using var line = new FaultyLine();
            using var artifacts = new RemoteArtifacts(StoreTarget.Of(address.ToString(), null).Value, line, TimeProvider.System);
            (await artifacts.FindAsync(Digest, Token)).Value.ShouldBeNull();
            (await artifacts.UploadAsync(Digest, Source, null, Token)).Value.ShouldBeTrue();
            (await artifacts.DownloadAsync(Digest, Target, Size, null, Token)).Value.ShouldBe(Size);
            (await File.ReadAllBytesAsync(Target, Token)).ShouldBe(Bytes);
            process.StandardInput.Close();
            await process.WaitForExitAsync(Token);
        }
    }

    private async Task SendAsync()
    {
        using var artifacts = Open(new FaultyLine());
        (await artifacts.UploadAsync(Digest, Source, null, Token)).Value.ShouldBeTrue();
    }

    private RemoteArtifacts Open(FaultyLine line, string? token = null) => new(StoreTarget.Of(_lab.Address.ToString(), token).Value, line, TimeProvider.System);
}
