using System.Text.Json.Nodes;
using Gtc.Model;

namespace Gtc.Store;

/// <summary>What a change amounts to.</summary>
/// <typeparam name="T">What the verb answers.</typeparam>
/// <param name="Result">The answer.</param>
public sealed record Mutation<T>(T Result)
{
    /// <summary>The document to save, or null when it stays as it is.</summary>
    public EnvironmentDocument? Document { get; init; }

    /// <summary>The generation of <see cref="Document"/>, where it is not the next one: an environment that is made again goes on counting. It is larger than the present one.</summary>
    public ulong? Generation { get; init; }

    /// <summary>Where an environment that has no journal yet comes from: its audit lines and keys are recorded before this change. Null for none.</summary>
    public EnvironmentImage? Origin { get; init; }

    /// <summary>The generation before, where the entity has one.</summary>
    public ulong? PreviousGeneration { get; init; }

    /// <summary>The generation after, where the entity has one.</summary>
    public ulong? NewGeneration { get; init; }

    /// <summary>What was acted on, when the intent could not know it yet (a minted id); null to keep the intent's.</summary>
    public JsonObject? Target { get; init; }

    /// <summary>Whether runtime-config.json must follow (store.md §3), also when the document stays as it is.</summary>
    public bool RefreshesRuntimeConfig { get; init; }

    /// <summary>A refusal to answer although the document is saved, e.g. a failed health gate; null on success.</summary>
    public Refusal? CommittedRefusal { get; init; }

    /// <summary>How it ended in the audit log, when the answer reports a failure that stands, e.g. of a deployer; null for the ordinary one.</summary>
    public AuditResult? Recorded { get; init; }
}
