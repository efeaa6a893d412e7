using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Gtc.Model;

namespace Gtc.Store;

/// <summary>Certificates and keys in PEM files, as both ends of a TLS connection take them.</summary>
public static class TlsFiles
{
    private const int MaxBytes = 1 << 20;

    /// <summary>Reads authorities: one or more certificates.</summary>
    /// <returns>The certificates; or <see cref="Refusal.InvalidArgument"/> when the file cannot be read or holds none.</returns>
    public static Outcome<X509Certificate2Collection> Authorities(string path) => Read(path).Then(pem =>
    {
        var found = new X509Certificate2Collection();
        try
        {
            found.ImportFromPem(pem);
        }
        catch (CryptographicException error)
        {
            return Broken(path, error);
        }

        return found.Count > 0 ? found : (Outcome<X509Certificate2Collection>)new Refusal.InvalidArgument($"{path} holds no certificate in PEM");
    });

    /// <summary>Reads who this end is: a certificate, those between it and its authority, and its private key.</summary>
    /// <param name="certificatePath">The certificate first, then those between, in PEM.</param>
    /// <param name="keyPath">The private key in PEM, not encrypted; it may be the same file.</param>
    /// <returns>What a TLS stream shows; or <see cref="Refusal.InvalidArgument"/>, also when the key belongs to another certificate.</returns>
    public static Outcome<SslStreamCertificateContext> Identity(string certificatePath, string keyPath) =>
        Read(certificatePath).Then(certificate => Read(keyPath).Then<SslStreamCertificateContext>(key =>
        {
            try
            {
                using var leaf = X509Certificate2.CreateFromPem(certificate, key);
                var chain = new X509Certificate2Collection();
                chain.ImportFromPem(certificate);

                // Offline: nothing is fetched for a chain that the file does not complete.
                return SslStreamCertificateContext.Create(new X509Certificate2(leaf), chain, offline: true);
            }
            catch (Exception error) when (error is CryptographicException or ArgumentException)
            {
                // The base library has an argument to blame when the key is another certificate's.
                return Broken($"{certificatePath} with {keyPath}", error);
            }
        }));

    /// <summary>Which peers are believed: those whose certificate one of the authorities made, the system's own aside. Nothing is fetched, lists of revoked certificates neither.</summary>
    public static X509ChainPolicy Believing(X509Certificate2Collection authorities)
    {
        ArgumentNullException.ThrowIfNull(authorities);
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true };
        policy.CustomTrustStore.AddRange(authorities);
        return policy;
    }

    private static Outcome<string> Read(string path)
    {
        try
        {
            return new FileInfo(path) is { Exists: true, Length: > MaxBytes } ? new Refusal.InvalidArgument($"{path} is larger than {MaxBytes:N0} bytes") : File.ReadAllText(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return new Refusal.InvalidArgument($"{path} cannot be read: {error.Message.TrimEnd('.')}");
        }
    }

    private static Refusal.InvalidArgument Broken(string what, Exception error) => new($"{what}: {error.Message.ReplaceLineEndings(" ").TrimEnd('.')}");
}
