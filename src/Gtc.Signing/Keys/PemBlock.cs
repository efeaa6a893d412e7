using System.Security.Cryptography;

namespace Gtc.Signing;

/// <summary>One PEM block and nothing else but white space around it (RFC 7468).</summary>
internal static class PemBlock
{
    /// <summary>More than any key of ours with attributes takes.</summary>
    private const int MaxLength = 16 * 1024;

    private const string Blank = " \t\r\n";

    /// <summary>The block's bytes. The caller clears them when they are secret.</summary>
    public static SigningResult<byte[]> Decode(ReadOnlySpan<char> pem, string label)
    {
        if (pem.Length > MaxLength)
        {
            return new SigningError.KeyDecode($"the PEM text has {pem.Length:N0} characters, the most is {MaxLength:N0}");
        }

        if (!PemEncoding.TryFind(pem, out var fields))
        {
            return new SigningError.KeyDecode($"a PEM block `{label}` was expected, none was found");
        }

        if (!pem[fields.Label].SequenceEqual(label))
        {
            return new SigningError.KeyDecode($"a PEM block `{label}` was expected, `{pem[fields.Label]}` was found");
        }

        var (start, length) = fields.Location.GetOffsetAndLength(pem.Length);
        if (pem[..start].ContainsAnyExcept(Blank) || pem[(start + length)..].ContainsAnyExcept(Blank))
        {
            return new SigningError.KeyDecode($"one PEM block `{label}` was expected, there is more text around it");
        }

        var bytes = new byte[fields.DecodedDataLength];
        return Convert.TryFromBase64Chars(pem[fields.Base64Data], bytes, out var written) && written == bytes.Length
            ? bytes
            : new SigningError.KeyDecode($"the PEM block `{label}` is not valid base64");
    }
}
