using System.Net;
using System.Net.Sockets;

namespace Gtc.Artifacts.Tests.Oci;

/// <summary>Leads connections to named hosts to servers of the test instead.</summary>
internal static class LoopbackDial
{
    public static Func<SocketsHttpConnectionContext, CancellationToken, ValueTask<Stream>> To(params (string Host, int Port)[] hosts) =>
        async (context, cancellationToken) =>
        {
            var port = hosts.Single(host => host.Host == context.DnsEndPoint.Host).Port;
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        };
}
