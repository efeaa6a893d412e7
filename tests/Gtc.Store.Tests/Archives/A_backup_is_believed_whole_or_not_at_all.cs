using System.Security.Cryptography;
using Gtc.Model;
using Gtc.Signing;

namespace Gtc.Store.Tests;

public sealed class A_backup_is_believed_whole_or_not_at_all : IDisposable
{
    private readonly ArchiveLab _lab = new();

    public void Dispose() => _lab.Dispose();

    [Fact]
    public async Task What_was_written_is_read_byte_for_byte()
    {
        var images = new[] { ArchiveLab.Image("prod"), ArchiveLab.Image("staging", 9) };
        var archive = (await _lab.OpenAsync(await _lab.WriteAsync(images))).Value;
        archive.SignedBy.ShouldBe([_lab.Key.PublicKey.KeyId]);
        archive.Manifest.Environments.Select(environment => (environment.EnvironmentId, environment.Generation, environment.AuditLines, environment.Keys)).ShouldBe([("prod", 3ul, 1L, 1L), ("staging", 9ul, 1L, 1L)]);
        var read = new List<EnvironmentImage>();
        (await archive.ReadAsync(_ => true, (_, image) => Take(read, image), ArchiveLab.Cancellation)).ShouldBeNull();
        read.Select(EnvironmentImageFormat.ToBytes).ShouldBe(images.Select(EnvironmentImageFormat.ToBytes));
        read[0].Audit[0].ToArray().ShouldBe(images[0].Audit[0].ToArray());
        read[0].Sides[SideName.Of("trust-root.json")].ToArray().ShouldBe([1, 2, 255]);

        read.Clear();
        await archive.ReadAsync(environment => environment.EnvironmentId == "staging", (_, image) => Take(read, image), ArchiveLab.Cancellation);
        read.Single().Generation.ShouldBe(9ul);
    }

    [Fact]
    public async Task No_flipped_bit_of_a_backup_passes()
    {
        var bytes = await _lab.WriteAsync(ArchiveLab.Image("prod"));
        for (var place = 0; place < bytes.Length; place++)
        {
            for (var bit = 0; bit < 8; bit++)
            {
                bytes[place] ^= (byte)(1 << bit);
                (await _lab.OpenAsync(bytes)).IsOk.ShouldBeFalse($"bit {bit} of byte {place}");
                bytes[place] ^= (byte)(1 << bit);
            }
        }

        (await _lab.OpenAsync(bytes)).IsOk.ShouldBeTrue("undamaged again");
    }

    [Fact]
    public async Task No_flipped_bit_of_an_encrypted_backup_passes()
    {
        using var key = ArchiveKey.FromKeyFile(_lab.Secret("backup.key", Convert.ToBase64String(Enumerable.Repeat((byte)9, 32).ToArray()))).Value;
        var bytes = await SealAsync(await _lab.WriteAsync(ArchiveLab.Image("prod")), key);
        for (var place = 0; place < bytes.Length; place++)
        {
            bytes[place] ^= (byte)(1 << (place % 8));
            (await _lab.OpenAsync(bytes, key)).IsOk.ShouldBeFalse($"byte {place}");
            bytes[place] ^= (byte)(1 << (place % 8));
        }

        (await _lab.OpenAsync(bytes, key)).IsOk.ShouldBeTrue("undamaged again");
    }

    [Fact]
    public async Task What_is_cut_or_longer_is_refused_wherever_it_is_cut()
    {
        var bytes = await _lab.WriteAsync(ArchiveLab.Image("prod"), ArchiveLab.Image("staging"));
        for (var length = 0; length < bytes.Length; length++)
        {
            (await _lab.OpenAsync(bytes[..length])).IsOk.ShouldBeFalse($"{length} bytes");
        }

        (await _lab.OpenAsync([.. bytes, 0])).IsOk.ShouldBeFalse();
    }

    [Fact]
    public async Task Whoever_has_not_the_key_cannot_make_one()
    {
        var bytes = await _lab.WriteAsync(ArchiveLab.Image("prod"));
        using var stranger = Ed25519PrivateKey.FromSeed(new byte[32]);
        var opened = await StoreArchive.OpenAsync(_ => Task.FromResult<Outcome<Stream>>(new MemoryStream(bytes)), [TrustedKey.Of(stranger.PublicKey)], ArchiveLab.Cancellation);
        opened.Refusal.ShouldBeOfType<Refusal.Unauthorized>();

        // Changed content with a digest that fits: only the signature stands against it.
        var forged = (byte[])bytes.Clone();
        var at = forged.AsSpan().IndexOf("\"generation\":3"u8);
        forged[at + "\"generation\":".Length] = (byte)'4';
        SHA256.HashData(forged.AsSpan(0, forged.Length - 32)).CopyTo(forged.AsSpan(forged.Length - 32));
        (await _lab.OpenAsync(forged)).Refusal.ShouldBeOfType<Refusal.MalformedArtifact>();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(SealCipher.ChunkLength - 1)]
    [InlineData(SealCipher.ChunkLength)]
    [InlineData(SealCipher.ChunkLength + 1)]
    [InlineData(3 * SealCipher.ChunkLength)]
    public async Task Chunks_keep_their_order_and_their_end(int length)
    {
        using var key = ArchiveKey.FromKeyFile(_lab.Secret("backup.key", Convert.ToBase64String(new byte[32]))).Value;
        var content = new byte[length];
        new Random(length).NextBytes(content);
        var bytes = await SealAsync(content, key);
        (await UnsealAsync(bytes, key)).ShouldBe(content);
        (await UnsealAsync([.. bytes, 0], key)).ShouldBeNull();
        (await UnsealAsync(bytes[..^1], key)).ShouldBeNull();
        const int Sealed = SealCipher.ChunkLength + SealCipher.TagLength;
        var head = bytes.Length - length - (SealCipher.TagLength * Math.Max(1, (length + SealCipher.ChunkLength - 1) / SealCipher.ChunkLength));
        if (length == 3 * SealCipher.ChunkLength)
        {
            (await UnsealAsync(bytes[..(head + Sealed)], key)).ShouldBeNull("one chunk of three");
            (await UnsealAsync([.. bytes[..head], .. bytes[(head + Sealed)..(head + (2 * Sealed))], .. bytes[head..(head + Sealed)], .. bytes[(head + (2 * Sealed))..]], key)).ShouldBeNull("moved");
            (await UnsealAsync([.. bytes[..head], .. bytes[(head + Sealed)..]], key)).ShouldBeNull("left out");
        }
    }

    [Fact]
    public async Task A_passphrase_works_and_another_secret_does_not()
    {
        var bytes = await _lab.WriteAsync(ArchiveLab.Image("prod"));
        using var passphrase = ArchiveKey.FromPassphraseFile(_lab.Secret("phrase", "correct horse battery\n")).Value;
        using var same = ArchiveKey.FromPassphraseFile(_lab.Secret("phrase2", "correct horse battery")).Value;
        using var other = ArchiveKey.FromPassphraseFile(_lab.Secret("phrase3", "correct horse battery staple")).Value;
        using var key = ArchiveKey.FromKeyFile(_lab.Secret("key", Convert.ToBase64String(new byte[32]))).Value;
        var encrypted = await SealAsync(bytes, passphrase);
        (await _lab.OpenAsync(encrypted, same)).IsOk.ShouldBeTrue();
        (await _lab.OpenAsync(encrypted, other)).Refusal!.Message.ShouldContain("the key is another one");
        (await _lab.OpenAsync(encrypted, key)).Refusal!.Message.ShouldContain("encrypted with a passphrase");
        (await _lab.OpenAsync(encrypted)).Refusal!.Message.ShouldContain("no key is given");
        (await _lab.OpenAsync(bytes, key)).Refusal!.Message.ShouldContain("not encrypted");
    }

    [Fact]
    public void Secrets_are_of_files_that_are_their_owners_alone()
    {
        var open = _lab.Secret("open", Convert.ToBase64String(new byte[32]));
        File.SetUnixFileMode(open, UnixFileMode.UserRead | UnixFileMode.GroupRead);
        ArchiveKey.FromKeyFile(open).Refusal!.Message.ShouldContain("open to others");
        ArchiveKey.FromKeyFile(_lab.Secret("short", Convert.ToBase64String(new byte[31]))).Refusal!.Message.ShouldContain("32 bytes in base64");
        ArchiveKey.FromPassphraseFile(_lab.Secret("phrase", "too short\n")).Refusal!.Message.ShouldContain("at least 12");
        ArchiveKey.FromKeyFile(_lab.Folder["absent"]).Refusal.ShouldBeOfType<Refusal.FileFailed>();
    }

    private static Task<Refusal?> Take(List<EnvironmentImage> read, EnvironmentImage image)
    {
        read.Add(image);
        return Task.FromResult<Refusal?>(null);
    }

    private static async Task<byte[]> SealAsync(byte[] content, ArchiveKey key)
    {
        using var output = new MemoryStream();
        await ArchiveStreams.WriteAsync<bool>(output, key, RandomNumberGenerator.Fill, async stream =>
        {
            await stream.WriteAsync(content, ArchiveLab.Cancellation);
            return true;
        }, ArchiveLab.Cancellation);
        return output.ToArray();
    }

    private static async Task<byte[]?> UnsealAsync(byte[] bytes, ArchiveKey key)
    {
        try
        {
            await using var input = (await ArchiveStreams.OpenAsync(new MemoryStream(bytes), key, ArchiveLab.Cancellation)).Value;
            using var content = new MemoryStream();
            await input.CopyToAsync(content, ArchiveLab.Cancellation);
            return content.ToArray();
        }
        catch (ArchiveFormatException)
        {
            return null;
        }
    }
}
