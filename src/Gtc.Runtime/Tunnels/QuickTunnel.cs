using System.ComponentModel;
using System.Diagnostics;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Gtc.Model;
using Microsoft.Extensions.Logging;

namespace Gtc.Runtime;

/// <summary>
/// A way in from outside without an address of one's own: <c>cloudflared</c> runs beside the worker and prints the URL that leads here
/// (worker-runtime.md §3). It is started again when it ends; the worker serves with it and without it.
/// </summary>
/// <param name="binary">The program, a path or a name on PATH.</param>
/// <param name="options">The clock, and where banners go.</param>
/// <param name="logger">Where it is told.</param>
internal sealed partial class QuickTunnel(string binary, WorkerOptions options, ILogger logger)
{
    private const int WindowLength = 4096;

    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(60);

    private readonly TunnelRecord _record = new(options, logger);
    private volatile string? _url;
    private volatile string? _problem;

    /// <summary>Where callers from outside come in; null while there is no way in.</summary>
    public string? Url => _url;

    /// <summary>Why there is none, or null.</summary>
    public string? Problem => _problem;

    /// <summary>Keeps it open until it is stopped.</summary>
    /// <param name="worker">Where the worker listens.</param>
    /// <param name="opened">Called when there is a way in.</param>
    /// <param name="stop">Ends it.</param>
    public async Task RunAsync(IPEndPoint worker, Action opened, CancellationToken stop)
    {
        var target = $"http://{(IPAddress.Any.Equals(worker.Address) ? IPAddress.Loopback : worker.Address)}:{worker.Port}";
        var pause = FirstPause;
        while (!stop.IsCancellationRequested)
        {
            var why = await OpenAsync(target, opened, stop);
            pause = _url is null ? pause : FirstPause;
            _url = null;
            await _record.RemoveAsync();
            if (stop.IsCancellationRequested)
            {
                return;
            }

            _problem = $"no tunnel is open: {why}";
            Log.Closed(logger, why, pause.TotalSeconds);
            await Task.Delay(pause, options.Time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }

    /// <returns>Why it ended.</returns>
    private async Task<string> OpenAsync(string target, Action opened, CancellationToken stop)
    {
        var start = new ProcessStartInfo(binary, ["tunnel", "--no-autoupdate", "--url", target]) { RedirectStandardError = true, RedirectStandardOutput = true, RedirectStandardInput = true };
        try
        {
            using var process = Process.Start(start)!;
            process.StandardInput.Close();
            try
            {
                await Task.WhenAll(process.StandardOutput.BaseStream.CopyToAsync(Stream.Null, stop), ReadAsync(process.StandardError, opened, stop));
                await process.WaitForExitAsync(stop);
                return $"{binary} ended with {process.ExitCode}";
            }
            catch (OperationCanceledException)
            {
                process.Kill(entireProcessTree: true);
                await process.WaitForExitAsync(CancellationToken.None);
                return "the worker stops";
            }
        }
        catch (Win32Exception error)
        {
            return $"{binary} cannot be started: {error.Message}";
        }
    }

    /// <summary>Reads what it says to its end; only the last part is kept, and only until the URL was seen.</summary>
    private async Task ReadAsync(StreamReader says, Action opened, CancellationToken stop)
    {
        var window = new StringBuilder();
        var buffer = new char[1024];
        while (await says.ReadAsync(buffer, stop) is var read and > 0)
        {
            if (_url is not null)
            {
                continue;
            }

            window.Append(buffer, 0, read);
            window.Remove(0, Math.Max(0, window.Length - WindowLength));
            if (Address().Match(window.ToString()) is { Success: true } found)
            {
                _problem = null;
                _url = found.Value;
                Log.Opened(logger, found.Value);
                opened();
                await _record.WriteAsync(found.Value, stop);
                await options.Banners.WriteLineAsync(TunnelBanner.Of(found.Value));
                await options.Banners.FlushAsync(stop);
            }
        }
    }

    // The host `api` is the service's own, which it names when it fails. What follows the name shows that the name is whole.
    [GeneratedRegex(@"https://(?!api\.)[a-z0-9-]+\.trycloudflare\.com(?=[\s|/])")]
    private static partial Regex Address();

    private static partial class Log
    {
        [LoggerMessage(4771, LogLevel.Information, "A tunnel is open: {Url}")]
        public static partial void Opened(ILogger logger, string url);

        [LoggerMessage(4772, LogLevel.Warning, "No tunnel is open: {Reason}; tried again in {Seconds} s")]
        public static partial void Closed(ILogger logger, string reason, double seconds);
    }
}
