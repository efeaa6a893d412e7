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
    /// <summary>The address that was bound; null before.</summary>
    public IPEndPoint? Bound { get; private set; }

    public async ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        var wanted = await gate.WaitAsync(cancellationToken);
        var attempts = wanted.Port == 0 ? 0 : bumps;
        for (var bump = 0; ; bump++)
        {
            try
            {
                var listener = await sockets.BindAsync(new IPEndPoint(wanted.Address, wanted.Port + bump), cancellationToken);
                Bound = (IPEndPoint)listener.EndPoint;
                return listener;
            }
            catch (AddressInUseException) when (bump < attempts && wanted.Port + bump < IPEndPoint.MaxPort)
            {
                // The next port, then.
            }
        }
    }
}
