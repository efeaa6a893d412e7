using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Gtc.Load;

/// <summary>A server process, timed from its start to its first 200 on /healthz.</summary>
internal static class MeasuredProcess
{
    private static readonly byte[] Probe = "GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"u8.ToArray();

    /// <returns>Milliseconds to the first 200, processor milliseconds until then, and the peak resident memory in MiB.</returns>
    public static async Task<(double Milliseconds, double Processor, double PeakMebibytes)> RunAsync(string program, string[] words, Action<ProcessStartInfo, int> configure)
    {
        var port = FreePort();
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var word in words)
        {
            start.ArgumentList.Add(word);
        }

        configure(start, port);
        var began = Stopwatch.GetTimestamp();
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        while (!Answers(port))
        {
            if (process.HasExited)
            {
                throw new InvalidOperationException($"{program} ended: {await errors} {await output}");
            }
        }

        var elapsed = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        var processor = ProcessorMilliseconds(process.Id);
        var peak = PeakMebibytes(process.Id);
        process.Kill();
        await process.WaitForExitAsync();
        return (elapsed, processor, peak);
    }

    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted[sorted.Length / 2];
    }

    private static bool Answers(int port)
    {
        try
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Connect(IPAddress.Loopback, port);
            socket.Send(Probe);
            Span<byte> answer = stackalloc byte[16];
            var got = socket.Receive(answer);
            return got >= 12 && answer[9..12].SequenceEqual("200"u8);
        }
        catch (SocketException)
        {
            // Nobody listens yet. A millisecond's pause, so that the watcher does not take the processor that it measures.
            Thread.Sleep(1);
            return false;
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>What all threads ran, in nanoseconds (proc(5), schedstat); steadier than wall time on a machine that others use too.</summary>
    private static double ProcessorMilliseconds(int pid) =>
        Directory.GetDirectories($"/proc/{pid}/task").Sum(task => double.Parse(File.ReadAllText($"{task}/schedstat").Split(' ')[0], CultureInfo.InvariantCulture)) / 1e6;

    private static double PeakMebibytes(int pid)
    {
        var line = File.ReadLines($"/proc/{pid}/status").First(text => text.StartsWith("VmHWM:", StringComparison.Ordinal));
        return double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024;
    }
}
