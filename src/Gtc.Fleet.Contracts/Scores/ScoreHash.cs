using System.Buffers;
using System.Security.Cryptography;

namespace Gtc.Fleet.Contracts;

/// <summary>The name of a score's bytes: <c>sha256:</c> and 64 hexadecimal digits in lower case.</summary>
public static class ScoreHash
{
    private const string Prefix = "sha256:";
    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789abcdef");

    /// <summary>The hash of bytes as they were stored or received; a device never writes them anew before it hashes them.</summary>
    public static string Of(ReadOnlySpan<byte> bytes)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes, hash);
        return Prefix + Convert.ToHexStringLower(hash);
    }

    /// <summary>Whether a text is a hash.</summary>
    public static bool IsValid(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Length == Prefix.Length + 64 && text.StartsWith(Prefix, StringComparison.Ordinal) && text.AsSpan(Prefix.Length).IndexOfAnyExcept(Digits) < 0;
    }
}
