using Gtc.Model;
using Gtc.Store;

namespace Gtc.Cli.Op;

/// <summary>
/// Work outside the environment, as in a cluster, that goes on record. A store server is asked before anything is touched, since it says who may; on
/// files it is recorded when it is done.
/// </summary>
/// <typeparam name="T">What it comes to.</typeparam>
/// <param name="Intent">What is about to be done, for the audit log.</param>
/// <param name="Reviewed">The environment that it is done for; a store server refuses when it has another one by now.</param>
internal sealed record OutsideWork<T>(MutationIntent Intent, EnvironmentDocument Reviewed)
{
    /// <summary>How a store server is asked.</summary>
    public required WireRequest Permission { get; init; }

    /// <summary>The work.</summary>
    public required Func<CancellationToken, Task<Outcome<T>>> RunAsync { get; init; }

    /// <summary>What is recorded on files when it is done.</summary>
    public Func<MutationContext, T, Outcome<Mutation<T>>> OnFiles { get; init; } = static (_, done) => new Mutation<T>(done);

    /// <summary>Tells a store server how it ended, and returns why it could not; null where only a failure is told, as an attempt.</summary>
    public Func<RemotePlace, Outcome<T>, CancellationToken, Task<Refusal?>>? EndedAsync { get; init; }
}
