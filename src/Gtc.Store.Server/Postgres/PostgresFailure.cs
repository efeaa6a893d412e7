using System.Net.Sockets;
using Gtc.Model;
using Npgsql;

namespace Gtc.Store.Server;

/// <summary>What an error of the database means for who asked.</summary>
internal static class PostgresFailure
{
    private const string IdleInTransactionTimeout = "25P03";

    /// <summary>Whether the transaction is certainly not there and may be tried again: it lost a race, or waited for too long.</summary>
    public static bool WasUndone(Exception error) => error is PostgresException { SqlState: PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.UniqueViolation };

    /// <summary>Whether the environment's lock was not to be had in time.</summary>
    public static bool WasLocked(Exception error) => error is PostgresException { SqlState: PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.QueryCanceled };

    /// <summary>Whether the database found its own files damaged: class XX, e.g. a page whose checksum is another one.</summary>
    public static bool WasDamage(Exception error) => error is PostgresException { SqlState: { } state } && state.StartsWith("XX", StringComparison.Ordinal);

    /// <summary>The same as a refusal.</summary>
    public static Refusal.StoreFailed Damage(Exception error) => new($"the database cannot read what it keeps: {error.Message}");

    /// <summary>Whether the connection ended, or none was to be had. A commit that was under way then may stand or not.</summary>
    public static bool WasCutOff(Exception error) => error switch
    {
        // Classes: connection exceptions, resources (too many connections), intervention of an operator, system errors.
        PostgresException { SqlState: { } state } => !WasLocked(error) && state[..2] is "08" or "53" or "57" or "58" || state == IdleInTransactionTimeout,
        NpgsqlException or SocketException or TimeoutException or IOException => true,
        _ => false,
    };
}
