using System.Buffers.Text;

namespace Gtc.Signing;

/// <summary>Base64url as JOSE has it (RFC 7515 §2): no padding, no white space, and one text only for the same bytes.</summary>
internal static class Base64UrlText
{
    /// <summary>The bytes, or null when the text is another way to write them, or none.</summary>
    public static byte[]? Decode(ReadOnlySpan<char> text)
    {
        // The base library also takes padding, white space and unused bits that are not zero.
        if (!Base64Url.IsValid(text))
        {
            return null;
        }

        var bytes = Base64Url.DecodeFromChars(text);
        return text.SequenceEqual(Base64Url.EncodeToString(bytes)) ? bytes : null;
    }
}
