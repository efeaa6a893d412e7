namespace Gtc.Fleet.Operator;

/// <summary>Where a checkpoint is kept: values by key, each written whole or not at all.</summary>
internal interface ICheckpointStore
{
    /// <summary>A value, or null when there is none. Bytes that were read count.</summary>
    Task<byte[]?> ReadAsync(string key, CancellationToken cancellationToken);

    /// <summary>Stores values, in any order; when it returns, all of them are durable.</summary>
    /// <returns>Null, or why not.</returns>
    Task<string?> WriteAsync(IReadOnlyCollection<KeyValuePair<string, byte[]>> values, CancellationToken cancellationToken);
}
