using System.Text;

namespace Gtc.Signing;

/// <summary>What a <c>.creds</c> file holds: a user's JWT and the seed of its key, each between its dashes.</summary>
public sealed class NkeyCredentials : IDisposable
{
    /// <summary>The largest file that is read, in characters.</summary>
    public const int MaxLength = 64 * 1024;

    private const string JwtLabel = "NATS USER JWT";
    private const string SeedLabel = "USER NKEY SEED";

    /// <summary>Puts a JWT and the key of its user together.</summary>
    public NkeyCredentials(string jwt, NkeyPair key)
    {
        Jwt = jwt;
        Key = key;
    }

    /// <summary>The user's JWT.</summary>
    public string Jwt { get; }

    /// <summary>The user's key.</summary>
    public NkeyPair Key { get; }

    /// <summary>Reads a file's text.</summary>
    /// <returns>Both parts, or <see cref="SigningError.KeyDecode"/>.</returns>
    public static SigningResult<NkeyCredentials> Parse(ReadOnlySpan<char> text)
    {
        if (text.Length > MaxLength)
        {
            return new SigningError.KeyDecode($"the credentials file has {text.Length:N0} characters, the most is {MaxLength:N0}");
        }

        if (!Block(text, JwtLabel).TryGet(out var jwt, out var error) || !Block(text, SeedLabel).TryGet(out var seed, out error))
        {
            return error;
        }

        if (!NkeyPair.FromSeed(text[seed]).TryGet(out var key, out error))
        {
            return error;
        }

        return new NkeyCredentials(text[jwt].ToString(), key);
    }

    /// <summary>Writes a file's text. The caller clears it.</summary>
    public byte[] ToFile()
    {
        var seed = Key.ToSeed();
        var file = GC.AllocateUninitializedArray<byte>(Jwt.Length + seed.Length + 512, pinned: true);
        var at = 0;
        void Put(ReadOnlySpan<char> piece) => at += Encoding.ASCII.GetBytes(piece, file.AsSpan(at));
        Put($"-----BEGIN {JwtLabel}-----\n{Jwt}\n------END {JwtLabel}------\n\n");
        Put("This seed is the user's private key. Whoever has it is the user: keep it secret.\n\n");
        Put($"-----BEGIN {SeedLabel}-----\n");
        Put(seed);
        Put($"\n------END {SeedLabel}------\n");
        Array.Clear(seed);
        var cut = file[..at];
        Array.Clear(file);
        return cut;
    }

    /// <inheritdoc/>
    public void Dispose() => Key.Dispose();

    /// <summary>Where the block's text stands. Writers differ in the number of dashes.</summary>
    private static SigningResult<Range> Block(ReadOnlySpan<char> text, string label)
    {
        var start = text.IndexOf($"BEGIN {label}", StringComparison.Ordinal);
        var after = start < 0 ? -1 : text[start..].IndexOf('\n');
        if (after < 0)
        {
            return new SigningError.KeyDecode($"a block `{label}` was expected in the credentials, none was found");
        }

        var from = start + after + 1;
        var length = text[from..].IndexOf("---", StringComparison.Ordinal);
        if (length < 0)
        {
            return new SigningError.KeyDecode($"the block `{label}` of the credentials does not end");
        }

        var body = text.Slice(from, length);
        var trimmed = body.Trim();
        var at = from + body.IndexOf(trimmed, StringComparison.Ordinal);
        return at..(at + trimmed.Length);
    }
}
