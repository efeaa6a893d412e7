using System.Collections.Immutable;
using Gtc.Model;
using Gtc.Signing;
using Gtc.Store;

namespace Gtc.Cli.Op;

/// <summary>Where a verb works: one environment, which need not exist, in a folder of this machine or on a store server. What is read and how it is changed is the same for both.</summary>
/// <param name="environment">The environment.</param>
internal abstract class OpPlace(EnvId environment)
{
    /// <summary>The environment.</summary>
    public EnvId Environment => environment;

    /// <summary>The folder, or the server's address, for people.</summary>
    public abstract string Shown { get; }

    /// <summary>Whether there is such an environment, readable or not.</summary>
    public abstract Task<Outcome<bool>> ExistsAsync(CancellationToken cancellationToken);

    /// <summary>The environment as it is.</summary>
    public abstract Task<Outcome<EnvironmentDocument>> LoadAsync(CancellationToken cancellationToken);

    /// <summary>The environment as it was at a generation.</summary>
    public abstract Task<Outcome<EnvironmentDocument>> LoadAtAsync(ulong generation, CancellationToken cancellationToken);

    /// <summary>The newest generations, newest first.</summary>
    public abstract Task<Outcome<ImmutableArray<GenerationEntry>>> HistoryAsync(int limit, ulong? before, CancellationToken cancellationToken);

    /// <summary>The newest audit lines that a filter takes, oldest first.</summary>
    public abstract Task<Outcome<ImmutableArray<AuditEvent>>> AuditAsync(AuditFilter filter, CancellationToken cancellationToken);

    /// <summary>What a deployer discovered, or null.</summary>
    public abstract Task<Outcome<EnvironmentRuntime?>> LoadRuntimeAsync(CancellationToken cancellationToken);

    /// <summary>The trusted keys; none where there never was a trust root.</summary>
    public abstract Task<Outcome<TrustRoot>> LoadTrustRootAsync(CancellationToken cancellationToken);

    /// <summary>Changes the environment.</summary>
    public abstract Task<Outcome<T>> ChangeAsync<T>(OpChange<T> change, CancellationToken cancellationToken);

    /// <summary>Does something outside the environment that goes on record. Nothing is touched when the environment is not of the generation that the caller expects.</summary>
    public abstract Task<Outcome<T>> WorkAsync<T>(OutsideWork<T> work, CancellationToken cancellationToken);

    /// <summary>
    /// The files beside the document that hold no secret, as the environment's folder: answers, and what is known of credentials. What a store server has of them is
    /// copied into a folder of this machine that is gone with the command.
    /// </summary>
    /// <param name="document">The environment.</param>
    /// <param name="more">What else is wanted, paths relative to the folder.</param>
    /// <param name="cancellationToken">Stops the transfer.</param>
    public abstract Task<Outcome<EnvironmentFiles>> FilesAsync(EnvironmentDocument document, IEnumerable<string> more, CancellationToken cancellationToken);

    /// <summary>Makes the document of an earlier generation the newest one.</summary>
    /// <param name="generation">The generation to go back to.</param>
    /// <param name="expected">The generation that the caller saw, or null not to ask.</param>
    /// <param name="key">The idempotency key.</param>
    /// <param name="cancellationToken">Ends the wait for the lock.</param>
    /// <returns>The new generation.</returns>
    public abstract Task<Outcome<ulong>> RestoreAsync(ulong generation, ulong? expected, string key, CancellationToken cancellationToken);

    /// <summary>Refuses a change whose input is wrong already; the attempt is recorded like any other.</summary>
    public abstract Task<Refusal> RefuseAsync(MutationIntent intent, Refusal refusal, CancellationToken cancellationToken);
}
