using System.Text;

namespace Gtc.Flows;

/// <summary>How much state the components of one revision may keep.</summary>
/// <param name="MaxNameBytes">One name, in bytes of UTF-8.</param>
/// <param name="MaxValueBytes">One value.</param>
/// <param name="MaxValues">Values of the revision.</param>
/// <param name="MaxBytes">Names and values of the revision together.</param>
public sealed record StateLimits(int MaxNameBytes, int MaxValueBytes, int MaxValues, long MaxBytes)
{
    /// <summary>512 bytes, 256 KiB, 65,536 values, 64 MiB.</summary>
    public static StateLimits Standard { get; } = new(512, 256 << 10, 65_536, 64L << 20);

    /// <summary>Why a value is not kept because of itself, or null.</summary>
    internal HostFault? Refuse(StateKey key, int valueBytes) =>
        key.Name.Length == 0 ? new("internal", "a value of state needs a name")
        : Encoding.UTF8.GetByteCount(key.Name) > MaxNameBytes ? new("internal", $"the name of a value of state has more than {MaxNameBytes} bytes")
        : valueBytes > MaxValueBytes ? new("internal", $"a value of state has {valueBytes} bytes, the most is {MaxValueBytes}")
        : null;

    internal HostFault Full() => new("unavailable", $"the state of this revision is full: it may hold {MaxValues} values and {MaxBytes} bytes");
}
