using System.Buffers.Text;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Gtc.Signing;

/// <summary>JWTs of NATS' decentralised authentication: an operator signs accounts, an account signs users (header <c>ed25519-nkey</c>, claims of version 2).</summary>
public static class NatsJwt
{
    private const int MaxLength = 64 * 1024;

    private static readonly string Header = Base64Url.EncodeToString("""{"typ":"JWT","alg":"ed25519-nkey"}"""u8);

    /// <summary>The operator's own JWT, signed by itself: what a server is set up with.</summary>
    public static string SignOperator(NkeyPair key, string name, string systemAccount, DateTimeOffset now) =>
        Sign(key, key.PublicKey.Text, name, now, expires: null, new() { Type = "operator", SystemAccount = systemAccount });

    /// <summary>An account.</summary>
    /// <param name="key">The operator's key.</param>
    /// <param name="grant">The account.</param>
    /// <param name="now">The time of issue.</param>
    public static string SignAccount(NkeyPair key, NatsAccountGrant grant, DateTimeOffset now) => Sign(key, grant.Account, grant.Name, now, expires: null, new()
    {
        Type = "account",
        Limits = grant.HasJetStream ? NatsAccountLimits.WithJetStream : NatsAccountLimits.Plain,
        SigningKeys = grant.SigningKeys.IsEmpty ? null : grant.SigningKeys,
        Revocations = grant.Revocations.IsEmpty ? null : grant.Revocations.ToImmutableSortedDictionary(pair => pair.Key, pair => pair.Value.ToUnixTimeSeconds(), StringComparer.Ordinal),
    });

    /// <summary>A user.</summary>
    /// <param name="key">The account's key, or one of its signing keys.</param>
    /// <param name="grant">What the user may do.</param>
    /// <param name="now">The time of issue.</param>
    public static string SignUser(NkeyPair key, NatsUserGrant grant, DateTimeOffset now) => Sign(key, grant.User, grant.Name, now, grant.Expires, new()
    {
        Type = "user",
        IssuerAccount = grant.IssuerAccount,
        Subs = grant.MaxSubscriptions,
        Data = -1,
        Payload = grant.MaxPayload,
        Pub = grant.Publish.IsEmpty ? null : new(grant.Publish),
        Sub = grant.Subscribe.IsEmpty ? null : new(grant.Subscribe),
        Resp = grant.Answers == 0 ? null : new(grant.Answers, grant.AnswersWithin.Ticks * TimeSpan.NanosecondsPerTick),
        AllowedConnectionTypes = grant.ConnectionTypes.IsEmpty ? null : grant.ConnectionTypes,
    });

    /// <summary>Reads a JWT whose signature fits the key that it names as its issuer. Whether that issuer is to be trusted is the caller's question.</summary>
    /// <returns>Who issued it to whom and until when, or why it is none.</returns>
    public static SigningResult<NatsJwtFacts> Read(string jwt)
    {
        var parts = jwt.Length <= MaxLength ? jwt.Split('.') : [];
        if (parts.Length != 3)
        {
            return new SigningError.KeyDecode("a NATS JWT has three parts with dots between and is no longer than 64 KiB");
        }

        try
        {
            var header = JsonSerializer.Deserialize(Base64Url.DecodeFromChars(parts[0]), NatsJwtJson.Default.NatsJwtHeader);
            var claims = JsonSerializer.Deserialize(Base64Url.DecodeFromChars(parts[1]), NatsJwtJson.Default.NatsClaims);
            if (header?.Alg != "ed25519-nkey" || claims is null)
            {
                return new SigningError.KeyDecode("the JWT's algorithm is not ed25519-nkey");
            }

            if (!NkeyPublicKey.Parse(claims.Iss).TryGet(out var issuer, out var error))
            {
                return error;
            }

            return issuer.Verify(Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), Base64Url.DecodeFromChars(parts[2]))
                ? new NatsJwtFacts(claims.Nats.Type, issuer, claims.Sub, claims.Name, claims.Exp is { } expires ? DateTimeOffset.FromUnixTimeSeconds(expires) : null)
                : new SigningError.SignatureInvalid(claims.Iss);
        }
        catch (Exception malformed) when (malformed is FormatException or JsonException or ArgumentOutOfRangeException)
        {
            return new SigningError.KeyDecode("the JWT cannot be read");
        }
    }

    private static string Sign(NkeyPair key, string subject, string name, DateTimeOffset now, DateTimeOffset? expires, NatsClaimsBody body)
    {
        var claims = new NatsClaims { Iat = now.ToUnixTimeSeconds(), Exp = expires?.ToUnixTimeSeconds(), Iss = key.PublicKey.Text, Sub = subject, Name = name, Nats = body };
        var id = SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(claims, NatsJwtJson.Default.NatsClaims));
        var signed = $"{Header}.{Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(claims with { Jti = Convert.ToHexStringLower(id) }, NatsJwtJson.Default.NatsClaims))}";
        return $"{signed}.{key.SignToText(Encoding.ASCII.GetBytes(signed))}";
    }
}

/// <summary>What a NATS JWT says.</summary>
/// <param name="Type"><c>operator</c>, <c>account</c> or <c>user</c>.</param>
/// <param name="Issuer">Who signed it.</param>
/// <param name="Subject">Whose it is.</param>
/// <param name="Name">The name.</param>
/// <param name="Expires">When it ends, or null.</param>
public sealed record NatsJwtFacts(string Type, NkeyPublicKey Issuer, string Subject, string Name, DateTimeOffset? Expires);
