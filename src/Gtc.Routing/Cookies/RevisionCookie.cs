using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Gtc.Model;

namespace Gtc.Routing;

/// <summary>
/// The signed cookie that keeps a caller on a revision (dispatcher.md §2): <c>base64url(json).base64url(HMAC-SHA-256)</c>. The signature is checked
/// over the text before any of it is read; whatever is wrong with a cookie makes it no cookie.
/// </summary>
public sealed class RevisionCookie
{
    /// <summary>The bytes of a key.</summary>
    public const int KeyLength = 32;

    /// <summary>How long a cookie is good for.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);

    private const int MaxLength = 1024;
    private const int MacTextLength = 43;

    private readonly byte[] _key;
    private readonly string _environment;

    /// <summary>The cookies of an environment.</summary>
    /// <param name="key">The environment's key, 32 bytes.</param>
    /// <param name="environment">The environment.</param>
    public RevisionCookie(ReadOnlySpan<byte> key, EnvId environment)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(key.Length, KeyLength);
        _key = key.ToArray();
        _environment = environment.ToString();
    }

    /// <summary>The cookie's name for a deployment.</summary>
    public static string NameOf(DeploymentId deployment) => $"_gt_rev_{deployment}";

    /// <summary>The value that pins a caller to a revision.</summary>
    /// <param name="tenant">The deployment's tenant.</param>
    /// <param name="deployment">The deployment.</param>
    /// <param name="revision">The revision.</param>
    /// <param name="generation">The generation that it is good for.</param>
    /// <param name="now">The time.</param>
    public string Write(string tenant, DeploymentId deployment, RevisionId revision, ulong generation, DateTimeOffset now)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("e"u8, _environment);
            writer.WriteString("t"u8, tenant);
            writer.WriteString("d"u8, deployment.ToString());
            writer.WriteString("r"u8, revision.ToString());
            writer.WriteNumber("g"u8, generation);
            writer.WriteNumber("x"u8, (now + Lifetime).ToUnixTimeSeconds());
            writer.WriteEndObject();
        }

        var payload = Base64Url.EncodeToString(buffer.WrittenSpan);
        return $"{payload}.{Base64Url.EncodeToString(HMACSHA256.HashData(_key, Encoding.ASCII.GetBytes(payload)))}";
    }

    /// <summary>The Set-Cookie value that pins a caller to a revision of a route.</summary>
    /// <param name="route">The deployment.</param>
    /// <param name="revision">The revision.</param>
    /// <param name="now">The time.</param>
    public string SetCookie(DeploymentRoute route, RevisionId revision, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(route);
        return $"{NameOf(route.Deployment)}={Write(route.Tenant.Tenant, route.Deployment, revision, route.StickyGeneration, now)}; Path=/; HttpOnly; Secure; SameSite=Lax; Max-Age=3600";
    }

    /// <summary>The revision that a value pins to, or null when it is forged, expired, or meant for something else.</summary>
    public RevisionId? Read(ReadOnlySpan<byte> value, string tenant, DeploymentId deployment, ulong generation, DateTimeOffset now)
    {
        var dot = value.IndexOf((byte)'.');
        if (value.Length > MaxLength || dot <= 0 || value.Length - dot - 1 != MacTextLength || !HasMac(value[..dot], value[(dot + 1)..]))
        {
            return null;
        }

        Span<byte> json = stackalloc byte[MaxLength];
        return Base64Url.DecodeFromUtf8(value[..dot], json, out _, out var length) == OperationStatus.Done
            ? Understand(json[..length], tenant, deployment, generation, now.ToUnixTimeSeconds())
            : null;
    }

    private bool HasMac(ReadOnlySpan<byte> payload, ReadOnlySpan<byte> macText)
    {
        // The decoder skips white space, so a text of the right length may hold fewer bytes.
        Span<byte> given = stackalloc byte[HMACSHA256.HashSizeInBytes];
        Span<byte> mac = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(_key, payload, mac);
        return Base64Url.DecodeFromUtf8(macText, given, out _, out var length) == OperationStatus.Done && length == mac.Length && CryptographicOperations.FixedTimeEquals(mac, given);
    }

    private RevisionId? Understand(ReadOnlySpan<byte> json, string tenant, DeploymentId deployment, ulong generation, long now)
    {
        var reader = new Utf8JsonReader(json);
        RevisionId? revision = null;
        var matches = 0;
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType != JsonTokenType.PropertyName)
                {
                    continue;
                }

                var name = reader.ValueSpan.Length == 1 ? reader.ValueSpan[0] : (byte)0;
                reader.Read();
                switch (name)
                {
                    case (byte)'e' when reader.ValueTextEquals(_environment):
                    case (byte)'t' when reader.ValueTextEquals(tenant):
                    case (byte)'d' when reader.ValueTextEquals(deployment.ToString()):
                    case (byte)'g' when reader.GetUInt64() == generation:
                    case (byte)'x' when reader.GetInt64() > now:
                        matches++;
                        break;
                    case (byte)'r' when RevisionId.TryParse(reader.GetString(), out var parsed):
                        revision = parsed;
                        break;
                    default:
                        return null;
                }
            }
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or FormatException)
        {
            // Signed by somebody who holds the key, and yet no cookie: an older or newer format.
            return null;
        }

        return matches == 5 ? revision : null;
    }
}
