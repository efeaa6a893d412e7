using System.Text.Json.Serialization.Metadata;
using Gtc.Model;
using Gtc.Store;

namespace Gtc.Cli.Op;

/// <summary>One change of an environment: how it is made on files, how a store server is asked for it, and what both answer.</summary>
/// <typeparam name="T">What the verb answers.</typeparam>
/// <param name="Intent">What is about to be done, for the audit log and for a retry.</param>
internal sealed record OpChange<T>(MutationIntent Intent)
{
    /// <summary>How the answer is kept for a retry under the same key; null when a retry is a new attempt.</summary>
    public JsonTypeInfo<T>? Kept { get; init; }

    /// <summary>Whether the key is not the caller's own. Nobody repeats such a key by plan, so files keep no answer under it; over a server it tells after a broken connection whether the change stands.</summary>
    public bool IsKeyMinted { get; init; }

    /// <summary>The change on files, under the environment's lock.</summary>
    public required Func<MutationContext, Outcome<Mutation<T>>> OnFiles { get; init; }

    /// <summary>What is asked of a store server, made from the environment as it is there; null where there is none.</summary>
    public required Func<EnvironmentDocument?, Outcome<WireRequest>> Ask { get; init; }

    /// <summary>The verb's answer out of the server's.</summary>
    public required Func<WireAnswer, Outcome<T>> FromWire { get; init; }
}
