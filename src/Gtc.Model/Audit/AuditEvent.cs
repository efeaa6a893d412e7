using System.Text.Json;

namespace Gtc.Model;

/// <summary>One line of the audit log (environment-model.md §2.14).</summary>
public sealed record AuditEvent : KeepsUnknownMembers
{
    /// <summary>Always <see cref="Schemas.AuditEvent"/>.</summary>
    public required string Schema { get; init; }

    /// <summary>A ULID.</summary>
    public required string EventId { get; init; }

    /// <summary>When it was written.</summary>
    public required DateTimeOffset Ts { get; init; }

    /// <summary>Who acted.</summary>
    public required AuditActor Actor { get; init; }

    /// <summary>The environment, as it was asked for.</summary>
    public required string EnvId { get; init; }

    /// <summary>The noun of the verb.</summary>
    public required string Noun { get; init; }

    /// <summary>The verb.</summary>
    public required string Verb { get; init; }

    /// <summary>What was acted on: ids and keys, never values.</summary>
    public required JsonElement Target { get; init; }

    /// <summary>The generation before, where the entity has one.</summary>
    public ulong? PreviousGeneration { get; init; }

    /// <summary>The generation after, where the entity has one.</summary>
    public ulong? NewGeneration { get; init; }

    /// <summary>The caller's or the minted key.</summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>Who decided that it may be done.</summary>
    public required AuditAuthorization Authorization { get; init; }

    /// <summary>How it ended.</summary>
    public required AuditResult Result { get; init; }
}

/// <summary>Who acted.</summary>
/// <param name="Kind"><c>local-user</c>, or one of the server's kinds.</param>
/// <param name="User">The login name, or null.</param>
/// <param name="Uid">The numeric user id, or null.</param>
public sealed record AuditActor(string Kind, string? User = null, uint? Uid = null);

/// <summary>Who decided that it may be done.</summary>
/// <param name="Decision"><c>allow</c> or <c>deny</c>.</param>
/// <param name="Policy">Which policy decided.</param>
/// <param name="Reason">Why, for people.</param>
public sealed record AuditAuthorization(string Decision, string Policy, string Reason);

/// <summary>How it ended.</summary>
/// <param name="Outcome"><c>ok</c> or <c>error</c>.</param>
/// <param name="Kind">The error kind, or null.</param>
/// <param name="Message">The error's message, or null.</param>
public sealed record AuditResult(string Outcome, string? Kind = null, string? Message = null);
