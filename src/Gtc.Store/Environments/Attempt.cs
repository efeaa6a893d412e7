using System.Text.Json.Nodes;
using Gtc.Model;

namespace Gtc.Store;

/// <summary>How a change ended, before it is recorded.</summary>
/// <typeparam name="T">What the verb answers.</typeparam>
/// <param name="Outcome">The answer.</param>
/// <param name="IsCommitted">Whether the change stands, even if the answer is a refusal.</param>
internal sealed record Attempt<T>(Outcome<T> Outcome, bool IsCommitted)
{
    public ulong? PreviousGeneration { get; init; }

    public ulong? NewGeneration { get; init; }

    public JsonObject? Target { get; init; }

    public static Attempt<T> Refused(Refusal refusal) => new(refusal, IsCommitted: false);

    /// <param name="mutation">What was done.</param>
    /// <param name="late">What failed after the document was saved, or null.</param>
    public static Attempt<T> Committed(Mutation<T> mutation, Refusal? late) =>
        new((late ?? mutation.CommittedRefusal) is { } refusal ? refusal : mutation.Result, IsCommitted: true)
        {
            PreviousGeneration = mutation.PreviousGeneration,
            NewGeneration = mutation.NewGeneration,
            Target = mutation.Target,
        };
}
