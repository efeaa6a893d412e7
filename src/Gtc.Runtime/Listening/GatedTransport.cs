using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;

namespace Gtc.Runtime;

/// <summary>
/// Socket transport that binds only when it is told where. The server can so make itself ready while the bundle is still on its
/// way, and listening still implies that activation succeeded. A busy port is bumped to the next free one.
/// </summary>
/// <param name="sockets">The transport that binds.</param>
/// <param name="gate">Completes with the wanted address; cancelled when nothing is to be served.</param>
/// <param name="bumps">How many ports after the wanted one are tried.</param>
internal sealed class GatedTransport(IConnectionListenerFactory sockets, Task<IPEndPoint> gate, int bumps) : IConnectionListenerFactory
{
    private readonly TaskCompletionSource<IPEndPoint> _bound = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>What stands for the address in the server's settings.</summary>
    public static IPEndPoint Main { get; } = new(IPAddress.Loopback, 0);

    /// <summary>What stands there for the second listener, which is on the loopback port above the first one's.</summary>
    public static IPEndPoint Second { get; } = new(IPAddress.Loopback, 1);

    /// <summary>The address that was bound; null before.</summary>
    public IPEndPoint? Bound { get; private set; }

    /// <summary>The second one, or null.</summary>
    public IPEndPoint? SecondBound { get; private set; }

    public async ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        if (endpoint.Equals(Second))
        {
            var first = await _bound.Task.WaitAsync(cancellationToken);
            var second = await BindNearAsync(new IPEndPoint(IPAddress.Loopback, Math.Min(first.Port + 1, IPEndPoint.MaxPort)), ListenAddress.BumpAttempts, cancellationToken);
            SecondBound = (IPEndPoint)second.EndPoint;
            return second;
        }

        try
        {
            var wanted = await gate.WaitAsync(cancellationToken);
            var listener = await BindNearAsync(wanted, wanted.Port == 0 ? 0 : bumps, cancellationToken);
            Bound = (IPEndPoint)listener.EndPoint;
            _bound.SetResult(Bound);
            return listener;
        }
        finally
        {
            _bound.TrySetCanceled(CancellationToken.None);
        }
    }

    private async ValueTask<IConnectionListener> BindNearAsync(IPEndPoint wanted, int attempts, CancellationToken cancellationToken)
    {
        for (var bump = 0; ; bump++)
        {
            try
            {
                return await sockets.BindAsync(new IPEndPoint(wanted.Address, wanted.Port + bump), cancellationToken);
            }
            catch (AddressInUseException) when (bump < attempts && wanted.Port + bump < IPEndPoint.MaxPort)
            {
                // The next port, then.
            }
        }
    }
}
