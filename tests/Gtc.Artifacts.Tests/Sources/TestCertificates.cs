using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Gtc.Artifacts.Sources;

namespace Gtc.Artifacts.Tests.Sources;

/// <summary>One self-signed certificate for loopback, and a transport that trusts nothing but it.</summary>
internal static class TestCertificates
{
    private static readonly Lazy<X509Certificate2> Made = new(() => Make("localhost"));

    public static X509Certificate2 Loopback => Made.Value;

    /// <summary>Its private key, in PEM.</summary>
    public static string LoopbackKey
    {
        get
        {
            using var key = Loopback.GetRSAPrivateKey()!;
            return key.ExportPkcs8PrivateKeyPem();
        }
    }

    public static X509Certificate2 Make(string name)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: true));
        using var ephemeral = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(30));
        return X509CertificateLoader.LoadPkcs12(ephemeral.Export(X509ContentType.Pkcs12), null, X509KeyStorageFlags.Exportable);
    }

    /// <summary>Follows the same rules as the real transport, but trusts the test's certificate.</summary>
    public static SocketsHttpHandler Trusting(PullOptions? options = null)
    {
        var handler = HttpTransport.Create(options ?? PullOptions.Default);
        handler.SslOptions.RemoteCertificateValidationCallback = static (_, certificate, _, _) =>
            certificate?.GetCertHashString(HashAlgorithmName.SHA256) == Loopback.GetCertHashString(HashAlgorithmName.SHA256);
        return handler;
    }
}
