using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace Gtc.EndToEnd.Tests.Router;

/// <summary><c>gtc router</c> as a process, and a client of it.</summary>
internal sealed class RunningRouter : IAsyncDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _errors = new();

    private RunningRouter(Process process, JsonNode result)
    {
        _process = process;
        Address = result["address"]!.GetValue<string>();
        Admin = result["admin"]?.GetValue<string>();
        Client = new HttpClient(new SocketsHttpHandler { UseCookies = false }) { BaseAddress = new Uri($"http://{Address}") };
        process.ErrorDataReceived += (_, line) =>
        {
            lock (_errors)
            {
                _errors.AppendLine(line.Data);
            }
        };
        process.BeginErrorReadLine();
    }

    public string Address { get; }

    public string? Admin { get; }

    public HttpClient Client { get; }

    public Process Process => _process;

    public string Errors
    {
        get
        {
            lock (_errors)
            {
                return _errors.ToString();
            }
        }
    }

    public static async Task<RunningRouter> StartAsync(GtcExecutable gtc, params string[] words)
    {
        var process = gtc.Start(["router", .. words]);
        var line = await process.StandardOutput.ReadLineAsync(Token).AsTask().WaitAsync(TimeSpan.FromSeconds(30), Token);
        return line is not null ? new RunningRouter(process, JsonNode.Parse(line)!["result"]!) : throw new InvalidOperationException(await process.StandardError.ReadToEndAsync(Token));
    }

    public static string Config(params string[] backends) => $$"""{"listen":"127.0.0.1:0","admin":"127.0.0.1:0","no_caller_cookie":true,"backend":[{{string.Join(',', backends.Select(backend => $"\"{backend}\""))}}]}""";

    /// <summary>What answers, and the response's fields.</summary>
    public async Task<(string Name, HttpResponseMessage Response)> GetAsync(string path = "/", params string[] fields)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        foreach (var field in fields)
        {
            request.Headers.TryAddWithoutValidation(field[..field.IndexOf(':')], field[(field.IndexOf(':') + 2)..]).ShouldBeTrue();
        }

        var response = await Client.SendAsync(request, Token);
        return (await response.Content.ReadAsStringAsync(Token), response);
    }

    /// <summary>How often each name answered.</summary>
    public async Task<Dictionary<string, int>> CountAsync(int requests)
    {
        var counts = new Dictionary<string, int>();
        for (var request = 0; request < requests; request++)
        {
            var (name, _) = await GetAsync();
            counts[name] = counts.GetValueOrDefault(name) + 1;
        }

        return counts;
    }

    public async Task<JsonNode> StatusAsync() => JsonNode.Parse(await Client.GetStringAsync(new Uri($"http://{Admin}/status"), Token))!;

    /// <summary>Ends when something is true, asked every few milliseconds, with a bound.</summary>
    public static async Task UntilAsync(Func<Task<bool>> isTrue)
    {
        var began = Stopwatch.GetTimestamp();
        using var ticks = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (!await isTrue())
        {
            Stopwatch.GetElapsedTime(began).ShouldBeLessThan(TimeSpan.FromMinutes(1));
            await ticks.WaitForNextTickAsync(Token);
        }
    }

    /// <summary>Asks it to end, and says with what it did.</summary>
    public async Task<int> EndAsync()
    {
        using var kill = Process.Start("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        await _process.WaitForExitAsync(Token).WaitAsync(TimeSpan.FromSeconds(45), Token);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
