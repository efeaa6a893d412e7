using System.Security.Cryptography;

namespace Gtc.Store;

/// <summary>
/// The file of a backup: eight bytes that say what it is, then parts of one letter, a length of eight bytes (most significant first) and
/// content: <c>E</c> for every environment (Brotli), <c>M</c> the manifest, <c>S</c> its signature, and <c>Z</c> with the SHA-256 over
/// every byte before, after which the file ends.
/// </summary>
internal static class ArchiveFormat
{
    public const byte Entry = (byte)'E';
    public const byte Manifest = (byte)'M';
    public const byte Signature = (byte)'S';
    public const byte End = (byte)'Z';

    /// <summary>The length of a letter and a length.</summary>
    public const int HeadLength = 9;

    /// <summary>The predicate of the signature.</summary>
    public const string PredicateType = "greentic.store-backup.v1";

    /// <summary>The most bytes of one environment's image.</summary>
    public const int MaxEntryBytes = 1 << 30;

    public static ReadOnlySpan<byte> Magic => "gtcbak1\n"u8;

    public static int DigestLength => SHA256.HashSizeInBytes;
}
