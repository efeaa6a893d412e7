using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Gtc.Model;
using Gtc.Signing;
using Gtc.Store;

namespace Gtc.Cli.Op.TrustRoots;

/// <summary>What <c>trust-root add</c> takes (op-cli.md §19).</summary>
internal sealed record AddKeyPayload
{
    public string? EnvironmentId { get; init; }

    public required string KeyId { get; init; }

    public string? PublicKeyPem { get; init; }

    public string? PublicKeyFile { get; init; }

    public string? NotAfter { get; init; }

    /// <summary>Default when not given.</summary>
    public ImmutableArray<string> Purposes { get; init; }

    public string? Source { get; init; }

    public string? IdempotencyKey { get; init; }
}

/// <summary>What <c>trust-root add-did</c> takes.</summary>
internal sealed record AddDidPayload
{
    public string? EnvironmentId { get; init; }

    public required string Did { get; init; }

    public string? IdempotencyKey { get; init; }
}

/// <summary>What <c>trust-root remove</c> takes.</summary>
internal sealed record RemoveKeyPayload
{
    public string? EnvironmentId { get; init; }

    public required string KeyId { get; init; }

    public string? IdempotencyKey { get; init; }
}

/// <summary>What <c>trust-root bootstrap</c> answers (op-cli.md §19).</summary>
internal sealed record TrustRootBootstrapped(string EnvironmentId, string OperatorKeyId, string OperatorPublicKeyPem, int TrustedKeyCount)
{
    /// <summary>The answer of a seeded trust root.</summary>
    public static TrustRootBootstrapped Of(EnvId environment, TrustSeed seed) =>
        new(environment.ToString(), seed.OperatorKeyId, seed.OperatorPublicKeyPem, seed.TrustedKeyCount);
}

/// <summary>One trusted key; the members after the key are gtc's own and left out when they were never given.</summary>
internal sealed record TrustRootKey(string KeyId, string PublicKeyPem)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? AddedAt { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Source { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? NotAfter { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Purposes { get; init; }

    /// <summary>The entry of a trust root.</summary>
    public static TrustRootKey Of(TrustedKey key) => new(key.KeyId, key.PublicKeyPem)
    {
        AddedAt = key.AddedAt is { } added ? Rfc3339Json.Format(added) : null,
        Source = key.Source,
        NotAfter = key.NotAfter is { } end ? Rfc3339Json.Format(end) : null,
        Purposes = key.Purposes is { } purposes ? [.. purposes] : null,
    };
}

/// <summary>What <c>trust-root list</c> answers.</summary>
internal sealed record TrustRootList(string EnvironmentId, IReadOnlyList<TrustRootKey> Keys);

/// <summary>What <c>trust-root add</c> answers.</summary>
internal sealed record TrustRootAdded(string EnvironmentId, string AddedKeyId, int TrustedKeyCount);

/// <summary>What <c>trust-root add-did</c> answers; <c>warnings</c> is gtc's own.</summary>
internal sealed record TrustRootDidAdded(string EnvironmentId, string Did, IReadOnlyList<string> KeyIds, int TrustedKeyCount)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Warnings { get; init; }
}

/// <summary>What <c>trust-root remove</c> answers.</summary>
internal sealed record TrustRootRemoved(string EnvironmentId, string RemovedKeyId, string? RemovedPublicKeyPem, int TrustedKeyCount);
