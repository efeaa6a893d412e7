using System.Text.Json.Serialization.Metadata;
using Gtc.Model;

namespace Gtc.Store;

/// <summary>Where environments are kept. What is read is always valid; what is changed is changed by one pure step under a lock, and audited.</summary>
public interface IEnvironmentStore
{
    /// <summary>The readable environments in the order of their ids; what is not one is skipped.</summary>
    Task<Outcome<IReadOnlyList<EnvId>>> ListAsync(CancellationToken cancellationToken);

    /// <summary>Whether there is a document, readable or not.</summary>
    Task<bool> ExistsAsync(EnvId environment, CancellationToken cancellationToken);

    /// <summary>The environment, or <see cref="Refusal.Missing"/>, or <see cref="Refusal.StoreFailed"/> when its document is broken.</summary>
    Task<Outcome<EnvironmentDocument>> LoadAsync(EnvId environment, CancellationToken cancellationToken);

    /// <summary>What the deployer discovered, or null when it has not.</summary>
    Task<Outcome<EnvironmentRuntime?>> LoadRuntimeAsync(EnvId environment, CancellationToken cancellationToken);

    /// <summary>
    /// Changes an environment: locks it, loads it, runs the change, validates and saves what it returns, refreshes the
    /// projections and writes one audit line, also for a refusal. A document that cannot be read is refused before the change runs.
    /// </summary>
    /// <param name="intent">What is about to be done.</param>
    /// <param name="change">The change; it runs once and may touch files of the environment.</param>
    /// <param name="cancellationToken">Ends the wait for the lock. Once the change runs, it is carried through.</param>
    /// <typeparam name="T">What the verb answers.</typeparam>
    Task<Outcome<T>> MutateAsync<T>(MutationIntent intent, Func<MutationContext, Outcome<Mutation<T>>> change, CancellationToken cancellationToken);

    /// <summary>
    /// As the other one, and a retry is answered as the first time: when the intent's idempotency key stands in the ledger for the same
    /// noun, verb, target and <see cref="MutationIntent.Request"/>, the change does not run and nothing is recorded. The same key for
    /// anything else is a <see cref="Refusal.Conflict"/>. Attempts that changed nothing are not kept, so their retry is a new attempt.
    /// </summary>
    /// <param name="intent">What is about to be done.</param>
    /// <param name="answer">How the answer is kept.</param>
    /// <param name="change">The change; it runs at most once and may touch files of the environment.</param>
    /// <param name="cancellationToken">Ends the wait for the lock. Once the change runs, it is carried through.</param>
    /// <typeparam name="T">What the verb answers.</typeparam>
    Task<Outcome<T>> MutateAsync<T>(MutationIntent intent, JsonTypeInfo<T> answer, Func<MutationContext, Outcome<Mutation<T>>> change, CancellationToken cancellationToken);
}
