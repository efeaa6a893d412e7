using System.Text;

namespace Gtc.Flows;

/// <summary>State in the memory of this process. When it is full, more is refused: what components keep is not for the host to forget.</summary>
/// <param name="limits">How much it keeps.</param>
public sealed class StateInMemory(StateLimits limits) : IStateStore
{
    private static readonly HostFault NotFound = new("not_found", "there is no such value");

    private readonly Lock _lock = new();
    private readonly Dictionary<StateKey, byte[]> _values = [];
    private long _bytes;

    /// <inheritdoc/>
    public HostAnswer<ReadOnlyMemory<byte>> Read(StateKey key, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            return _values.TryGetValue(key, out var value) ? new ReadOnlyMemory<byte>(value) : NotFound;
        }
    }

    /// <inheritdoc/>
    public HostFault? Write(StateKey key, ReadOnlyMemory<byte> value, CancellationToken cancellationToken)
    {
        if (limits.Refuse(key, value.Length) is { } refused)
        {
            return refused;
        }

        lock (_lock)
        {
            var isNew = !_values.TryGetValue(key, out var before);
            var more = value.Length - (before?.Length ?? -NameBytes(key));
            if ((isNew && _values.Count >= limits.MaxValues) || _bytes + more > limits.MaxBytes)
            {
                return limits.Full();
            }

            _values[key] = value.ToArray();
            _bytes += more;
            return null;
        }
    }

    /// <inheritdoc/>
    public HostFault? Delete(StateKey key, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_values.Remove(key, out var before))
            {
                _bytes -= before.Length + NameBytes(key);
            }

            return null;
        }
    }

    private static int NameBytes(StateKey key) => Encoding.UTF8.GetByteCount(key.ToString());
}
