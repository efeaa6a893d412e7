using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;

namespace Gtc.Model;

/// <summary>A ULID (github.com/ulid/spec): 48 bits of Unix milliseconds, 80 random bits, 26 upper-case Crockford base-32 characters.</summary>
public readonly record struct Ulid : IComparable<Ulid>
{
    /// <summary>The length of the text.</summary>
    public const int TextLength = 26;

    /// <summary>The random bytes that a new id needs.</summary>
    public const int RandomLength = 10;

    private const int BitsPerDigit = 5;
    private const string Alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

    // Two halves instead of a UInt128: the ahead-of-time compiler leaves every method that touches a 128-bit integer to the
    // just-in-time compiler, and ids are everywhere on the way to the first answer.
    private readonly ulong _high;
    private readonly ulong _low;

    private Ulid(ulong high, ulong low)
    {
        _high = high;
        _low = low;
    }

    /// <summary>The creation time that the id carries.</summary>
    public DateTimeOffset Time => DateTimeOffset.FromUnixTimeMilliseconds((long)(_high >> 16));

    /// <summary>Makes an id from a time and ten random bytes; pure, so that the engine can be given ids.</summary>
    /// <exception cref="ArgumentException">There are not ten random bytes.</exception>
    public static Ulid From(DateTimeOffset time, ReadOnlySpan<byte> random)
    {
        if (random.Length != RandomLength)
        {
            throw new ArgumentException("A ULID takes ten random bytes.", nameof(random));
        }

        var high = ((ulong)time.ToUnixTimeMilliseconds() << 16) | BinaryPrimitives.ReadUInt16BigEndian(random);
        return new(high, BinaryPrimitives.ReadUInt64BigEndian(random[2..]));
    }

    /// <summary>Parses 26 characters of either case; <c>I L O U</c>, other lengths and values over 128 bits are refused.</summary>
    public static bool TryParse([NotNullWhen(true)] ReadOnlySpan<char> text, out Ulid value)
    {
        value = default;
        if (text.Length != TextLength || text[0] > '7')
        {
            return false;
        }

        ulong high = 0;
        ulong low = 0;
        foreach (var character in text)
        {
            var digit = Alphabet.IndexOf(char.ToUpperInvariant(character), StringComparison.Ordinal);
            if (digit < 0)
            {
                return false;
            }

            high = (high << BitsPerDigit) | (low >> (64 - BitsPerDigit));
            low = (low << BitsPerDigit) | (uint)digit;
        }

        value = new(high, low);
        return true;
    }

    /// <inheritdoc/>
    public int CompareTo(Ulid other) => _high == other._high ? _low.CompareTo(other._low) : _high.CompareTo(other._high);

    /// <summary>Orders by time, then by the random part.</summary>
    public static bool operator <(Ulid left, Ulid right) => left.CompareTo(right) < 0;

    /// <summary>Orders by time, then by the random part.</summary>
    public static bool operator >(Ulid left, Ulid right) => left.CompareTo(right) > 0;

    /// <summary>Orders by time, then by the random part.</summary>
    public static bool operator <=(Ulid left, Ulid right) => left.CompareTo(right) <= 0;

    /// <summary>Orders by time, then by the random part.</summary>
    public static bool operator >=(Ulid left, Ulid right) => left.CompareTo(right) >= 0;

    /// <inheritdoc/>
    public override string ToString() => string.Create(TextLength, this, static (span, id) =>
    {
        var (high, low) = (id._high, id._low);
        for (var position = TextLength - 1; position >= 0; position--)
        {
            span[position] = Alphabet[(int)(low & 31)];
            low = (low >> BitsPerDigit) | (high << (64 - BitsPerDigit));
            high >>= BitsPerDigit;
        }
    });
}
