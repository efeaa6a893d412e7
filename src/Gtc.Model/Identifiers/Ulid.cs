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

    private const string Alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

    private readonly UInt128 _value;

    private Ulid(UInt128 value) => _value = value;

    /// <summary>The creation time that the id carries.</summary>
    public DateTimeOffset Time => DateTimeOffset.FromUnixTimeMilliseconds((long)(ulong)(_value >> 80));

    /// <summary>Makes an id from a time and ten random bytes; pure, so that the engine can be given ids.</summary>
    /// <exception cref="ArgumentException">There are not ten random bytes.</exception>
    public static Ulid From(DateTimeOffset time, ReadOnlySpan<byte> random)
    {
        if (random.Length != RandomLength)
        {
            throw new ArgumentException("A ULID takes ten random bytes.", nameof(random));
        }

        var low = new UInt128(BinaryPrimitives.ReadUInt16BigEndian(random), BinaryPrimitives.ReadUInt64BigEndian(random[2..]));
        return new(((UInt128)(ulong)time.ToUnixTimeMilliseconds() << 80) | low);
    }

    /// <summary>The id that 16 bytes are, the most significant first; for ids that are derived instead of drawn.</summary>
    /// <exception cref="ArgumentException">There are not 16 bytes.</exception>
    public static Ulid FromBytes(ReadOnlySpan<byte> bytes) => bytes.Length == 16
        ? new(BinaryPrimitives.ReadUInt128BigEndian(bytes))
        : throw new ArgumentException("A ULID has 16 bytes.", nameof(bytes));

    /// <summary>Parses 26 characters of either case; <c>I L O U</c>, other lengths and values over 128 bits are refused.</summary>
    public static bool TryParse([NotNullWhen(true)] ReadOnlySpan<char> text, out Ulid value)
    {
        value = default;
        if (text.Length != TextLength || text[0] > '7')
        {
            return false;
        }

        UInt128 bits = 0;
        foreach (var character in text)
        {
            var digit = Alphabet.IndexOf(char.ToUpperInvariant(character), StringComparison.Ordinal);
            if (digit < 0)
            {
                return false;
            }

            bits = (bits << 5) | (UInt128)digit;
        }

        value = new(bits);
        return true;
    }

    /// <inheritdoc/>
    public int CompareTo(Ulid other) => _value.CompareTo(other._value);

    /// <summary>Orders by time, then by the random part.</summary>
    public static bool operator <(Ulid left, Ulid right) => left._value < right._value;

    /// <summary>Orders by time, then by the random part.</summary>
    public static bool operator >(Ulid left, Ulid right) => left._value > right._value;

    /// <summary>Orders by time, then by the random part.</summary>
    public static bool operator <=(Ulid left, Ulid right) => left._value <= right._value;

    /// <summary>Orders by time, then by the random part.</summary>
    public static bool operator >=(Ulid left, Ulid right) => left._value >= right._value;

    /// <inheritdoc/>
    public override string ToString() => string.Create(TextLength, _value, static (span, bits) =>
    {
        for (var position = TextLength - 1; position >= 0; position--)
        {
            span[position] = Alphabet[(int)(bits & 31)];
            bits >>= 5;
        }
    });
}
