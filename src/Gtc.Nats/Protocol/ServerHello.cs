using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Gtc.Nats;

/// <summary>What a server says of itself (INFO): at first, and again when the cluster changes. Unknown members are ignored.</summary>
public sealed record ServerHello
{
    /// <summary>Its id, anew at each start.</summary>
    [JsonPropertyName("server_id")]
    public string ServerId { get; init; } = "";

    /// <summary>Its name.</summary>
    [JsonPropertyName("server_name")]
    public string ServerName { get; init; } = "";

    /// <summary>Its version, e.g. <c>2.9.10</c>.</summary>
    [JsonPropertyName("version")]
    public string Version { get; init; } = "";

    /// <summary>The largest message, headers and payload, in bytes.</summary>
    [JsonPropertyName("max_payload")]
    public int MaxPayload { get; init; } = NatsLimits.DefaultMaxPayload;

    /// <summary>Whether it knows headers.</summary>
    [JsonPropertyName("headers")]
    public bool Headers { get; init; }

    /// <summary>Whether it wants credentials.</summary>
    [JsonPropertyName("auth_required")]
    public bool AuthRequired { get; init; }

    /// <summary>Whether it insists on TLS.</summary>
    [JsonPropertyName("tls_required")]
    public bool TlsRequired { get; init; }

    /// <summary>Whether it offers TLS.</summary>
    [JsonPropertyName("tls_available")]
    public bool TlsAvailable { get; init; }

    /// <summary>What a key has to sign; only where keys are in use.</summary>
    [JsonPropertyName("nonce")]
    public string? Nonce { get; init; }

    /// <summary>Other servers of the cluster, <c>host:port</c>.</summary>
    [JsonPropertyName("connect_urls")]
    public ImmutableArray<string>? ConnectUrls { get; init; }

    /// <summary>Lame duck: the server is about to leave.</summary>
    [JsonPropertyName("ldm")]
    public bool IsLeaving { get; init; }

    /// <summary>Whether JetStream is on.</summary>
    [JsonPropertyName("jetstream")]
    public bool JetStream { get; init; }

    /// <summary>The number that the server knows this connection by.</summary>
    [JsonPropertyName("client_id")]
    public ulong ClientId { get; init; }

    /// <summary>The JetStream domain, or null.</summary>
    [JsonPropertyName("domain")]
    public string? Domain { get; init; }
}
