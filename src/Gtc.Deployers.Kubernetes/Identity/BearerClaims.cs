using System.Buffers.Text;
using System.Text;
using System.Text.Json;

namespace Gtc.Deployers.Kubernetes;

/// <summary>
/// When a bearer token was issued and when it ends, as it says itself (RFC 7519 §4.1). The signature is the server's business: these claims only tell when
/// to ask for a new token, never whom to believe.
/// </summary>
/// <param name="IssuedAt">Claim <c>iat</c>.</param>
/// <param name="ExpiresAt">Claim <c>exp</c>.</param>
public sealed record BearerClaims(DateTimeOffset IssuedAt, DateTimeOffset ExpiresAt)
{
    private const int MaxLength = 64 * 1024;
    private const double DueShare = 0.8;

    /// <summary>The Secret that the token ends with (claim <c>kubernetes.io</c>), or null.</summary>
    public string? BoundSecret { get; init; }

    /// <summary>When it should be replaced: four fifths of its life after it was issued.</summary>
    public DateTimeOffset RotateAt => IssuedAt + ((ExpiresAt - IssuedAt) * DueShare);

    /// <summary>Whether a token should be replaced now; one that does not say how long it lives always should (credentials.md §7).</summary>
    public static bool IsDue(string token, DateTimeOffset now) => Read(token) is not { } claims || now >= claims.RotateAt;

    /// <summary>The claims, or null when the token is none that says both, e.g. one that the server looks up.</summary>
    public static BearerClaims? Read(string token)
    {
        ArgumentNullException.ThrowIfNull(token);
        if (token.Length > MaxLength || token.Split('.') is not [_, var payload, _])
        {
            return null;
        }

        try
        {
            using var claims = JsonDocument.Parse(Base64Url.DecodeFromUtf8(Encoding.ASCII.GetBytes(payload)), new() { MaxDepth = 16 });
            return claims.RootElement.ValueKind == JsonValueKind.Object && Time(claims.RootElement, "iat") is { } issued && Time(claims.RootElement, "exp") is { } expires && expires > issued
                ? new(issued, expires) { BoundSecret = SecretOf(claims.RootElement) }
                : null;
        }
        catch (Exception error) when (error is FormatException or JsonException)
        {
            return null;
        }
    }

    private static string? SecretOf(JsonElement claims) =>
        claims.TryGetProperty("kubernetes.io", out var cluster) && cluster.ValueKind == JsonValueKind.Object
        && cluster.TryGetProperty("secret", out var secret) && secret.ValueKind == JsonValueKind.Object
        && secret.TryGetProperty("name", out var name) && name.ValueKind == JsonValueKind.String
            ? name.GetString()
            : null;

    private static DateTimeOffset? Time(JsonElement claims, string name) =>
        claims.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var seconds)
        && seconds >= 0 && seconds <= DateTimeOffset.MaxValue.ToUnixTimeSeconds()
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : null;
}
