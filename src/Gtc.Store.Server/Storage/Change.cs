using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gtc.Model;

namespace Gtc.Store.Server;

/// <summary>What a step amounts to: all that is to be written, and the answer.</summary>
/// <param name="Answer">The answer.</param>
public sealed record Change(ChangeAnswer Answer)
{
    /// <summary>The document to save, or null when it stays as it is.</summary>
    public EnvironmentDocument? Document { get; init; }

    /// <summary>What to write beside the document, and with null what to take away, in the same commit.</summary>
    public ImmutableSortedDictionary<SideName, byte[]?> Sides { get; init; } = TypedSides.None;

    /// <summary>
    /// An image to put in place together with <see cref="Document"/>, or null: what lies beside the document is that of the image and nothing else. Its audit lines and keys are taken over
    /// where the environment has no log of its own. The generation is after that of the image too.
    /// </summary>
    public EnvironmentImage? Image { get; init; }

    /// <summary>What is kept of an environment that ends with it, or null.</summary>
    public FinalBackup? Final { get; init; }

    /// <summary>What was acted on, when the request could not know it yet (a minted id); null to keep the request's.</summary>
    public JsonObject? Target { get; init; }

    /// <summary>How it ended in the audit log, when the answer reports a failure that stands; null for the ordinary one.</summary>
    public AuditResult? Recorded { get; init; }
}

/// <summary>Where the document of the new generation belongs in an answer. It is put there when the answer is given, so that the ledger need not keep it.</summary>
public enum DocumentPlace
{
    /// <summary>Nowhere.</summary>
    None,

    /// <summary>It is the result.</summary>
    Result,

    /// <summary>It is the result's member <c>environment</c>.</summary>
    Member,
}

/// <summary>What a change answers, as the ledger keeps it.</summary>
/// <param name="Result">The result without the document; null where the document is the result, and where there is a problem.</param>
/// <param name="Place">Where the document belongs.</param>
/// <param name="Problem">The failure that stands and is answered again, e.g. of the health gate; null on success.</param>
public sealed record ChangeAnswer(JsonElement? Result, DocumentPlace Place, Problem? Problem)
{
    /// <summary>An answer without the document.</summary>
    public static ChangeAnswer Of(JsonElement result) => new(result, DocumentPlace.None, null);

    /// <summary>The document is the answer.</summary>
    public static ChangeAnswer OfDocument { get; } = new(null, DocumentPlace.Result, null);
}

/// <summary>A change that stands.</summary>
/// <param name="Answer">The answer.</param>
/// <param name="Generation">The environment's generation after it.</param>
/// <param name="Etag">The entity tag of the document at that generation.</param>
/// <param name="Audit">The audit line, as it is in the log.</param>
/// <param name="IsReplay">Whether it stood before and is only answered again.</param>
public sealed record CommittedChange(ChangeAnswer Answer, ulong Generation, string Etag, ReadOnlyMemory<byte> Audit, bool IsReplay);
