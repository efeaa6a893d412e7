using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Gtc.Fleet.Contracts;

/// <summary>
/// Turns ids of another system into one token of a key (fleet.md §4.1). Valid device ids stay as they are. Each other byte becomes <c>=HH</c>, which a
/// key may hold and a valid id never does, so the map can be turned round; what grows over 63 bytes becomes a hash, and its source has to be kept elsewhere.
/// </summary>
public static class KvToken
{
    private const int HashLength = 26;

    /// <summary>The token of an id.</summary>
    public static string Escape(string raw)
    {
        ArgumentNullException.ThrowIfNull(raw);
        var bytes = Encoding.UTF8.GetBytes(raw);
        var token = new StringBuilder(bytes.Length);
        foreach (var octet in bytes)
        {
            if (octet is >= (byte)'a' and <= (byte)'z' or >= (byte)'0' and <= (byte)'9' or (byte)'-')
            {
                token.Append((char)octet);
            }
            else
            {
                token.Append('=').Append(octet.ToString("X2", CultureInfo.InvariantCulture));
            }
        }

        return token.Length <= FleetName.MaxLength ? token.ToString() : $"x-{Base32(SHA256.HashData(bytes))[..HashLength]}";
    }

    /// <summary>The id of a token that <see cref="Escape"/> made without a hash; null when it is no such token.</summary>
    public static string? Unescape(string token)
    {
        ArgumentNullException.ThrowIfNull(token);
        var bytes = new List<byte>(token.Length);
        for (var at = 0; at < token.Length; at++)
        {
            if (token[at] != '=')
            {
                bytes.Add((byte)token[at]);
            }
            else if (at + 2 < token.Length && byte.TryParse(token.AsSpan(at + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var octet))
            {
                bytes.Add(octet);
                at += 2;
            }
            else
            {
                return null;
            }
        }

        var raw = Encoding.UTF8.GetString([.. bytes]);
        return Escape(raw) == token ? raw : null;
    }

    private static string Base32(ReadOnlySpan<byte> bytes)
    {
        const string Alphabet = "abcdefghijklmnopqrstuvwxyz234567";
        var text = new StringBuilder();
        var bits = 0;
        var pending = 0;
        foreach (var octet in bytes)
        {
            pending = ((pending << 8) | octet) & 0xFFF;
            for (bits += 8; bits >= 5; bits -= 5)
            {
                text.Append(Alphabet[(pending >> (bits - 5)) & 31]);
            }
        }

        return text.ToString();
    }
}
