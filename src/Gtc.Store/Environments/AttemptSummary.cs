using System.Text.Json.Nodes;
using Gtc.Model;

namespace Gtc.Store;

/// <summary>What is recorded of an attempt, whatever its verb answers.</summary>
internal sealed record AttemptSummary
{
    /// <summary>Why it was refused, or null.</summary>
    public Refusal? Refusal { get; init; }

    /// <summary>Whether it stands, even if it answers a refusal.</summary>
    public bool IsCommitted { get; init; }

    /// <summary>The document that it made, or null.</summary>
    public EnvironmentDocument? Document { get; init; }

    /// <summary>The generation of the document, where it is not the next one.</summary>
    public ulong? Generation { get; init; }

    /// <summary>Where an environment without a journal comes from, or null.</summary>
    public EnvironmentImage? Origin { get; init; }

    /// <summary>Whether runtime-config.json must follow.</summary>
    public bool RefreshesRuntimeConfig { get; init; }

    /// <summary>The entity's generation before, or null.</summary>
    public ulong? PreviousGeneration { get; init; }

    /// <summary>The entity's generation after, or null.</summary>
    public ulong? NewGeneration { get; init; }

    /// <summary>How it ended in the audit log, or null for the ordinary one.</summary>
    public AuditResult? Recorded { get; init; }

    /// <summary>What was acted on, when the intent could not know it yet.</summary>
    public JsonObject? Target { get; init; }

    /// <summary>What was asked, as a digest, when the answer is kept for retries.</summary>
    public string? Fingerprint { get; init; }

    /// <summary>The answer for retries, compact JSON.</summary>
    public byte[]? Answer { get; init; }
}
