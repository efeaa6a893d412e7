using System.Globalization;
using System.Text;
using Gtc.Fleet.Contracts;

namespace Gtc.Fleet.Operator;

/// <summary>
/// Why the newest failure of a deployment happened, in the bytes of the device's own report. It is kept when the report comes by, because the device may
/// have gone on when a status asks for it; and as bytes, because thousands come by for one that is asked for.
/// </summary>
internal sealed class FailureReason
{
    private const int MaxBytes = 4096;

    private byte[] _bytes = [];
    private int _errorLength;
    private int _length;

    /// <summary>The stream sequence of the report that it is of; 0 for none.</summary>
    public long Sequence { get; private set; }

    /// <summary>Keeps the reason of a failure, unless a newer one is kept.</summary>
    /// <param name="sequence">The stream sequence of the report.</param>
    /// <param name="error">The error as it stands in the report; one that is empty, or too long to be kept, is read from the report when it is asked for.</param>
    /// <param name="at">When, as it stands in the report.</param>
    public void Keep(long sequence, ReadOnlySpan<byte> error, ReadOnlySpan<byte> at)
    {
        var length = error.Length + at.Length;
        if (sequence <= Sequence || error.IsEmpty || length > MaxBytes)
        {
            return;
        }

        if (_bytes.Length < length)
        {
            _bytes = new byte[Math.Min(MaxBytes, length + 32)];
        }

        error.CopyTo(_bytes);
        at.CopyTo(_bytes.AsSpan(error.Length));
        (Sequence, _errorLength, _length) = (sequence, error.Length, length);
    }

    /// <summary>Sequences begin anew: what is kept is of none of them.</summary>
    public void Clear() => Sequence = 0;

    /// <summary>The error of a device, as a status tells it.</summary>
    public AggregateError ToError(string device) => new()
    {
        DeviceId = device,
        Message = StateReader.Unescape(_bytes.AsSpan(0, _errorLength)),
        At = DateTimeOffset.TryParse(Encoding.UTF8.GetString(_bytes.AsSpan(_errorLength, _length - _errorLength)), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? at : null,
    };
}
