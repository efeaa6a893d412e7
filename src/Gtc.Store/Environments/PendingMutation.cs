using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Gtc.Model;

namespace Gtc.Store;

/// <summary>A change that waits for its turn. Whoever holds the environment's lock runs it, together with those that wait beside it.</summary>
internal abstract class PendingMutation(MutationIntent intent)
{
    private const int Waiting = 0;
    private const int Started = 1;
    private const int Cancelled = 2;

    private int _phase = Waiting;

    /// <summary>What is about to be done.</summary>
    public MutationIntent Intent => intent;

    /// <summary>What is asked, as a digest, when a retry is to get the same answer; null when it is to be tried again.</summary>
    public abstract string? Fingerprint { get; }

    /// <summary>Where it stands in the journal, whether it was recorded just now or is answered again; null when it is nowhere.</summary>
    public CommittedPlace? Place { get; private set; }

    /// <summary>Whether its turn came.</summary>
    public bool IsStarted => Volatile.Read(ref _phase) == Started;

    /// <summary>Takes it on; false when it was cancelled.</summary>
    public bool TryStart() => Interlocked.CompareExchange(ref _phase, Started, Waiting) == Waiting;

    /// <summary>Gives it up; false when its turn came already.</summary>
    public bool TryCancel() => Interlocked.CompareExchange(ref _phase, Cancelled, Waiting) == Waiting;

    /// <summary>Says where it stands.</summary>
    public void Stand(CommittedPlace place) => Place = place;

    /// <summary>Runs the change.</summary>
    public abstract AttemptSummary Run(MutationContext context);

    /// <summary>Refuses it instead of running it, or although it ran.</summary>
    public abstract AttemptSummary Refuse(Refusal refusal);

    /// <summary>Answers as the first time.</summary>
    public abstract void Replay(JournalRecord first);

    /// <summary>Hands the answer to who waits.</summary>
    /// <param name="instead">A refusal to answer instead, or null.</param>
    public abstract void Complete(Refusal? instead);

    /// <summary>Hands an exception to who waits.</summary>
    public abstract void Fail(Exception error);
}

/// <inheritdoc/>
/// <typeparam name="T">What the verb answers.</typeparam>
internal sealed class PendingMutation<T>(MutationIntent intent, JsonTypeInfo<T>? answer, Func<MutationContext, Outcome<Mutation<T>>> change)
    : PendingMutation(intent)
{
    private readonly TaskCompletionSource<Outcome<T>> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Outcome<T> _outcome;

    /// <summary>The answer, when it is there.</summary>
    public Task<Outcome<T>> Answer => _completion.Task;

    /// <inheritdoc/>
    public override string? Fingerprint { get; } = answer is null || intent.IdempotencyKey is null ? null : ReplayLedger.Fingerprint(intent);

    /// <inheritdoc/>
    public override AttemptSummary Run(MutationContext context)
    {
        if (Intent.ExpectedGeneration is { } expected && expected != context.Generation)
        {
            return Refuse(new Refusal.StaleWrite((long)expected, (long)context.Generation));
        }

        if (!change(context).TryGet(out var mutation, out var refusal))
        {
            return Refuse(refusal);
        }

        _outcome = mutation.CommittedRefusal is { } late ? late : mutation.Result;
        return new AttemptSummary
        {
            IsCommitted = true,
            Refusal = mutation.CommittedRefusal,
            Document = mutation.Document,
            Generation = mutation.Generation,
            Origin = mutation.Origin,
            RefreshesRuntimeConfig = mutation.RefreshesRuntimeConfig,
            PreviousGeneration = mutation.PreviousGeneration,
            NewGeneration = mutation.NewGeneration,
            Target = mutation.Target,
            Recorded = mutation.Recorded,
            Fingerprint = Fingerprint,
            Answer = Fingerprint is null || mutation.CommittedRefusal is not null ? null : JournalRecord.Compacted(JsonSerializer.SerializeToElement(mutation.Result, answer!)),
        };
    }

    /// <inheritdoc/>
    public override AttemptSummary Refuse(Refusal refusal)
    {
        _outcome = refusal;
        return new AttemptSummary { Refusal = refusal };
    }

    /// <inheritdoc/>
    public override void Replay(JournalRecord first) => _outcome = Replayed(first);

    /// <inheritdoc/>
    public override void Complete(Refusal? instead) => _completion.TrySetResult(instead is null ? _outcome : instead);

    /// <inheritdoc/>
    public override void Fail(Exception error) => _completion.TrySetException(error);

    private Outcome<T> Replayed(JournalRecord first)
    {
        if (first.Fingerprint is not { } fingerprint)
        {
            return Reused(first, "its answer was not kept");
        }

        if (fingerprint != Fingerprint)
        {
            return Reused(first, "it was for something else");
        }

        if (first.Refusal is { } refusal)
        {
            return KeptRefusal.Read(refusal);
        }

        try
        {
            return first.Answer is { } kept ? JsonSerializer.Deserialize(kept, answer!)! : Reused(first, "its answer was not kept");
        }
        catch (JsonException)
        {
            return Reused(first, "its answer was written by another version of gtc");
        }
    }

    private Refusal.Conflict Reused(JournalRecord first, string why) => new($"idempotency key `{Intent.IdempotencyKey}` was used before, and {why}")
    {
        Details =
        [
            new("used by", $"{AuditChain.TextOf(first.Audit, "noun")} {AuditChain.TextOf(first.Audit, "verb")}"),
            new("at", AuditChain.TextOf(first.Audit, "ts") ?? "unknown"),
            new("target", first.Audit.GetProperty("target").GetRawText()),
        ],
    };
}
