using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gtc.Proxy.Http2.Serving;

/// <summary>Where connections wait that are handed over, in place of an address.</summary>
/// <param name="protocol">What is spoken on them.</param>
/// <param name="most">How many may wait; one more is not taken.</param>
internal sealed class HandedEndPoint(string protocol, int most) : EndPoint
{
    /// <summary>They wait here.</summary>
    public Channel<HandedConnection> Queue { get; } = Channel.CreateBounded<HandedConnection>(most);

    /// <inheritdoc/>
    public override string ToString() => protocol;
}

/// <summary>Gives Kestrel the connections that were handed over.</summary>
internal sealed class Transport(Action<Exception> faulted) : IConnectionListenerFactory, IDisposable
{
    private readonly SocketConnectionContextFactory _sockets = new(new SocketConnectionFactoryOptions(), NullLogger.Instance);
    private int _count;

    /// <summary>How many connections were given and have not ended.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <inheritdoc/>
    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) =>
        ValueTask.FromResult<IConnectionListener>(new Listener(this, (HandedEndPoint)endpoint));

    /// <inheritdoc/>
    public void Dispose() => _sockets.Dispose();

    private HandedContext? Open(HandedConnection handed)
    {
        try
        {
            var socket = new Socket(new SafeSocketHandle(handed.Descriptor, ownsHandle: true));
            var context = new HandedContext(_sockets.Create(socket), handed, () => Interlocked.Decrement(ref _count));
            Interlocked.Increment(ref _count);
            return context;
        }
        catch (SocketException error)
        {
            faulted(error);
            return null;
        }
    }

    private sealed class Listener(Transport transport, HandedEndPoint endPoint) : IConnectionListener
    {
        public EndPoint EndPoint => endPoint;

        public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
        {
            while (await endPoint.Queue.Reader.WaitToReadAsync(cancellationToken))
            {
                while (endPoint.Queue.Reader.TryRead(out var handed))
                {
                    if (transport.Open(handed) is { } context)
                    {
                        return context;
                    }
                }
            }

            return null;
        }

        public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
        {
            endPoint.Queue.Writer.TryComplete();
            return ValueTask.CompletedTask;
        }

        public ValueTask DisposeAsync() => UnbindAsync(CancellationToken.None);
    }
}
