using System.Security.Cryptography;
using Gtc.Model;

namespace Gtc.Artifacts.Tests.Sources;

/// <summary>Reproducible content.</summary>
internal static class Bytes
{
    public static byte[] Of(int length, int seed = 1)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    public static Sha256Digest Digest(this byte[] bytes) => Sha256Digest.FromBytes(SHA256.HashData(bytes));
}
