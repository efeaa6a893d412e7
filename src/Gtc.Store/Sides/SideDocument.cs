using System.Security.Cryptography;

namespace Gtc.Store;

/// <summary>What lies beside an environment's document under one name.</summary>
/// <param name="Bytes">The exact bytes.</param>
public sealed record SideDocument(ReadOnlyMemory<byte> Bytes)
{
    /// <summary>The most bytes: those of a file of secrets.</summary>
    public const int MaxBytes = 16 << 20;

    /// <summary>The entity tag without quotes: SHA-256 over the bytes. The same bytes have the same one, whoever wrote them when.</summary>
    public string Etag { get => field ??= EtagOf(Bytes.Span); }

    /// <summary>The entity tag of bytes.</summary>
    public static string EtagOf(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}
