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
            door._following = new FollowedFiles(door.Paths(), door.Look);
            return door;
        });
    }

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

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _following?.DisposeAsync() ?? ValueTask.CompletedTask;

    private IEnumerable<string> Paths() => new[] { _files.CertificateFile, _files.KeyFile, _files.ClientAuthorityFile }.OfType<string>();

    private Outcome<Shown> Read() => TlsFiles.Identity(_files.CertificateFile, _files.KeyFile).Then(identity => _files.ClientAuthorityFile is { } authority
        ? TlsFiles.Authorities(authority).Then<Shown>(believed => new Shown(identity, believed))
        : new Shown(identity, null));

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
        }
        else
        {
            Log.Unusable(_logger, refusal!.Message);
        }
    }

    private sealed record Shown(SslStreamCertificateContext Identity, X509Certificate2Collection? Believed);

    private static partial class Log
    {
        [LoggerMessage(5088, LogLevel.Information, "The server shows a new certificate, {Subject}, which ends at {NotAfter:u}")]
        public static partial void Renewed(ILogger logger, string subject, DateTime notAfter);

        [LoggerMessage(5089, LogLevel.Error, "The certificate, its key or the authorities cannot be taken over, those before stay: {Why}")]
        public static partial void Unusable(ILogger logger, string why);
    }
}
