using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Gtc.Model;
using Gtc.Store;
using Microsoft.Extensions.Logging;

namespace Gtc.Store.Server;

/// <summary>Where a server's certificate is, and whose certificates it believes. All files are PEM and absolute paths.</summary>
/// <param name="CertificateFile">The server's certificate, and those between it and its authority.</param>
/// <param name="KeyFile">Its private key.</param>
public sealed record StoreTlsFiles(string CertificateFile, string KeyFile)
{
    /// <summary>The authorities whose certificates callers may show, or null when none is asked for.</summary>
    public string? ClientAuthorityFile { get; init; }

    /// <summary>The lists of certificates that those authorities took back; null to look at none.</summary>
    public string? RevocationFile { get; init; }
}

/// <summary>
/// TLS 1.2 and later with the files as they are now: a renewed certificate counts for every connection from then on, one that is broken changes nothing.
/// A caller may show a certificate and need not; one that no authority made is not let in.
/// </summary>
internal sealed partial class TlsDoor : IAsyncDisposable
{
    private readonly StoreTlsFiles _files;
    private readonly ServerMeter _meter;
    private readonly ILogger _logger;
    private FollowedFiles? _following;
    private volatile Shown _shown = null!;
    private byte[] _digest = [];

    private TlsDoor(StoreTlsFiles files, ServerMeter meter, ILogger logger) => (_files, _meter, _logger) = (files, meter, logger);

    /// <summary>Reads the files and follows them.</summary>
    public static Outcome<TlsDoor> Open(StoreTlsFiles files, ServerMeter meter, ILogger logger)
    {
        var door = new TlsDoor(files, meter, logger);
        var digest = door.Digest();
        return door.Read().Then<TlsDoor>(shown =>
        {
            (door._shown, door._digest) = (shown, digest);
            door.TellRevoked();
            door._following = new FollowedFiles(door.Paths(), door.Look);
            return door;
        });
    }

    /// <summary>Told when files were taken over: who came in by those before may not any more.</summary>
    public Action Changed { get; set; } = static () => { };

    /// <summary>Why the certificate of a caller is revoked, or null; and until when that holds.</summary>
    public (string? Why, DateTimeOffset Until) Judge(X509Certificate2 certificate, DateTimeOffset now) => _shown.Revoked?.Judge(certificate, now) ?? (null, DateTimeOffset.MaxValue);

    /// <summary>How the next connection is secured.</summary>
    public SslServerAuthenticationOptions Options()
    {
        var shown = _shown;
        var options = new SslServerAuthenticationOptions
        {
            ServerCertificateContext = shown.Identity,
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            AllowRenegotiation = false,
        };
        if (shown.Believed is { } authorities)
        {
            options.ClientCertificateRequired = true;
            options.CertificateChainPolicy = TlsFiles.Believing(authorities);
            options.RemoteCertificateValidationCallback = static (_, certificate, _, errors) => certificate is null || errors == SslPolicyErrors.None;
        }

        return options;
    }

    /// <summary>Looks at the files now.</summary>
    public void LookAgain() => _following?.Look();

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _following?.DisposeAsync() ?? ValueTask.CompletedTask;

    private IEnumerable<string> Paths() => new[] { _files.CertificateFile, _files.KeyFile, _files.ClientAuthorityFile, _files.RevocationFile }.OfType<string>();

    private Outcome<Shown> Read() => TlsFiles.Identity(_files.CertificateFile, _files.KeyFile).Then(identity => _files.ClientAuthorityFile is { } authority
        ? TlsFiles.Authorities(authority).Then(believed => Revoked(believed).Then<Shown>(revoked => new Shown(identity, believed, revoked)))
        : new Shown(identity, null, null));

    private Outcome<RevokedCertificates?> Revoked(X509Certificate2Collection believed) =>
        _files.RevocationFile is { } path ? RevokedCertificates.Read(path, believed).Then<RevokedCertificates?>(revoked => revoked) : (RevokedCertificates?)null;

    private byte[] Digest()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var path in Paths())
        {
            try
            {
                hash.AppendData(SHA256.HashData(File.ReadAllBytes(path)));
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                hash.AppendData([0]);
            }
        }

        return hash.GetHashAndReset();
    }

    private void Look()
    {
        var digest = Digest();
        if (digest.AsSpan().SequenceEqual(_digest))
        {
            return;
        }

        _digest = digest;
        var isTaken = Read().TryGet(out var shown, out var refusal);
        _meter.CountReload("tls", isTaken);
        if (shown is not null)
        {
            _shown = shown;
            Log.Renewed(_logger, shown.Identity.TargetCertificate.Subject, shown.Identity.TargetCertificate.NotAfter.ToUniversalTime());
            TellRevoked();
            Changed();
        }
        else
        {
            Log.Unusable(_logger, refusal!.Message);
        }
    }

    private void TellRevoked()
    {
        if (_shown.Revoked is { } revoked)
        {
            Log.Revoked(_logger, revoked.Count, revoked.Until.UtcDateTime);
        }
    }

    private sealed record Shown(SslStreamCertificateContext Identity, X509Certificate2Collection? Believed, RevokedCertificates? Revoked);

    private static partial class Log
    {
        [LoggerMessage(5091, LogLevel.Information, "{Count} client certificates are revoked; the first list of them ends at {Until:u}, and what it speaks of is refused from then on")]
        public static partial void Revoked(ILogger logger, int count, DateTime until);

        [LoggerMessage(5088, LogLevel.Information, "The server shows a new certificate, {Subject}, which ends at {NotAfter:u}")]
        public static partial void Renewed(ILogger logger, string subject, DateTime notAfter);

        [LoggerMessage(5089, LogLevel.Error, "The certificate, its key or the authorities cannot be taken over, those before stay: {Why}")]
        public static partial void Unusable(ILogger logger, string why);
    }
}
