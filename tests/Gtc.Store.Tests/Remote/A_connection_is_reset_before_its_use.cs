using System.Net.Sockets;
using Gtc.Model;

namespace Gtc.Store.Tests.Remote;

/// <summary>A server that is gone between the end of the handshake and the first byte: HttpClient then throws the socket's own exception.</summary>
public sealed class A_connection_is_reset_before_its_use
{
    [Fact]
    public async Task The_server_is_not_reached()
    {
        using var transport = new ResetTransport();
        using var store = new RemoteStore(StoreTarget.Of("http://127.0.0.1:8787", null).Value, transport);
        (await store.ListAsync(TestContext.Current.CancellationToken)).Refusal.ShouldBeOfType<Refusal.Unreachable>();
    }

    private sealed class ResetTransport : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => throw new SocketException((int)SocketError.NotConnected);
    }
}
