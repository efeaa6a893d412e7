using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Gtc.Model;
using Gtc.Store;

namespace Gtc.Cli.Contexts;

/// <summary>A store server and how it is spoken to.</summary>
/// <param name="Target">Its address and token.</param>
internal sealed record ServerProfile(StoreTarget Target)
{
    /// <summary>The context's name, or null for a server that was named by its address.</summary>
    public string? Name { get; init; }

    /// <summary>The only authorities that its certificate may be of, a PEM file; null for those of this machine.</summary>
    public string? CaFile { get; init; }

    /// <summary>The certificate that is shown to it, a PEM file; null for none.</summary>
    public string? ClientCertificate { get; init; }

    /// <summary>The key of that certificate, a PEM file.</summary>
    public string? ClientKey { get; init; }

    /// <summary>What carries requests to it.</summary>
    public Outcome<HttpMessageHandler> Transport(CliContext context)
    {
        var transport = context.OpenHttp();
        if (CaFile is null && ClientCertificate is null)
        {
            return transport;
        }

        try
        {
            var sockets = transport as SocketsHttpHandler ?? throw new InvalidOperationException("Only sockets take certificates.");
            if (CaFile is not null)
            {
                sockets.SslOptions.CertificateChainPolicy = Trusting(CaFile);
            }

            if (ClientCertificate is not null)
            {
                sockets.SslOptions.ClientCertificateContext = SslStreamCertificateContext.Create(X509Certificate2.CreateFromPemFile(ClientCertificate, ClientKey), null, offline: true);
            }

            return transport;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or CryptographicException)
        {
            transport.Dispose();
            return new Refusal.FileFailed($"the certificates for {Target} cannot be read: {error.Message.TrimEnd('.')}");
        }
    }

    private static X509ChainPolicy Trusting(string file)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.ImportFromPemFile(file);
        return policy.CustomTrustStore.Count > 0 ? policy : throw new CryptographicException($"{file} holds no certificate");
    }
}
