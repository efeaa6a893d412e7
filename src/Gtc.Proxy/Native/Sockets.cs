using System.Net;
using System.Runtime.InteropServices;

namespace Gtc.Proxy.Native;

/// <summary>Socket calls with their errors sorted.</summary>
internal static unsafe class Sockets
{
    /// <summary>What <see cref="Receive"/> and <see cref="Send"/> answer when the socket must be waited for.</summary>
    public const int MustWait = -1;

    /// <summary>What they answer when the connection is lost.</summary>
    public const int Lost = -2;

    private const int LingerOption = 13;

    /// <summary>A listening socket.</summary>
    /// <exception cref="IOException">The address cannot be listened on; the message says why.</exception>
    public static int Listen(IPEndPoint endPoint, int backlog)
    {
        var socket = TryOpen(endPoint);
        if (socket < 0)
        {
            throw new IOException($"a socket could not be made, error {Marshal.GetLastPInvokeError()}");
        }

        Span<byte> address = stackalloc byte[SocketAddress.MaxLength];
        var length = SocketAddress.Write(endPoint, address);
        SetOption(socket, LibC.LevelSocket, LibC.ReuseAddress, 1);
        fixed (byte* start = address)
        {
            if (LibC.Bind(socket, start, length) == 0 && LibC.Listen(socket, backlog) == 0)
            {
                return socket;
            }
        }

        var error = Marshal.GetLastPInvokeError();
        _ = LibC.Close(socket);
        throw new IOException(error == Errno.AddressInUse ? $"{endPoint} is in use by another process" : $"{endPoint} cannot be listened on, error {error}");
    }

    /// <summary>The address that a socket got.</summary>
    public static IPEndPoint LocalEndPoint(int socket)
    {
        Span<byte> address = stackalloc byte[SocketAddress.MaxLength];
        var length = address.Length;
        fixed (byte* start = address)
        {
            return LibC.LocalAddress(socket, start, &length) == 0
                ? SocketAddress.ReadEndPoint(address)
                : throw new IOException($"getsockname failed, error {Marshal.GetLastPInvokeError()}");
        }
    }

    /// <summary>Takes a connection that waits.</summary>
    /// <returns>Its socket; <see cref="MustWait"/> when none waits any more; <see cref="Lost"/> when the machine has no descriptor left for it.</returns>
    public static int Accept(int listener, out PeerAddress peer)
    {
        Span<byte> address = stackalloc byte[SocketAddress.MaxLength];
        var length = address.Length;
        fixed (byte* start = address)
        {
            var socket = LibC.Accept(listener, start, &length, LibC.SocketNonBlocking | LibC.SocketCloseOnExec);
            peer = socket < 0 ? default : SocketAddress.Read(address);
            if (socket >= 0)
            {
                SetOption(socket, LibC.LevelTcp, LibC.NoDelay, 1);
            }

            return socket >= 0 ? socket : Errno.IsShortage(Marshal.GetLastPInvokeError()) ? Lost : MustWait;
        }
    }

    /// <summary>Begins a connection.</summary>
    /// <returns>Its socket; <see cref="Lost"/> when the peer refuses at once; <see cref="MustWait"/> when the machine has no descriptor or port left.</returns>
    public static int Connect(IPEndPoint endPoint)
    {
        var socket = TryOpen(endPoint);
        if (socket < 0)
        {
            return MustWait;
        }

        Span<byte> address = stackalloc byte[SocketAddress.MaxLength];
        var length = SocketAddress.Write(endPoint, address);
        SetOption(socket, LibC.LevelTcp, LibC.NoDelay, 1);
        fixed (byte* start = address)
        {
            if (LibC.Connect(socket, start, length) == 0 || Marshal.GetLastPInvokeError() == Errno.InProgress)
            {
                return socket;
            }
        }

        var error = Marshal.GetLastPInvokeError();
        _ = LibC.Close(socket);
        return Errno.IsShortage(error) ? MustWait : Lost;
    }

    /// <summary>Whether a connection that was begun is made.</summary>
    public static bool IsConnected(int socket)
    {
        var error = 0;
        var length = sizeof(int);
        return LibC.GetOption(socket, LibC.LevelSocket, LibC.SocketError, &error, &length) == 0 && error == 0;
    }

    /// <summary>Reads what is there.</summary>
    /// <returns>How many bytes; 0 when the peer sends no more; <see cref="MustWait"/>; <see cref="Lost"/>.</returns>
    public static int Receive(int socket, Span<byte> target)
    {
        fixed (byte* start = target)
        {
            while (true)
            {
                var count = (int)LibC.Receive(socket, start, target.Length, 0);
                if (count >= 0)
                {
                    return count;
                }

                switch (Marshal.GetLastPInvokeError())
                {
                    case Errno.Interrupted:
                        continue;
                    case Errno.Again:
                        return MustWait;
                    default:
                        return Lost;
                }
            }
        }
    }

    /// <summary>Sends two pieces as one.</summary>
    /// <returns>How many bytes of both went; <see cref="MustWait"/>; <see cref="Lost"/>.</returns>
    public static int Send(int socket, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        fixed (byte* firstStart = first)
        fixed (byte* secondStart = second)
        {
            var vectors = stackalloc IoVector[2];
            vectors[0] = new IoVector { Start = firstStart, Length = first.Length };
            vectors[1] = new IoVector { Start = secondStart, Length = second.Length };
            var message = new MessageHeader { Vectors = vectors, VectorCount = 2 };
            while (true)
            {
                var count = second.IsEmpty
                    ? LibC.Send(socket, firstStart, first.Length, LibC.DontSignal)
                    : LibC.SendMessage(socket, &message, LibC.DontSignal);
                if (count >= 0)
                {
                    return (int)count;
                }

                switch (Marshal.GetLastPInvokeError())
                {
                    case Errno.Interrupted:
                        continue;
                    case Errno.Again:
                        return MustWait;
                    default:
                        return Lost;
                }
            }
        }
    }

    /// <summary>Closes so that the peer is told of a failure instead of an end.</summary>
    public static void Reset(int socket)
    {
        var linger = stackalloc int[2] { 1, 0 };
        _ = LibC.SetOption(socket, LibC.LevelSocket, LingerOption, linger, 2 * sizeof(int));
        _ = LibC.Close(socket);
    }

    private static int TryOpen(IPEndPoint endPoint)
    {
        var family = endPoint.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork ? LibC.Ipv4 : LibC.Ipv6;
        return LibC.Socket(family, LibC.SocketStream | LibC.SocketNonBlocking | LibC.SocketCloseOnExec, 0);
    }

    private static void SetOption(int socket, int level, int name, int value) => _ = LibC.SetOption(socket, level, name, &value, sizeof(int));
}
