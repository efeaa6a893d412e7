using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Gtc.Store.Server.Tests.Access;

/// <summary>An authority that signs certificates, and the PEM files of them.</summary>
internal sealed class TestAuthority : IDisposable
{
    private const string ServerUse = "1.3.6.1.5.5.7.3.1";
    private const string ClientUse = "1.3.6.1.5.5.7.3.2";

    private readonly string _folder;
    private readonly X509Certificate2 _certificate;
    private int _serial;
    private int _number;

    public TestAuthority(string folder, string name)
    {
        _folder = folder;
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        _certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(30));
        CertificateFile = Path.Combine(folder, $"{name}.crt");
        File.WriteAllText(CertificateFile, _certificate.ExportCertificatePem());
    }

    public string CertificateFile { get; }

    /// <summary>Files of a server's certificate for loopback; replaced when they are there.</summary>
    public (string Certificate, string Key) Server(string file) => Write(file, Sign("CN=localhost", ServerUse, names =>
    {
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
    }));

    /// <summary>Files of a client's certificate.</summary>
    public (string Certificate, string Key) Client(string file, string subject, string? dns = null, string? uri = null, bool isForServers = false) => Write(file, Sign(subject, isForServers ? ServerUse : ClientUse, names =>
    {
        if (dns is not null)
        {
            names.AddDnsName(dns);
        }

        if (uri is not null)
        {
            names.AddUri(new Uri(uri));
        }
    }));

    /// <summary>The file of a list that takes certificates back; replaced when it is there.</summary>
    public string Revoke(string file, DateTimeOffset until, params ReadOnlySpan<string> certificateFiles)
    {
        var list = new CertificateRevocationListBuilder();
        foreach (var certificateFile in certificateFiles)
        {
            using var revoked = X509CertificateLoader.LoadCertificateFromFile(certificateFile);
            list.AddEntry(revoked);
        }

        var path = Path.Combine(_folder, $"{file}.crl");
        Replace(path, PemEncoding.WriteString("X509 CRL", list.Build(_certificate, ++_number, until, HashAlgorithmName.SHA256, null, until.AddDays(-7))));
        return path;
    }

    public void Dispose() => _certificate.Dispose();

    private (string Certificate, string Key) Sign(string subject, string use, Action<SubjectAlternativeNameBuilder> name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        name(names);
        var extension = names.Build();
        if (extension.RawData.Length > 2)
        {
            request.CertificateExtensions.Add(extension);
        }

        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(use)], critical: false));
        using var signed = request.Create(_certificate, DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddDays(2), BitConverter.GetBytes(Interlocked.Increment(ref _serial)));
        return (signed.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }

    private (string Certificate, string Key) Write(string file, (string Certificate, string Key) pem)
    {
        var (certificate, key) = (Path.Combine(_folder, $"{file}.crt"), Path.Combine(_folder, $"{file}.key"));
        Replace(key, pem.Key);
        Replace(certificate, pem.Certificate);
        return (certificate, key);
    }

    private static void Replace(string path, string text)
    {
        File.WriteAllText(path + ".new", text);
        File.Move(path + ".new", path, overwrite: true);
    }
}
