namespace Gtc.Flows;

/// <summary>Keeps the state of one revision's components (flows-and-components.md §4), bounded by <see cref="StateLimits"/>. Thread-safe.</summary>
public interface IStateStore
{
    /// <summary>Reads a value.</summary>
    /// <returns>The value, or a fault with the code <c>not_found</c> or <c>unavailable</c>.</returns>
    HostAnswer<ReadOnlyMemory<byte>> Read(StateKey key, CancellationToken cancellationToken);

    /// <summary>Writes a value; one that is there is replaced.</summary>
    /// <returns>Null, or a fault with the code <c>internal</c> when the value is too large, <c>unavailable</c> when the store is full or does not answer.</returns>
    HostFault? Write(StateKey key, ReadOnlyMemory<byte> value, CancellationToken cancellationToken);

    /// <summary>Deletes a value; that there is none is no fault.</summary>
    /// <returns>Null, or a fault with the code <c>unavailable</c>.</returns>
    HostFault? Delete(StateKey key, CancellationToken cancellationToken);
}
