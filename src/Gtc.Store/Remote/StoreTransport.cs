using System.Net.Security;
using Gtc.Model;

namespace Gtc.Store;

/// <summary>
/// How a store server is reached over TLS: whose certificate is believed and which one is shown. <c>new RemoteStore(target, transport.Open(target).Value)</c>.
/// </summary>
public sealed record StoreTransport
{
    /// <summary>The system's authorities, and no certificate of one's own.</summary>
    public static StoreTransport Default { get; } = new();

    /// <summary>Authorities in PEM that are believed in place of the system's, or null.</summary>
    public string? AuthorityFile { get; init; }

    /// <summary>The certificate that is shown, in PEM, or null.</summary>
    public string? CertificateFile { get; init; }

    /// <summary>Its private key in PEM; null when it is in the same file.</summary>
    public string? KeyFile { get; init; }

    /// <summary>Finds the files that are meant: those given, else those of <c>GREENTIC_STORE_CA</c>, <c>GREENTIC_STORE_CERT</c> and <c>GREENTIC_STORE_KEY</c>.</summary>
    /// <param name="authorityFile">As typed, or null.</param>
    /// <param name="certificateFile">As typed, or null.</param>
    /// <param name="keyFile">As typed, or null.</param>
    /// <param name="variable">Reads an environment variable.</param>
    public static StoreTransport Find(string? authorityFile, string? certificateFile, string? keyFile, Func<string, string?> variable)
    {
        ArgumentNullException.ThrowIfNull(variable);
        var certificate = Filled(certificateFile);

        // A key that stands in a variable belongs to the certificate that stands there too.
        return new StoreTransport
        {
            AuthorityFile = Filled(authorityFile) ?? Filled(variable("GREENTIC_STORE_CA")),
            CertificateFile = certificate ?? Filled(variable("GREENTIC_STORE_CERT")),
            KeyFile = Filled(keyFile) ?? (certificate is null ? Filled(variable("GREENTIC_STORE_KEY")) : null),
        };
    }

    /// <summary>Reads the files and makes what carries requests: it follows no redirect, which would carry the token elsewhere.</summary>
    /// <param name="target">The server.</param>
    /// <returns>The transport; or <see cref="Refusal.InvalidArgument"/> when a file cannot be taken, or a certificate is to be shown where there is no TLS.</returns>
    public Outcome<SocketsHttpHandler> Open(StoreTarget target)
    {
        ArgumentNullException.ThrowIfNull(target);
        var shown = CertificateFile ?? KeyFile;
        if (shown is not null && target.Address.Scheme != Uri.UriSchemeHttps)
        {
            return new Refusal.InvalidArgument($"{shown} cannot be shown to {target.Address}, which speaks no TLS") { Next = $"use https://{target.Address.Authority}" };
        }

        if (CertificateFile is null && KeyFile is not null)
        {
            return new Refusal.InvalidArgument($"{KeyFile} is a key without a certificate");
        }

        var security = new SslClientAuthenticationOptions();
        if (AuthorityFile is not null)
        {
            if (!TlsFiles.Authorities(AuthorityFile).TryGet(out var authorities, out var refusal))
            {
                return refusal;
            }

            security.CertificateChainPolicy = TlsFiles.Believing(authorities);
        }

        if (CertificateFile is not null)
        {
            if (!TlsFiles.Identity(CertificateFile, KeyFile ?? CertificateFile).TryGet(out var identity, out var refusal))
            {
                return refusal;
            }

            security.ClientCertificateContext = identity;
        }

        return new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, ConnectTimeout = TimeSpan.FromSeconds(10), SslOptions = security };
    }

    private static string? Filled(string? text) => string.IsNullOrWhiteSpace(text) ? null : text;
}
