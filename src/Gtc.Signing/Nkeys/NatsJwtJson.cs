using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Gtc.Signing;

internal sealed record NatsJwtHeader
{
    public string Typ { get; init; } = "";

    public string Alg { get; init; } = "";
}

/// <summary>Claims of a NATS JWT.</summary>
internal sealed record NatsClaims
{
    public string? Jti { get; init; }

    public long Iat { get; init; }

    public long? Exp { get; init; }

    public required string Iss { get; init; }

    public required string Sub { get; init; }

    public string Name { get; init; } = "";

    public required NatsClaimsBody Nats { get; init; }
}

/// <summary>The claims that are NATS' own, of operators, accounts and users.</summary>
internal sealed record NatsClaimsBody
{
    public required string Type { get; init; }

    public int Version { get; init; } = 2;

    public string? SystemAccount { get; init; }

    public NatsAccountLimits? Limits { get; init; }

    public ImmutableArray<string>? SigningKeys { get; init; }

    public ImmutableSortedDictionary<string, long>? Revocations { get; init; }

    public string? IssuerAccount { get; init; }

    public long? Subs { get; init; }

    public long? Data { get; init; }

    public long? Payload { get; init; }

    public NatsSubjectList? Pub { get; init; }

    public NatsSubjectList? Sub { get; init; }

    public NatsAnswers? Resp { get; init; }

    public ImmutableArray<string>? AllowedConnectionTypes { get; init; }
}

/// <summary>Subjects that are allowed.</summary>
internal sealed record NatsSubjectList(ImmutableArray<string> Allow);

/// <summary>Answers that are allowed, and for how many nanoseconds.</summary>
internal sealed record NatsAnswers(int Max, long Ttl);

/// <summary>Limits of an account; -1 for none. Those of JetStream have to be there, or JetStream is off.</summary>
internal sealed record NatsAccountLimits
{
    public static NatsAccountLimits Plain { get; } = new();

    public static NatsAccountLimits WithJetStream { get; } = new() { MemStorage = -1, DiskStorage = -1, Streams = -1, Consumer = -1 };

    public long Subs { get; init; } = -1;

    public long Data { get; init; } = -1;

    public long Payload { get; init; } = -1;

    public long Imports { get; init; } = -1;

    public long Exports { get; init; } = -1;

    public bool Wildcards { get; init; } = true;

    public long Conn { get; init; } = -1;

    public long Leaf { get; init; } = -1;

    public long? MemStorage { get; init; }

    public long? DiskStorage { get; init; }

    public long? Streams { get; init; }

    public long? Consumer { get; init; }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    MaxDepth = 16)]
[JsonSerializable(typeof(NatsJwtHeader))]
[JsonSerializable(typeof(NatsClaims))]
internal sealed partial class NatsJwtJson : JsonSerializerContext;
