using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Unicode;
using Gtc.Model;

namespace Gtc.Routing;

/// <summary>
/// The keyed token with which any peer may name a revision in <c>X-Greentic-Revision</c> (decision 18): <c>expiry.base64url(HMAC-SHA-256)</c>. It is
/// good for one deployment until its end, a time in unix seconds. What is signed says what it is for, so that no cookie is ever taken for a token.
/// </summary>
public sealed class RevisionHeaderToken
{
    /// <summary>The field that carries it.</summary>
    public const string Field = "X-Greentic-Revision-Token";

    /// <summary>The field that carries one of <see cref="ForLocalCallers"/>.</summary>
    public const string LocalCallerField = "X-Greentic-Local-Caller";

    private const int MacTextLength = 43;
    private const int MaxExpiryLength = 12;
    private const int MaxSignedLength = 256;

    private readonly byte[] _key;
    private readonly string _environment;
    private readonly string _purpose;

    /// <summary>The tokens of an environment.</summary>
    /// <param name="key">The environment's key, 32 bytes; the one of its cookies.</param>
    /// <param name="environment">The environment.</param>
    public RevisionHeaderToken(ReadOnlySpan<byte> key, EnvId environment)
        : this(key, environment, "revision-header")
    {
    }

    private RevisionHeaderToken(ReadOnlySpan<byte> key, EnvId environment, string purpose)
    {
        _purpose = purpose;
        ArgumentOutOfRangeException.ThrowIfNotEqual(key.Length, RevisionCookie.KeyLength);
        _key = key.ToArray();
        _environment = environment.ToString();
    }

    /// <summary>Tokens with which a router tells the workers behind it that a call comes from its own machine; none of them names a revision, nor the other way round.</summary>
    /// <param name="key">The environment's key, as above.</param>
    /// <param name="environment">The environment.</param>
    public static RevisionHeaderToken ForLocalCallers(ReadOnlySpan<byte> key, EnvId environment) => new(key, environment, "local-caller");

    /// <summary>A key for <see cref="ForLocalCallers"/> that tells nothing of the environment's: who has it can vouch for callers, and neither pin nor name a revision.</summary>
    /// <param name="key">The environment's key.</param>
    public static byte[] KeyForLocalCallers(ReadOnlySpan<byte> key) => HMACSHA256.HashData(key, "gtc console key"u8);

    /// <summary>A token.</summary>
    /// <param name="deployment">The deployment whose revisions it may name.</param>
    /// <param name="expires">Its end, in whole seconds.</param>
    public string Write(DeploymentId deployment, DateTimeOffset expires)
    {
        var expiry = expires.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        Span<byte> mac = stackalloc byte[HMACSHA256.HashSizeInBytes];
        Sign(Encoding.ASCII.GetBytes(expiry), deployment, mac);
        return $"{expiry}.{Base64Url.EncodeToString(mac)}";
    }

    /// <summary>Whether a value is a token of this environment and deployment that is not over.</summary>
    /// <param name="value">The field's value.</param>
    /// <param name="deployment">The deployment that the request is for.</param>
    /// <param name="now">The time.</param>
    public bool IsGood(ReadOnlySpan<byte> value, DeploymentId deployment, DateTimeOffset now)
    {
        var dot = value.IndexOf((byte)'.');
        if (dot is <= 0 or > MaxExpiryLength || value.Length - dot - 1 != MacTextLength)
        {
            return false;
        }

        // The signature first. The decoder skips white space, so a text of the right length may hold fewer bytes.
        Span<byte> given = stackalloc byte[HMACSHA256.HashSizeInBytes];
        Span<byte> mac = stackalloc byte[HMACSHA256.HashSizeInBytes];
        Sign(value[..dot], deployment, mac);
        return Base64Url.DecodeFromUtf8(value[(dot + 1)..], given, out _, out var length) == OperationStatus.Done
            && length == mac.Length
            && CryptographicOperations.FixedTimeEquals(mac, given)
            && Utf8Parser.TryParse(value[..dot], out long expiry, out var read)
            && read == dot
            && expiry > now.ToUnixTimeSeconds();
    }

    private void Sign(ReadOnlySpan<byte> expiry, DeploymentId deployment, Span<byte> mac)
    {
        // An environment's id has at most 63 characters, a deployment's 26: it always fits.
        Span<byte> text = stackalloc byte[MaxSignedLength];
        _ = Utf8.TryWrite(text, $"{_purpose}:{_environment}:{deployment}:", out var length);
        expiry.CopyTo(text[length..]);
        HMACSHA256.HashData(_key, text[..(length + expiry.Length)], mac);
    }
}
