using System.Diagnostics;
using System.Globalization;
using System.Net.WebSockets;
using System.Text;
using System.Text.RegularExpressions;

namespace Gtc.EndToEnd.Tests.Router;

/// <summary>GTC_ROUTER_SECONDS sets how long the traffic runs; 10 when not given.</summary>
public sealed partial class Traffic_survives_dial_and_death : IAsyncDisposable
{
    private readonly FreshHome _home = new();
    private readonly Backend _old = new("old");
    private readonly Backend _new = new("new");
    private int _kills;
    private int _turns;
    private int _streams;

    [Fact]
    public async Task No_request_fails_and_no_stream_breaks_that_no_dead_backend_cut()
    {
        var seconds = int.Parse(Environment.GetEnvironmentVariable("GTC_ROUTER_SECONDS") ?? "10", CultureInfo.InvariantCulture);
        await Task.WhenAll(_old.StartAsync(), _new.StartAsync());
        await TurnAsync(50);
        await using var router = await RunningRouter.StartAsync(_home.Gtc, "--config", Config);
        using var wrk = Process.Start(new ProcessStartInfo("wrk", ["-t1", "-c32", $"-d{seconds}s", "--timeout", "5s", "--latency", $"http://{router.Address}/"]) { RedirectStandardOutput = true })!;
        var report = wrk.StandardOutput.ReadToEndAsync(Token);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(Token);
        over.CancelAfter(TimeSpan.FromSeconds(seconds - 1));
        var broken = await Task.WhenAll(
            SocketsAsync(router.Address, over.Token), EventsAsync(router.Address, over.Token), UntilOverAsync(TurnDialAsync, over.Token), UntilOverAsync(KillAsync, over.Token));
        broken.SelectMany(each => each).ShouldBeEmpty();
        var text = await report;
        TestContext.Current.TestOutputHelper?.WriteLine($"{_turns} turns, {_kills} kills, {_streams} streams\n{text}\n{router.Errors[^Math.Min(300, router.Errors.Length)..]}");
        text.ShouldNotContain("Non-2xx");
        text.ShouldNotContain("Socket errors");
        Requests().Match(text).Groups[1].Value.Length.ShouldBeGreaterThan(2);
        (_turns, _kills).ShouldSatisfyAllConditions(counts => counts._turns.ShouldBeGreaterThan(seconds * 5), counts => counts._kills.ShouldBeGreaterThanOrEqualTo(seconds / 4));

        await TurnAsync(0);
        await RunningRouter.UntilAsync(async () => (await NamesAsync(router)).All(name => name == "old"));
        (await NamesAsync(router)).ShouldAllBe(name => name == "old");
        await RunningRouter.UntilAsync(async () => (await router.StatusAsync())["backends"]!.AsArray().Sum(backend => backend!["in_flight"]!.GetValue<long>()) == 0);
    }

    public async ValueTask DisposeAsync()
    {
        await _old.DisposeAsync();
        await _new.DisposeAsync();
        _home.Dispose();
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Config => _home.PathTo("router.json");

    [GeneratedRegex("([0-9]+) requests in")]
    private static partial Regex Requests();

    private static async Task<string[]> NamesAsync(RunningRouter router) =>
        await Task.WhenAll(Enumerable.Range(0, 40).Select(async _ => (await router.GetAsync()).Name.Split(' ')[0]));

    private async Task TurnAsync(int @new)
    {
        await File.WriteAllTextAsync($"{Config}.new", RunningRouter.Config($"stable={100 - @new}@{_old.Address}", $"next={@new}@{_new.Address}"), Token);
        File.Move($"{Config}.new", Config, overwrite: true);
    }

    private async Task<List<string>> TurnDialAsync(CancellationToken over)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (true)
        {
            await timer.WaitForNextTickAsync(over);
            await TurnAsync((++_turns * 37) % 101);
        }
    }

    private async Task<List<string>> KillAsync(CancellationToken over)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(2));
        while (true)
        {
            await timer.WaitForNextTickAsync(over);
            var victim = ++_kills % 2 == 0 ? _old : _new;
            await victim.KillAsync();
            await victim.StartAsync();
        }
    }

    private static async Task<List<string>> UntilOverAsync(Func<CancellationToken, Task<List<string>>> run, CancellationToken over)
    {
        try
        {
            return await run(over);
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested)
        {
            return [];
        }
    }

    /// <summary>A WebSocket that echoes, opened again when it ends. What ends for another reason than a killed backend is broken.</summary>
    private Task<List<string>> SocketsAsync(string address, CancellationToken over) => StreamsAsync("socket", async told =>
    {
        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(new Uri($"ws://{address}/socket"), over);
        var buffer = new byte[256];
        told(Encoding.UTF8.GetString(buffer, 0, (await socket.ReceiveAsync(buffer, over)).Count));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (await timer.WaitForNextTickAsync(over))
        {
            await socket.SendAsync("ping"u8.ToArray(), WebSocketMessageType.Text, true, over);
            if ((await socket.ReceiveAsync(buffer, over)).MessageType == WebSocketMessageType.Close)
            {
                return;
            }
        }
    }, over);

    private Task<List<string>> EventsAsync(string address, CancellationToken over) => StreamsAsync("events", async told =>
    {
        using var client = new HttpClient();
        await using var stream = await client.GetStreamAsync(new Uri($"http://{address}/events"), over);
        using var reader = new StreamReader(stream);
        while (await reader.ReadLineAsync(over) is { } line)
        {
            if (line.Length > 0)
            {
                told(line["data: ".Length..]);
            }
        }
    }, over);

    private async Task<List<string>> StreamsAsync(string kind, Func<Action<string>, Task> stream, CancellationToken over)
    {
        var broken = new List<string>();
        while (true)
        {
            var from = "nobody";
            var why = "ended";
            try
            {
                await stream(told => from = told);
            }
            catch (OperationCanceledException) when (over.IsCancellationRequested)
            {
                return broken;
            }
            catch (Exception error) when (error is WebSocketException or HttpRequestException or IOException)
            {
                why = error.ToString();
            }

            Interlocked.Increment(ref _streams);
            if (!Backend.Killed.ContainsKey(from.Split(' ')[^1]))
            {
                broken.Add($"{kind} from {from}: {why}");
            }
        }
    }
}
