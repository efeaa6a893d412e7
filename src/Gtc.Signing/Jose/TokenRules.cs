using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;

namespace Gtc.Signing;

/// <summary>What a token must say to count (RFC 7519 §4.1).</summary>
public sealed record TokenRules
{
    private const int MaxSubject = 255;

    /// <summary>The latest time that is taken; a claim beyond it is a mistake.</summary>
    private const double LatestTime = 253_402_300_799;

    /// <summary>The issuer, letter by letter.</summary>
    public required string Issuer { get; init; }

    /// <summary>The audiences, one of which the token must name.</summary>
    public required ImmutableArray<string> Audiences { get; init; }

    /// <summary>How far the clocks of issuer and verifier may be apart.</summary>
    public TimeSpan ClockSkew { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Looks at the claims of a token whose signature fits.</summary>
    internal SigningResult<TokenClaims> Check(JsonElement claims, DateTimeOffset now)
    {
        if (StatementSubject.Text(claims, "iss") != Issuer)
        {
            return Refused("it was issued by somebody else");
        }

        if (!Named(claims).Intersect(Audiences, StringComparer.Ordinal).Any())
        {
            return Refused($"it is not meant for {string.Join(" or ", Audiences)}");
        }

        if (StatementSubject.Text(claims, "sub") is not { Length: > 0 and <= MaxSubject } subject || subject.Any(char.IsControl))
        {
            return new SigningError.MalformedToken($"it names no subject of at most {MaxSubject} characters");
        }

        if (!Time(claims, "exp").TryGet(out var expires, out var error) || !Time(claims, "nbf").TryGet(out var notBefore, out error) || !Time(claims, "iat").TryGet(out var issued, out error))
        {
            return error;
        }

        // Not added to the times of the token, which may be close to the end of time.
        return expires is not { } end ? Refused("it has no end (exp)")
            : now - ClockSkew >= end ? Refused($"it ended at {Text(end)}")
            : notBefore > now + ClockSkew ? Refused($"it counts from {Text(notBefore.Value)} only")
            : issued > now + ClockSkew ? Refused($"it was issued at {Text(issued.Value)}, which is not yet")
            : new TokenClaims(Issuer, subject, end, claims);
    }

    private static IEnumerable<string> Named(JsonElement claims) => !claims.TryGetProperty("aud", out var audience) ? []
        : audience.ValueKind == JsonValueKind.String ? [audience.GetString()!]
        : audience.ValueKind == JsonValueKind.Array ? audience.EnumerateArray().Where(one => one.ValueKind == JsonValueKind.String).Select(one => one.GetString()!)
        : [];

    /// <summary>Seconds since 1970, fractions allowed (RFC 7519 §2); null when there is no such claim.</summary>
    private static SigningResult<DateTimeOffset?> Time(JsonElement claims, string name)
    {
        if (!claims.TryGetProperty(name, out var value))
        {
            return (DateTimeOffset?)null;
        }

        return value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var seconds) && seconds is >= 0 and <= LatestTime
            ? DateTimeOffset.FromUnixTimeMilliseconds((long)(seconds * 1000))
            : new SigningError.MalformedToken($"{name} is no time in seconds since 1970");
    }

    private static string Text(DateTimeOffset time) => time.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static SigningError.TokenRefused Refused(string why) => new(why);
}

/// <summary>What a token says that is believed.</summary>
/// <param name="Issuer">Who issued it.</param>
/// <param name="Subject">Whom it is about.</param>
/// <param name="Expires">Its end, without the skew of clocks.</param>
/// <param name="All">All claims.</param>
public sealed record TokenClaims(string Issuer, string Subject, DateTimeOffset Expires, JsonElement All)
{
    /// <summary>A claim that is one text; null when it is absent or something else.</summary>
    public string? Text(string claim) => StatementSubject.Text(All, claim);

    /// <summary>A claim that is a text or an array of texts, as groups are; whatever else is in it does not count.</summary>
    public ImmutableArray<string> Texts(string claim) => !All.TryGetProperty(claim, out var value) ? []
        : value.ValueKind == JsonValueKind.String ? [value.GetString()!]
        : value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray().Where(one => one.ValueKind == JsonValueKind.String).Select(one => one.GetString()!)]
        : [];
}
