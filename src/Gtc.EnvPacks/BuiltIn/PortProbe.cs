using System.Net;
using System.Net.Sockets;

namespace Gtc.EnvPacks;

/// <summary>Looks for a place where a worker could listen, by listening there for a moment.</summary>
internal static class PortProbe
{
    /// <summary>The configured address when it is free, else with none configured the first free port of the range on 127.0.0.1; null when there is none.</summary>
    public static IPEndPoint? Find(string? configured, PortRange range) => Candidates(configured, range).FirstOrDefault(IsFree);

    /// <summary>What is taken, for people.</summary>
    public static string Taken(string? configured, PortRange range) =>
        configured is not null ? $"{configured} is taken, or no address of this machine" : $"every port of 127.0.0.1 from {range.First} to {range.Last} is taken";

    private static IEnumerable<IPEndPoint> Candidates(string? configured, PortRange range)
    {
        if (configured is null)
        {
            return Enumerable.Range(range.First, range.Last - range.First + 1).Select(port => new IPEndPoint(IPAddress.Loopback, port));
        }

        return IPEndPoint.TryParse(configured, out var place) ? [place] : [];
    }

    private static bool IsFree(IPEndPoint place)
    {
        using var socket = new Socket(place.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(place);
            socket.Listen(1);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
