using Gtc.Model;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Gtc.Store.Server;

/// <summary>
/// Carries reads and changes over what happens to connections. A change whose commit was sent when the connection ended may stand or not: it is tried again under the environment's lock, which
/// whoever committed it holds until that is decided, and the ledger then says so. So it is neither applied twice nor told to stand when it does not.
/// </summary>
internal sealed partial class PostgresRetries(NpgsqlDataSource source, TimeProvider time, ILogger logger)
{
    private const int MostReads = 3;
    private const int MostRaces = 8;
    private const int Turns = 1024;

    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(1);

    // Who waits for an environment that this process is changing waits here, without a connection: reads need those.
    private readonly SemaphoreSlim[] _turns = [.. Enumerable.Range(0, Turns).Select(_ => new SemaphoreSlim(1, 1))];

    /// <summary>Reads, on another connection when one is cut off.</summary>
    public Task<Outcome<T>> ReadAsync<T>(Func<NpgsqlConnection, Task<Outcome<T>>> read, CancellationToken cancellationToken) => GuardAsync(async () =>
    {
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        return await read(connection);
    }, cancellationToken);

    /// <summary>The same for a step that opens its connection itself, e.g. to keep it.</summary>
    public async Task<Outcome<T>> GuardAsync<T>(Func<Task<Outcome<T>>> step, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await step();
            }
            catch (Exception error) when (PostgresFailure.WasCutOff(error) || PostgresFailure.WasLocked(error) || PostgresFailure.WasUndone(error))
            {
                if (attempt == MostReads)
                {
                    Log.Unreachable(logger, error.Message);
                    return new StorageUnreachable("the database cannot be reached");
                }

                await Task.Delay(Pause(attempt), time, cancellationToken);
            }
            catch (Exception error) when (PostgresFailure.WasDamage(error))
            {
                Log.Damaged(logger, error.Message);
                return PostgresFailure.Damage(error);
            }
        }
    }

    /// <summary>Changes, in its turn.</summary>
    /// <param name="environment">The environment.</param>
    /// <param name="attempt">Makes an attempt on a connection.</param>
    /// <param name="cancellationToken">When to give up.</param>
    public async Task<CommitEnd> CommitAsync(EnvId environment, Func<NpgsqlConnection, PostgresCommit> attempt, CancellationToken cancellationToken)
    {
        var turn = _turns[(uint)StringComparer.Ordinal.GetHashCode(environment.ToString()) % Turns];
        await turn.WaitAsync(cancellationToken);
        try
        {
            return await CommitInTurnAsync(attempt, cancellationToken);
        }
        finally
        {
            turn.Release();
        }
    }

    private async Task<CommitEnd> CommitInTurnAsync(Func<NpgsqlConnection, PostgresCommit> attempt, CancellationToken cancellationToken)
    {
        var own = new HashSet<string>(StringComparer.Ordinal);
        var races = 0;
        for (var tries = 1; ; tries++)
        {
            PostgresCommit? commit = null;
            try
            {
                await using var connection = await source.OpenConnectionAsync(cancellationToken);
                commit = attempt(connection);
                var end = await commit.TryAsync(cancellationToken);
                return end.Outcome.TryGet(out var committed, out _) && committed.IsReplay && IsOwn(committed, own) ? new CommitEnd(committed with { IsReplay = false }, true) : end;
            }
            catch (OperationCanceledException) when (own.Count > 0)
            {
                return Unknown();
            }
            catch (Exception error) when (PostgresFailure.WasLocked(error))
            {
                return own.Count > 0 ? Unknown() : new CommitEnd(new StorageUnreachable("the environment is being changed by somebody else for a long time; nothing was done"), true);
            }
            catch (Exception error) when (PostgresFailure.WasUndone(error))
            {
                Log.Again(logger, error.Message);
                if (++races > MostRaces)
                {
                    return own.Count > 0 ? Unknown() : new CommitEnd(new StorageUnreachable("the environment is being changed by others all the time; nothing was done"), true);
                }
            }
            catch (Exception error) when (PostgresFailure.WasDamage(error))
            {
                Log.Damaged(logger, error.Message);
                if (commit is not { LostEnding: true })
                {
                    return own.Count > 0 ? Unknown() : new CommitEnd(PostgresFailure.Damage(error), true);
                }
            }
            catch (Exception error) when (PostgresFailure.WasCutOff(error))
            {
                Log.Again(logger, error.Message);
                if (commit is { WasSent: true, EventId: { } sent })
                {
                    own.Add(sent);
                }
            }

            if (!await PauseAsync(tries, cancellationToken))
            {
                return own.Count > 0 ? Unknown() : new CommitEnd(new StorageUnreachable("the database cannot be reached; nothing was done"), true);
            }
        }
    }

    private static CommitEnd Unknown() => new(new StorageUnreachable("the database was cut off while it committed, and does not answer: ask again under the same key to learn how it ended"), true);

    /// <summary>Whether what stands under the key is what this call tried to commit before it was cut off.</summary>
    private static bool IsOwn(CommittedChange committed, HashSet<string> own) =>
        own.Count > 0 && Documents.AuditEvent.Parse(committed.Audit.Span).Match(line => own.Contains(line.EventId), _ => false);

    private static TimeSpan Pause(int tries) => TimeSpan.FromTicks(Math.Min(Longest.Ticks, Shortest.Ticks << Math.Min(tries, 10)));

    /// <summary>False when there is no time left.</summary>
    private async Task<bool> PauseAsync(int tries, CancellationToken cancellationToken)
    {
        await Task.Delay(Pause(tries), time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return !cancellationToken.IsCancellationRequested;
    }

    private static partial class Log
    {
        [LoggerMessage(5083, LogLevel.Warning, "A change is tried again: {Why}")]
        public static partial void Again(ILogger logger, string why);

        [LoggerMessage(5084, LogLevel.Error, "The database cannot be reached: {Why}")]
        public static partial void Unreachable(ILogger logger, string why);

        [LoggerMessage(5092, LogLevel.Error, "The database cannot read what it keeps: {Why}")]
        public static partial void Damaged(ILogger logger, string why);
    }
}
