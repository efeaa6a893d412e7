using System.Net.Sockets;
using System.Text;

namespace Gtc.Fleet.Operator.Installing;

/// <summary>Whether a broker really answers at an address: a pod that is ready may still be behind a port that leads nowhere.</summary>
public static class NatsReachability
{
    private static readonly TimeSpan OneTry = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    /// <summary>Connects until the first bytes of a broker, <c>INFO </c>, are read.</summary>
    /// <param name="host">Where.</param>
    /// <param name="port">Which port.</param>
    /// <param name="wait">How long to go on trying.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>Null when it answered, else what the last try came to.</returns>
    public static async Task<string?> AnswersAsync(string host, int port, TimeSpan wait, TimeProvider time, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(time);
        var began = time.GetTimestamp();
        while (true)
        {
            var problem = await TryAsync(host, port, time, cancellationToken);
            if (problem is null || time.GetElapsedTime(began) + Pause >= wait)
            {
                return problem;
            }

            await Task.Delay(Pause, time, cancellationToken);
        }
    }

    private static async Task<string?> TryAsync(string host, int port, TimeProvider time, CancellationToken cancellationToken)
    {
        using var late = new CancellationTokenSource(OneTry, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, late.Token);
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(host, port, either.Token);
            var head = new byte["INFO ".Length];
            await client.GetStream().ReadExactlyAsync(head, either.Token);
            return Encoding.ASCII.GetString(head) == "INFO " ? null : "something else than a broker answers there";
        }
        catch (Exception error) when (error is SocketException or IOException)
        {
            return error.Message.TrimEnd('.');
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return "nothing was said there in time";
        }
    }
}
