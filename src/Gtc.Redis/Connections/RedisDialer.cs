using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace Gtc.Redis;

/// <summary>Opens connections and logs in.</summary>
internal static class RedisDialer
{
    /// <summary>Opens a stream to the server.</summary>
    public static async Task<Stream> OpenAsync(RedisOptions options, CancellationToken cancellationToken)
    {
        var socket = options.UnixSocket is null
            ? new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true }
            : new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await (options.UnixSocket is null
                ? socket.ConnectAsync(options.Host, options.Port, cancellationToken)
                : socket.ConnectAsync(new UnixDomainSocketEndPoint(options.UnixSocket), cancellationToken));
            var plain = new NetworkStream(socket, ownsSocket: true);
            return options.UsesTls ? await SecureAsync(plain, options, cancellationToken) : plain;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Agrees on RESP3, or RESP2 with a server that has nothing newer, logs in and selects the database.</summary>
    /// <returns>Why the server refused, or null.</returns>
    public static async Task<string?> LogInAsync(RedisConnection connection, RedisOptions options, CancellationToken cancellationToken)
    {
        var hello = await connection.CallAsync(
            options.Password is null ? ["HELLO", 3] : ["HELLO", 3, "AUTH", options.User ?? "default", options.Password], options.ConnectTimeout, cancellationToken);
        if (!hello.IsDone && IsOlder(hello))
        {
            hello = options.Password is null
                ? await connection.CallAsync(["PING"], options.ConnectTimeout, cancellationToken)
                : await connection.CallAsync(options.User is null ? ["AUTH", options.Password] : ["AUTH", options.User, options.Password], options.ConnectTimeout, cancellationToken);
        }

        else if (hello is { IsDone: true, Reply.Kind: not RedisKind.Map })
        {
            // A port that nobody listens on may even connect to itself, and then every command comes back as its own reply.
            return "what answers there is no Redis: HELLO was not answered with a map";
        }

        if (!hello.IsDone)
        {
            return $"the log in failed: {hello.Reason}";
        }

        if (options.Database == 0)
        {
            return null;
        }

        var selected = await connection.CallAsync(["SELECT", options.Database], options.ConnectTimeout, cancellationToken);
        return selected.IsDone ? null : $"database {options.Database} cannot be used: {selected.Reason}";
    }

    private static bool IsOlder(RedisAnswer answer) => answer.Failure == RedisFailure.Refused
        && (answer.Reason!.StartsWith("NOPROTO", StringComparison.Ordinal) || answer.Reason.StartsWith("ERR unknown command", StringComparison.OrdinalIgnoreCase));

    private static async Task<Stream> SecureAsync(NetworkStream plain, RedisOptions options, CancellationToken cancellationToken)
    {
        var secure = new SslStream(plain);
        try
        {
            await secure.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions { TargetHost = options.Host, CertificateChainPolicy = options.TrustedRoots is null ? null : Policy(options.TrustedRoots) },
                cancellationToken);
            return secure;
        }
        catch
        {
            await secure.DisposeAsync();
            throw;
        }
    }

    private static X509ChainPolicy Policy(X509Certificate2Collection roots)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.AddRange(roots);
        return policy;
    }
}
