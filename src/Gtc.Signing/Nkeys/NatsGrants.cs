using System.Collections.Immutable;

namespace Gtc.Signing;

/// <summary>What a user of a NATS account may do. Lists that are given allow only what they name.</summary>
public sealed record NatsUserGrant
{
    /// <summary>The user's public key (<c>U…</c>).</summary>
    public required string User { get; init; }

    /// <summary>The user's name, e.g. a device id.</summary>
    public required string Name { get; init; }

    /// <summary>The account, when the signer is one of its signing keys and not the account's own key.</summary>
    public string? IssuerAccount { get; init; }

    /// <summary>When it ends; null for never. The server then drops the connection.</summary>
    public DateTimeOffset? Expires { get; init; }

    /// <summary>The subjects that it may publish to; empty for all.</summary>
    public ImmutableArray<string> Publish { get; init; } = [];

    /// <summary>The subjects that it may subscribe to; empty for all.</summary>
    public ImmutableArray<string> Subscribe { get; init; } = [];

    /// <summary>How many answers it may give to each question that it received, on whatever subject they are awaited; 0 for none.</summary>
    public int Answers { get; init; }

    /// <summary>How long it may answer.</summary>
    public TimeSpan AnswersWithin { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The most subscriptions; -1 for any number.</summary>
    public long MaxSubscriptions { get; init; } = -1;

    /// <summary>The largest message in bytes; -1 for what the server takes.</summary>
    public long MaxPayload { get; init; } = -1;

    /// <summary>The kinds of connections, e.g. <c>STANDARD</c>; empty for all.</summary>
    public ImmutableArray<string> ConnectionTypes { get; init; } = [];
}

/// <summary>A NATS account.</summary>
public sealed record NatsAccountGrant
{
    /// <summary>The account's public key (<c>A…</c>).</summary>
    public required string Account { get; init; }

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Further keys that may sign its users.</summary>
    public ImmutableArray<string> SigningKeys { get; init; } = [];

    /// <summary>Whether it may use JetStream, without limits.</summary>
    public bool HasJetStream { get; init; }

    /// <summary>Users whose JWTs of this time and before are refused, by public key; <c>*</c> for all users.</summary>
    public ImmutableDictionary<string, DateTimeOffset> Revocations { get; init; } = ImmutableDictionary<string, DateTimeOffset>.Empty;
}
