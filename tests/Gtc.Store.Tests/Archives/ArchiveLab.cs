using System.Collections.Immutable;
using System.Text;
using Gtc.Model;
using Gtc.Signing;

namespace Gtc.Store.Tests;

/// <summary>Makes small backups in memory.</summary>
internal sealed class ArchiveLab : IDisposable
{
    private static readonly DateTimeOffset Now = new(2026, 11, 21, 23, 0, 0, TimeSpan.Zero);

    public PrivateKey Key { get; } = Ed25519PrivateKey.FromSeed(Enumerable.Repeat((byte)7, 32).ToArray());

    public TempFolder Folder { get; } = new();

    public ImmutableArray<TrustedKey> Trusted => [TrustedKey.Of(Key.PublicKey)];

    public static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static EnvironmentImage Image(string id, ulong generation = 3)
    {
        ReadOnlyMemory<byte> line = Encoding.UTF8.GetBytes($$"""{"event_id":"e1","note":"{{id}} ünïcode \\ \"","prev":"{{new string('a', 64)}}","hash":"{{new string('b', 64)}}"}""");
        return new EnvironmentImage
        {
            Document = Workbench.Fresh(id) with { EnvGeneration = generation },
            Generation = generation,
            Sides = ImmutableSortedDictionary.CreateRange(new Dictionary<SideName, ReadOnlyMemory<byte>> { [SideName.Of("trust-root.json")] = (byte[])[1, 2, 255], [SideName.Of("a/b.json")] = Array.Empty<byte>() }),
            Audit = [line],
            Keys = [new KeptKey("key-1", new string('c', 64), generation, line, "{\"x\":1}"u8.ToArray())],
        };
    }

    public async Task<byte[]> WriteAsync(params EnvironmentImage[] images)
    {
        using var output = new MemoryStream();
        using var writer = await StoreArchiveWriter.BeginAsync(output, Cancellation);
        foreach (var image in images)
        {
            await writer.AddAsync(image, Cancellation);
        }

        await writer.FinishAsync("01KAMZ00000000000000000000", Now, Key, Cancellation);
        return output.ToArray();
    }

    public Task<Outcome<StoreArchive>> OpenAsync(byte[] bytes, ArchiveKey? key = null) =>
        StoreArchive.OpenAsync(async cancellationToken => await ArchiveStreams.OpenAsync(new MemoryStream(bytes), key, cancellationToken), Trusted, Cancellation);

    public string Secret(string name, string text)
    {
        var path = Folder[name];
        File.WriteAllText(path, text);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return path;
    }

    public void Dispose()
    {
        Key.Dispose();
        Folder.Dispose();
    }
}
