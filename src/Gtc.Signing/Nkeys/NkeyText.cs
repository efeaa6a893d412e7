using System.Security.Cryptography;

namespace Gtc.Signing;

/// <summary>The text form of NATS keys: base32 without padding of prefix, key and CRC-16/XMODEM (low byte first).</summary>
internal static class NkeyText
{
    /// <summary>The characters of a public key: 35 bytes.</summary>
    public const int PublicLength = 56;

    /// <summary>The characters of a seed: 36 bytes.</summary>
    public const int SeedLength = 58;

    private const int SeedPrefix = 18 << 3;
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    /// <summary>The text of a public key.</summary>
    public static string EncodePublic(NkeyKind kind, ReadOnlySpan<byte> key)
    {
        Span<byte> raw = stackalloc byte[35];
        raw[0] = (byte)kind;
        key.CopyTo(raw[1..]);
        Seal(raw);
        Span<char> text = stackalloc char[PublicLength];
        ToBase32(raw, text);
        return new(text);
    }

    /// <summary>The text of a seed. The caller clears it.</summary>
    public static char[] EncodeSeed(NkeyKind kind, ReadOnlySpan<byte> seed)
    {
        Span<byte> raw = stackalloc byte[36];
        raw[0] = (byte)(SeedPrefix | ((int)kind >> 5));
        raw[1] = (byte)(((int)kind & 31) << 3);
        seed.CopyTo(raw[2..]);
        Seal(raw);
        var text = GC.AllocateUninitializedArray<char>(SeedLength, pinned: true);
        ToBase32(raw, text);
        CryptographicOperations.ZeroMemory(raw);
        return text;
    }

    /// <summary>Reads a public key.</summary>
    public static SigningResult<NkeyKind> DecodePublic(ReadOnlySpan<char> text, Span<byte> key)
    {
        Span<byte> raw = stackalloc byte[35];
        if (text.Length != PublicLength)
        {
            return new SigningError.KeyDecode($"a public nkey has {PublicLength} characters, {text.Length} were found");
        }

        if (!FromBase32(text, raw) || !IsSealed(raw))
        {
            return new SigningError.KeyDecode("the public nkey is not base32 with a right checksum: it was mistyped or cut");
        }

        raw[1..33].CopyTo(key);
        return Kind(raw[0]);
    }

    /// <summary>Reads a seed. The caller clears <paramref name="seed"/>.</summary>
    public static SigningResult<NkeyKind> DecodeSeed(ReadOnlySpan<char> text, Span<byte> seed)
    {
        if (text.Length != SeedLength)
        {
            return new SigningError.KeyDecode($"an nkey seed has {SeedLength} characters, {text.Length} were found");
        }

        Span<byte> raw = stackalloc byte[36];
        try
        {
            if (!FromBase32(text, raw) || !IsSealed(raw))
            {
                return new SigningError.KeyDecode("the nkey seed is not base32 with a right checksum: it was mistyped or cut");
            }

            if ((raw[0] & 0xf8) != SeedPrefix || (raw[1] & 7) != 0)
            {
                return new SigningError.KeyDecode("an nkey seed was expected (it begins with S), another key was found");
            }

            raw[2..34].CopyTo(seed);
            return Kind(((raw[0] & 7) << 5) | (raw[1] >> 3));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(raw);
        }
    }

    private static SigningResult<NkeyKind> Kind(int prefix) =>
        Enum.IsDefined((NkeyKind)prefix) ? (NkeyKind)prefix : new SigningError.KeyDecode("the nkey belongs to no operator, account, user or server");

    private static void Seal(Span<byte> raw)
    {
        var crc = Crc16(raw[..^2]);
        raw[^2] = (byte)crc;
        raw[^1] = (byte)(crc >> 8);
    }

    private static bool IsSealed(ReadOnlySpan<byte> raw) => Crc16(raw[..^2]) == (raw[^2] | (raw[^1] << 8));

    /// <summary>CRC-16/XMODEM: polynomial 0x1021, from 0.</summary>
    private static int Crc16(ReadOnlySpan<byte> bytes)
    {
        var crc = 0;
        foreach (var value in bytes)
        {
            crc ^= value << 8;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = ((crc & 0x8000) != 0 ? (crc << 1) ^ 0x1021 : crc << 1) & 0xffff;
            }
        }

        return crc;
    }

    private static void ToBase32(ReadOnlySpan<byte> bytes, Span<char> text)
    {
        var bits = 0;
        var held = 0;
        var at = 0;
        foreach (var value in bytes)
        {
            held = ((held << 8) | value) & 0xfff;
            for (bits += 8; bits >= 5;)
            {
                bits -= 5;
                text[at++] = Alphabet[(held >> bits) & 31];
            }
        }

        if (bits > 0)
        {
            text[at] = Alphabet[(held << (5 - bits)) & 31];
        }
    }

    /// <summary>Strict: the bits left over must be zero, so that a key has one spelling.</summary>
    private static bool FromBase32(ReadOnlySpan<char> text, Span<byte> bytes)
    {
        var bits = 0;
        var held = 0;
        var at = 0;
        foreach (var letter in text)
        {
            var value = letter switch
            {
                >= 'A' and <= 'Z' => letter - 'A',
                >= '2' and <= '7' => letter - '2' + 26,
                _ => -1,
            };
            if (value < 0)
            {
                return false;
            }

            held = ((held << 5) | value) & 0xfff;
            bits += 5;
            if (bits >= 8)
            {
                bits -= 8;
                bytes[at++] = (byte)(held >> bits);
            }
        }

        return at == bytes.Length && (held & ((1 << bits) - 1)) == 0;
    }
}
