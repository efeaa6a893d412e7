namespace Gtc.Fleet.Operator;

/// <summary>Where a checkpoint is kept: values by key, each written whole or not at all.</summary>
internal interface ICheckpointStore
{
    /// <summary>Reads a value.</summary>
    Task<StoredValue> ReadAsync(string key, CancellationToken cancellationToken);

    /// <summary>Stores values, in any order; when it returns, all of them are durable.</summary>
    /// <returns>Null, or why not.</returns>
    Task<string?> WriteAsync(IReadOnlyCollection<KeyValuePair<string, byte[]>> values, CancellationToken cancellationToken);

    /// <summary>Stores a value if nobody else did since it was read.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">The value.</param>
    /// <param name="revision">The revision that was read, or that the last replacement gave; 0 for none yet.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task<Replacement> ReplaceAsync(string key, byte[] value, ulong revision, CancellationToken cancellationToken);

    /// <summary>Removes values that nothing names any more. What stays behind takes room and does no harm.</summary>
    /// <param name="prefix">What the keys begin with.</param>
    /// <param name="isWanted">Says of each of them whether it stays.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task SweepAsync(string prefix, Func<string, bool> isWanted, CancellationToken cancellationToken);
}

/// <summary>What was read of a key.</summary>
/// <param name="Value">The value; null when there is none.</param>
/// <param name="Revision">Tells it from what is written later; 0 when there is none.</param>
/// <param name="Error">Why it could not be read; null when it could.</param>
internal readonly record struct StoredValue(byte[]? Value, ulong Revision, string? Error = null);

/// <summary>How a compare-and-set ended.</summary>
/// <param name="Revision">The new value's revision.</param>
/// <param name="IsConflict">Whether somebody else wrote in between.</param>
/// <param name="Error">What else went wrong; null when nothing did. The value may be stored all the same.</param>
internal readonly record struct Replacement(ulong Revision, bool IsConflict = false, string? Error = null);
