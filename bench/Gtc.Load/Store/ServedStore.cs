using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;

namespace Gtc.Load.Store;

/// <summary>The published <c>gtc store serve</c> as a process of its own, and one HTTP client of it.</summary>
internal sealed partial class ServedStore : IDisposable
{
    private readonly Process _process;
    private int _connections;

    private ServedStore(Process process, Uri address, TimeSpan startTime)
    {
        (_process, StartTime) = (process, startTime);
        Http = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 4096, ConnectCallback = ConnectAsync }) { BaseAddress = address, Timeout = TimeSpan.FromMinutes(2) };
    }

    /// <summary>Speaks to it.</summary>
    public HttpClient Http { get; }

    /// <summary>Each connection is another machine's, as far as the server's limit for one caller is concerned.</summary>
    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Bind(new IPEndPoint(new IPAddress([127, 0, 1, (byte)(1 + (Interlocked.Increment(ref _connections) % 250))]), 0));
        await socket.ConnectAsync(IPAddress.Loopback, context.DnsEndPoint.Port, cancellationToken);
        return new NetworkStream(socket, ownsSocket: true);
    }

    /// <summary>From the start of the process to the first 200 of <c>/readyz</c>.</summary>
    public TimeSpan StartTime { get; }

    /// <summary>Starts it and waits until it is ready.</summary>
    /// <param name="gtc">The executable.</param>
    /// <param name="folder">Where its key lies.</param>
    /// <param name="place"><c>--data FOLDER</c> or <c>--database URL</c>.</param>
    public static async Task<ServedStore> StartAsync(string gtc, string folder, params string[] place)
    {
        var start = new ProcessStartInfo(gtc, ["store", "serve", "--listen", "127.0.0.1:0", "--operator-key", Path.Combine(folder, "operator.pem"), .. place])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var began = Stopwatch.GetTimestamp();
        var process = Process.Start(start)!;
        var errors = new StringBuilder();
        process.ErrorDataReceived += (_, line) => errors.AppendLine(line.Data);
        process.BeginErrorReadLine();
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (Address().Match(line) is { Success: true } match)
            {
                _ = process.StandardOutput.ReadToEndAsync();
                var address = new Uri(match.Value);
                using var probe = new HttpClient { BaseAddress = address };
                using var ready = await probe.GetAsync("readyz");
                ready.EnsureSuccessStatusCode();
                return new ServedStore(process, address, Stopwatch.GetElapsedTime(began));
            }
        }

        throw new InvalidOperationException($"gtc store serve ended: {errors}");
    }

    /// <summary>Resident memory now, in MiB.</summary>
    public double Mebibytes()
    {
        var line = File.ReadLines($"/proc/{_process.Id}/status").First(text => text.StartsWith("VmRSS:", StringComparison.Ordinal));
        return double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024;
    }

    /// <summary>Processor time until now.</summary>
    public TimeSpan Spent()
    {
        _process.Refresh();
        return _process.TotalProcessorTime;
    }

    /// <summary>Makes an environment.</summary>
    public Task CreateAsync(string environment) =>
        ChangeAsync(HttpMethod.Post, "environments", $$$"""{"env_id":"{{{environment}}}","name":"{{{environment}}}","host_config":{"env_id":"{{{environment}}}"}}""");

    /// <summary>One acknowledged change: an environment gets another name.</summary>
    public Task RenameAsync(string environment, string name) => ChangeAsync(HttpMethod.Patch, $"environments/{environment}", $$"""{"name":"{{name}}"}""");

    /// <summary>One change under a key of its own.</summary>
    public async Task ChangeAsync(HttpMethod method, string path, string? body)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.Add("Idempotency-Key", Guid.NewGuid().ToString());
        using var answer = await Http.SendAsync(request);
        if (!answer.IsSuccessStatusCode)
        {
            throw new InvalidOperationException($"{method} {path}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
        }

        await answer.Content.ReadAsByteArrayAsync();
    }

    public void Dispose()
    {
        Http.Dispose();
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    [GeneratedRegex(@"http://127\.0\.0\.1:\d+/")]
    private static partial Regex Address();
}
