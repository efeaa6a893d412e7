using System.Buffers;
using System.IO.Pipelines;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;

namespace Gtc.Nats;

/// <summary>Opens connections, secures them and logs in.</summary>
internal static class Dialer
{
    /// <summary>Connects to a server until it answered the first PING.</summary>
    public static async Task<NatsResult<Wire>> DialAsync(ServerAddress server, NatsOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(options.ConnectTimeout, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        Stream? stream = null;
        try
        {
            await socket.ConnectAsync(server.Host, server.Port, linked.Token);
            stream = new NetworkStream(socket, ownsSocket: true);
            var (wire, error) = await GreetAsync(stream, server, options, linked.Token);
            if (wire is not null)
            {
                stream = null;
                return wire;
            }

            return error!;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new NatsError(NatsErrorKind.TimedOut, $"{server} did not let this connection in within {options.ConnectTimeout.TotalSeconds:0.#} s");
        }
        catch (Exception error) when (error is IOException or SocketException or ObjectDisposedException)
        {
            return new NatsError(NatsErrorKind.NotConnected, $"{server} cannot be reached: {error.Message}");
        }
        catch (AuthenticationException error)
        {
            return new NatsError(NatsErrorKind.Unauthorized, $"TLS with {server} failed: {error.InnerException?.Message ?? error.Message}");
        }
        catch (NatsProtocolException error)
        {
            return new NatsError(NatsErrorKind.Protocol, $"what answers at {server} is no NATS server: {error.Message}");
        }
        finally
        {
            if (stream is not null)
            {
                await stream.DisposeAsync();
            }
            else if (!socket.Connected)
            {
                socket.Dispose();
            }
        }
    }

    private static async Task<(Wire? Wire, NatsError? Error)> GreetAsync(Stream plain, ServerAddress server, NatsOptions options, CancellationToken cancellationToken)
    {
        var stream = options.Tls.ComesFirst ? await SecureAsync(plain, server, options, cancellationToken) : plain;
        var wire = new Wire(stream, options);
        var hello = await ReadHelloAsync(wire, cancellationToken);
        var isSecure = options.Tls.ComesFirst;
        if (!isSecure && (hello.TlsRequired || options.Tls.IsRequired || server.WantsTls))
        {
            if (!hello.TlsRequired && !hello.TlsAvailable)
            {
                return (null, new(NatsErrorKind.Unauthorized, $"TLS is insisted on, but {server} offers none"));
            }

            await wire.LeaveAsync();
            wire = new Wire(await SecureAsync(plain, server, options, cancellationToken), options);
            isSecure = true;
        }

        wire.Hello = hello;
        wire.IsSecure = isSecure;
        if (!(await CredentialsAsync(options, cancellationToken)).TryGet(out var credentials, out var error))
        {
            return (null, error);
        }

        var nonce = hello.Nonce is null ? null : Encoding.ASCII.GetBytes(hello.Nonce);
        var client = credentials.Prove(new ClientHello { Name = options.Name, TlsRequired = isSecure }, nonce);
        await wire.Stream.WriteAsync(Connect(client), cancellationToken);
        var refused = await UntilPongAsync(wire, server, cancellationToken);
        return refused is null ? (wire, null) : (null, refused);
    }

    private static ValueTask<NatsResult<NatsCredentials>> CredentialsAsync(NatsOptions options, CancellationToken cancellationToken) =>
        options.CredentialSource is { } source ? source(cancellationToken) : ValueTask.FromResult<NatsResult<NatsCredentials>>(options.Credentials);

    private static byte[] Connect(ClientHello client) =>
        [.. "CONNECT "u8, .. JsonSerializer.SerializeToUtf8Bytes(client, NatsJson.Default.ClientHello), .. "\r\nPING\r\n"u8];

    private static async Task<ServerHello> ReadHelloAsync(Wire wire, CancellationToken cancellationToken)
    {
        while (true)
        {
            var read = await wire.Input.ReadAsync(cancellationToken);
            var rest = read.Buffer;
            if (wire.Reader.TryRead(ref rest, out var frame))
            {
                var hello = frame.Kind == FrameKind.Hello
                    ? NatsJson.ReadHello(frame.Text)
                    : throw new NatsProtocolException(frame.Kind == FrameKind.Error ? Encoding.UTF8.GetString(frame.Text) : "the first line is not INFO");
                wire.Input.AdvanceTo(rest.Start);
                return hello;
            }

            if (read.IsCompleted)
            {
                throw new NatsProtocolException("it closed the connection before it said what it is");
            }

            wire.Input.AdvanceTo(rest.Start, rest.End);
        }
    }

    /// <summary>Reads until the server answered: only then it has taken the credentials.</summary>
    private static async Task<NatsError?> UntilPongAsync(Wire wire, ServerAddress server, CancellationToken cancellationToken)
    {
        while (true)
        {
            var read = await wire.Input.ReadAsync(cancellationToken);
            var rest = read.Buffer;
            var (isDone, needsPong, error) = Answers(wire, server, ref rest);
            wire.Input.AdvanceTo(rest.Start, isDone || error is not null ? rest.Start : rest.End);
            if (isDone || error is not null)
            {
                return error;
            }

            if (needsPong)
            {
                await wire.Stream.WriteAsync("PONG\r\n"u8.ToArray(), cancellationToken);
            }

            if (read.IsCompleted)
            {
                return new(NatsErrorKind.NotConnected, $"{server} closed the connection during the log in");
            }
        }
    }

    private static (bool IsDone, bool NeedsPong, NatsError? Error) Answers(Wire wire, ServerAddress server, ref ReadOnlySequence<byte> rest)
    {
        var needsPong = false;
        while (wire.Reader.TryRead(ref rest, out var frame))
        {
            switch (frame.Kind)
            {
                case FrameKind.Pong:
                    return (true, false, null);
                case FrameKind.Ping:
                    needsPong = true;
                    break;
                case FrameKind.Hello:
                    wire.Hello = NatsJson.ReadHello(frame.Text);
                    break;
                case FrameKind.Error:
                    return (false, false, ServerErrors.Read(Encoding.UTF8.GetString(frame.Text), server));
                case FrameKind.Ok:
                    break;
                default:
                    throw new NatsProtocolException("a message came before the log in was over");
            }
        }

        return (false, needsPong, null);
    }

    private static async Task<Stream> SecureAsync(Stream plain, ServerAddress server, NatsOptions options, CancellationToken cancellationToken)
    {
        var secure = new SslStream(plain, leaveInnerStreamOpen: false);
        await secure.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                TargetHost = server.Host,
                CertificateChainPolicy = options.Tls.TrustedRoots is null ? null : Policy(options.Tls.TrustedRoots),
                ClientCertificates = options.Tls.ClientCertificate is { } certificate ? [certificate] : null,
            },
            cancellationToken);
        return secure;
    }

    private static X509ChainPolicy Policy(X509Certificate2Collection roots)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.AddRange(roots);
        return policy;
    }
}
