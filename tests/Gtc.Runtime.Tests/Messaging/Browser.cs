using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Gtc.Runtime.Tests.Messaging;

/// <summary>Debian's Chromium without a window, driven over its DevTools protocol: one page.</summary>
internal sealed class Browser : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly Process _process;
    private readonly DirectoryInfo _profile;
    private readonly ClientWebSocket _socket = new();
    private readonly ConcurrentDictionary<int, TaskCompletionSource<JsonElement>> _waiting = new();
    private readonly ConcurrentQueue<string> _complaints = new();
    private readonly CancellationTokenSource _over = new();
    private Task _reading = Task.CompletedTask;
    private int _lastId;

    private Browser(Process process, DirectoryInfo profile) => (_process, _profile) = (process, profile);

    /// <summary>What the page complained about: exceptions, and what its policy forbids.</summary>
    public IReadOnlyList<string> Complaints => [.. _complaints];

    /// <summary>Starts it; the test is skipped where there is none.</summary>
    public static async Task<Browser> StartAsync()
    {
        var profile = Directory.CreateTempSubdirectory("gtc-chromium-");
        var start = new ProcessStartInfo("chromium", [
            "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-background-networking", "--disable-component-update",
            "--disable-sync", "--hide-scrollbars", "--window-size=900,900", "--remote-debugging-port=0", $"--user-data-dir={profile.FullName}", "about:blank",
        ])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        Process process;
        try
        {
            process = Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            profile.Delete(recursive: true);
            Assert.Skip("chromium is not on this machine (eng/install-test-servers installs it)");
            throw;
        }

        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
        var browser = new Browser(process, profile);
        try
        {
            await browser.ConnectAsync();
            return browser;
        }
        catch
        {
            await browser.DisposeAsync();
            throw;
        }
    }

    public async Task OpenAsync(Uri page)
    {
        await CallAsync("Page.navigate", new() { ["url"] = page.ToString() });
        await HoldsAsync($"document.readyState === 'complete' && location.href.startsWith('{page}')");
    }

    /// <summary>What an expression is worth, as text.</summary>
    public async Task<string> AskAsync(string expression)
    {
        var answer = await CallAsync("Runtime.evaluate", new() { ["expression"] = $"String({expression})", ["returnByValue"] = true });
        return answer.TryGetProperty("exceptionDetails", out var thrown)
            ? throw new InvalidOperationException(thrown.GetRawText())
            : answer.GetProperty("result").GetProperty("value").GetString()!;
    }

    /// <summary>Waits until an expression is true.</summary>
    public Task HoldsAsync(string expression) => Eventually.HoldsAsync(async () => await AskAsync(expression) == "true");

    public Task TypeAsync(string text) => CallAsync("Input.insertText", new() { ["text"] = text });

    public async Task PressAsync(string key, int code)
    {
        foreach (var type in (string[])["keyDown", "keyUp"])
        {
            await CallAsync("Input.dispatchKeyEvent", new()
            {
                ["type"] = type,
                ["key"] = key,
                ["code"] = key,
                ["windowsVirtualKeyCode"] = code,
                ["text"] = type == "keyDown" && key == "Enter" ? "\r" : string.Empty,
            });
        }
    }

    /// <summary>Clicks in the middle of an element with the mouse.</summary>
    public async Task ClickAsync(string element)
    {
        var place = JsonElement.Parse(await AskAsync(
            $"(() => {{ const e = {element}; e.scrollIntoView({{ block: 'center', behavior: 'instant' }}); const r = e.getBoundingClientRect(); return JSON.stringify([r.x + r.width / 2, r.y + r.height / 2]); }})()"));
        foreach (var type in (string[])["mousePressed", "mouseReleased"])
        {
            await CallAsync("Input.dispatchMouseEvent", new() { ["type"] = type, ["x"] = place[0].GetDouble(), ["y"] = place[1].GetDouble(), ["button"] = "left", ["clickCount"] = 1 });
        }
    }

    /// <summary>Shows pages to somebody who likes it dark, or light. Nothing moves, so that pictures are of what stays.</summary>
    public Task PreferAsync(string scheme) => CallAsync("Emulation.setEmulatedMedia", new()
    {
        ["features"] = new JsonArray(
            new JsonObject { ["name"] = "prefers-color-scheme", ["value"] = scheme }, new JsonObject { ["name"] = "prefers-reduced-motion", ["value"] = "reduce" }),
    });

    /// <summary>Keeps a picture of the page below <c>artifacts/</c>.</summary>
    public async Task PictureAsync(string name)
    {
        var folder = Directory.CreateDirectory(Path.Combine(Repository.Root, "artifacts", "chat"));
        var picture = (await CallAsync("Page.captureScreenshot", new() { ["format"] = "png" })).GetProperty("data").GetBytesFromBase64();
        await File.WriteAllBytesAsync(Path.Combine(folder.FullName, $"{name}.png"), picture, Token);
    }

    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        await _reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _socket.Dispose();
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
        _over.Dispose();
        try
        {
            _profile.Delete(recursive: true);
        }
        catch (IOException)
        {
            // A helper of the browser may still write; the folder is a temporary one.
        }
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private async Task ConnectAsync()
    {
        var file = Path.Combine(_profile.FullName, "DevToolsActivePort");
        await Eventually.HoldsAsync(() => _process.HasExited || (File.Exists(file) && File.ReadAllLines(file).Length > 1));
        _process.HasExited.ShouldBeFalse("chromium ended before it listened");
        var port = (await File.ReadAllLinesAsync(file, Token))[0];
        using var client = new HttpClient();
        var pages = JsonElement.Parse(await client.GetStringAsync(new Uri($"http://127.0.0.1:{port}/json/list"), Token));
        var page = pages.EnumerateArray().First(target => target.GetProperty("type").GetString() == "page").GetProperty("webSocketDebuggerUrl").GetString()!;
        await _socket.ConnectAsync(new Uri(page), Token);
        _reading = ReadAsync();
        foreach (var domain in (string[])["Page.enable", "Runtime.enable", "Log.enable"])
        {
            await CallAsync(domain, []);
        }

        await PreferAsync("light");
    }

    private async Task<JsonElement> CallAsync(string method, JsonObject parameters)
    {
        var id = Interlocked.Increment(ref _lastId);
        var answer = _waiting[id] = new TaskCompletionSource<JsonElement>(TaskCreationOptions.RunContinuationsAsynchronously);
        var call = new JsonObject { ["id"] = id, ["method"] = method, ["params"] = parameters };
        await _socket.SendAsync(Encoding.UTF8.GetBytes(call.ToJsonString()), WebSocketMessageType.Text, endOfMessage: true, Token);
        return await answer.Task.WaitAsync(Patience, Token);
    }

    private async Task ReadAsync()
    {
        var buffer = new byte[64 << 10];
        using var message = new MemoryStream();
        while (!_over.IsCancellationRequested)
        {
            var part = await _socket.ReceiveAsync(buffer.AsMemory(), _over.Token);
            message.Write(buffer, 0, part.Count);
            if (part.EndOfMessage)
            {
                Take(JsonElement.Parse(message.GetBuffer().AsSpan(0, (int)message.Length)));
                message.SetLength(0);
            }
        }
    }

    private void Take(JsonElement message)
    {
        if (message.TryGetProperty("id", out var id) && _waiting.TryRemove(id.GetInt32(), out var waiting))
        {
            if (message.TryGetProperty("error", out var error))
            {
                waiting.SetException(new InvalidOperationException(error.GetRawText()));
            }
            else
            {
                waiting.SetResult(message.GetProperty("result"));
            }
        }
        else if (message.TryGetProperty("method", out var method) && method.GetString() is "Runtime.exceptionThrown" or "Log.entryAdded")
        {
            _complaints.Enqueue(message.GetRawText());
        }
    }
}
