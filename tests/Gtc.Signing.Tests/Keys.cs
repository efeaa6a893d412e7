using System.Text;

namespace Gtc.Signing.Tests;

/// <summary>The keys that the tests sign with; the first is the specification's.</summary>
internal static class Keys
{
    public static Ed25519PrivateKey Seven() => Of(0x07);

    public static Ed25519PrivateKey Of(byte fill) => Ed25519PrivateKey.FromSeed(Enumerable.Repeat(fill, 32).ToArray());

    public static TrustedKey Trusted(byte fill)
    {
        using var key = Of(fill);
        return TrustedKey.Of(key.PublicKey);
    }

    public static string Pem(string label, string hexDer) =>
        $"-----BEGIN {label}-----\n{Convert.ToBase64String(Convert.FromHexString(hexDer))}\n-----END {label}-----\n";

    public static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);
}
