using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace Gtc.Kubernetes;

/// <summary>Connections to one API server as one caller.</summary>
internal sealed class KubeSession : IDisposable
{
    private const int MaxAnswer = 64 * 1024 * 1024;
    private const int SilenceSeconds = 20;
    private const int ProbeSeconds = 5;

    private readonly ExecTokens? _exec;

    public KubeSession(KubeConfig config, TimeSpan timeout, TimeProvider time)
    {
        Config = config;
        _exec = config.Exec is { } exec ? new ExecTokens(exec, time) : null;
        Http = new HttpClient(config.Around is { } around ? around(Handler(config)) : Handler(config)) { BaseAddress = config.Server, Timeout = timeout, MaxResponseContentBufferSize = MaxAnswer };
    }

    public KubeConfig Config { get; }

    public HttpClient Http { get; }

    /// <summary>The token to show now, empty when there is none.</summary>
    public async Task<KubeResult<string>> TokenAsync(CancellationToken cancellationToken)
    {
        if (_exec is not null)
        {
            return await _exec.GetAsync(cancellationToken);
        }

        try
        {
            return Config.TokenFile is { } file ? (await File.ReadAllTextAsync(file, cancellationToken)).Trim() : Config.Token ?? "";
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return new KubeError(KubeErrorKind.Unavailable, $"no cluster access: the token cannot be read: {error.Message.TrimEnd('.')}");
        }
    }

    /// <summary>Shows a token.</summary>
    public static void Authorize(HttpRequestMessage request, string token)
    {
        if (token.Length > 0)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }
    }

    /// <summary>Looks whether there is another token than one that was refused; files and programs are asked anew.</summary>
    public async Task<bool> HasOtherTokenAsync(string refused, CancellationToken cancellationToken)
    {
        _exec?.Forget(refused);
        return await TokenAsync(cancellationToken) is { Value: { } token } && token != refused;
    }

    public void Dispose() => Http.Dispose();

    private static SocketsHttpHandler Handler(KubeConfig config)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            AutomaticDecompression = DecompressionMethods.GZip,
            ConnectCallback = ConnectAsync,
        };
        handler.SslOptions.TargetHost = config.ServerName;
        if (config.Proxy is { } proxy)
        {
            handler.Proxy = new WebProxy(proxy) { Credentials = Known(proxy.UserInfo) };
        }

        if (config.ClientCertificate is { } certificate)
        {
            handler.SslOptions.ClientCertificates = [certificate];
            handler.SslOptions.LocalCertificateSelectionCallback = (_, _, _, _, _) => certificate;
        }

        if (config.IsUnchecked)
        {
            // The kubeconfig's own words: insecure-skip-tls-verify.
#pragma warning disable CA5359
            handler.SslOptions.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
#pragma warning restore CA5359
        }
        else if (config.Authorities is { } authorities)
        {
            var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            policy.CustomTrustStore.AddRange(authorities);
            handler.SslOptions.CertificateChainPolicy = policy;
        }

        return handler;
    }

    /// <summary>Name and password as a URL has them.</summary>
    private static NetworkCredential? Known(string user) =>
        user.Split(':', 2) is [var name, var password] ? new NetworkCredential(Uri.UnescapeDataString(name), Uri.UnescapeDataString(password)) : null;

    /// <summary>A watch is silent for minutes: the kernel has to find out that the other side is not there any more.</summary>
    private static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, SilenceSeconds);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, ProbeSeconds);
            await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
