using System.Net;
using System.Security.Cryptography;
using Gtc.Model;
using Gtc.Store.Server.Tests.Clients;

namespace Gtc.Store.Server.Tests.Postgres;

/// <summary>What one replica was sent another one has, half uploads included.</summary>
public sealed class Replicas_share_artifacts
{
    [Fact]
    public async Task An_upload_goes_on_at_another_replica()
    {
        var token = TestContext.Current.CancellationToken;
        var bytes = Enumerable.Range(0, 2_000_000).Select(index => (byte)(index * 31 / 7)).ToArray();
        var digest = Sha256Digest.FromBytes(SHA256.HashData(bytes));
        await using var lab = new PostgresLab();
        using var client = await lab.StartAsync();
        var options = new StoreServerOptions
        {
            Listen = new IPEndPoint(IPAddress.Loopback, 0),
            Storage = await lab.OpenAsync(),
            OperatorKey = new OperatorKeyFile(lab.OperatorKeyPath, RandomNumberGenerator.Fill),
        };
        await using var second = (await StoreServer.StartAsync(options, token)).Value;
        var source = Path.Combine(lab.Folder, "source");
        await File.WriteAllBytesAsync(source, bytes, token);

        using (var stop = CancellationTokenSource.CreateLinkedTokenSource(token))
        {
            using var line = new FaultyLine { BeforeRetry = stop.Cancel }.OnUpload(new FaultyLine.Fault(1_500_000));
            using var first = new RemoteArtifacts(StoreTarget.Of(lab.Address.ToString(), null).Value, line, TimeProvider.System);
            await Should.ThrowAsync<OperationCanceledException>(first.UploadAsync(digest, source, null, stop.Token));
        }

        using var direct = new FaultyLine();
        using var other = new RemoteArtifacts(StoreTarget.Of(second.Address.ToString(), null).Value, direct, TimeProvider.System);
        (await other.UploadAsync(digest, source, null, token)).Value.ShouldBeTrue();
        using var back = new RemoteArtifacts(StoreTarget.Of(lab.Address.ToString(), null).Value, direct, TimeProvider.System);
        (await back.DownloadAsync(digest, source + ".back", bytes.Length, null, token)).Value.ShouldBe(bytes.Length);
        (await File.ReadAllBytesAsync(source + ".back", token)).ShouldBe(bytes);
    }
}
