using System.Collections.Immutable;

namespace Gtc.Model;

/// <summary>
/// Why something was refused. The .NET type decides the error kind (<see cref="ErrorKinds"/>); the text is for people.
/// An error has four parts: what was attempted and why it is refused (<see cref="Message"/>), what was expected and what was
/// found (<see cref="Details"/>), and what to do next (<see cref="Next"/>).
/// </summary>
/// <param name="Message">One sentence without a final full stop. Never holds a secret.</param>
public abstract record Refusal(string Message)
{
    /// <summary>Labelled facts in the order they are printed, e.g. <c>expected</c> and <c>found</c>.</summary>
    public ImmutableArray<RefusalDetail> Details { get => field.IsDefault ? [] : field; init; }

    /// <summary>A command that can be pasted, or null.</summary>
    public string? Next { get; init; }

    /// <summary>Whether the change may have been made all the same: it was sent to a store server, and nothing that came back tells how it ended.</summary>
    public bool MayStand { get; init; }

    /// <summary>What is named does not exist.</summary>
    public sealed record Missing(string Message) : Refusal(Message);

    /// <summary>A state or a precondition does not allow it.</summary>
    public sealed record Conflict(string Message) : Refusal(Message)
    {
        /// <summary>Whether it is that what is to be made exists already.</summary>
        public bool IsDuplicate { get; init; }
    }

    /// <summary>The generation that the caller saw is not the present one.</summary>
    public sealed record StaleWrite(long Expected, long Actual)
        : Refusal($"generation {Expected} was expected, the environment is at {Actual}");

    /// <summary>A flag, an id or a payload value is wrong.</summary>
    public sealed record InvalidArgument(string Message) : Refusal(Message);

    /// <summary>A domain document breaks a rule of environment-model.md §3.</summary>
    /// <param name="Code">The rule, in the specification's spelling, e.g. <c>BasisPointsSum</c>.</param>
    /// <param name="Message">The rule as a sentence.</param>
    public sealed record InvalidDocument(string Code, string Message) : Refusal(Message);

    /// <summary>An answers file or a payload cannot be parsed, or holds a member nobody knows.</summary>
    public sealed record UnreadableAnswers(string Message) : Refusal(Message);

    /// <summary>The store cannot be read, written or locked.</summary>
    public sealed record StoreFailed(string Message) : Refusal(Message);

    /// <summary>A file cannot be read or written.</summary>
    public sealed record FileFailed(string Message) : Refusal(Message);

    /// <summary>A remote artifact could not be had.</summary>
    public sealed record FetchFailed(string Message) : Refusal(Message);

    /// <summary>A store server cannot be reached, or does not answer; whether it did anything is not known.</summary>
    public sealed record Unreachable(string Message) : Refusal(Message);

    /// <summary>The bytes are not the bytes that were pinned.</summary>
    public sealed record DigestMismatch(string Message) : Refusal(Message);

    /// <summary>An archive, a manifest or a pack is not well formed, or exceeds a bound.</summary>
    public sealed record MalformedArtifact(string Message) : Refusal(Message);

    /// <summary>Policy denies it.</summary>
    public sealed record Unauthorized(string Message) : Refusal(Message);

    /// <summary>The change stands, but its audit line could not be written.</summary>
    public sealed record AuditFailed(string Message) : Refusal(Message);

    /// <summary>A signed revenue policy cannot be made or does not verify.</summary>
    public sealed record RevenuePolicyFailed(string Message) : Refusal(Message);

    /// <summary>The trust root cannot be used.</summary>
    public sealed record TrustRootFailed(string Message) : Refusal(Message);

    /// <summary>The operator key cannot be loaded or made.</summary>
    public sealed record OperatorKeyFailed(string Message) : Refusal(Message);
}

/// <summary>One labelled fact of a refusal.</summary>
/// <param name="Label">A short lower-case word, e.g. <c>expected</c>.</param>
/// <param name="Value">The value, and where it comes from.</param>
public readonly record struct RefusalDetail(string Label, string Value);
