using System.Diagnostics;
using System.Text;

namespace Gtc.EndToEnd.Tests;

/// <summary>The published executable, run as a person runs it.</summary>
internal sealed class GtcExecutable(string home, string? name = null)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>The single file: GTC_EXECUTABLE, else artifacts/gtc.</summary>
    public static string Path { get; } = Find();

    /// <summary>Where this person's files are.</summary>
    public string Home => home;

    public string StoreRoot => System.IO.Path.Combine(home, ".greentic", "environments");

    public string Local => System.IO.Path.Combine(StoreRoot, "local");

    /// <summary>What the environment says besides.</summary>
    public Dictionary<string, string> Variables { get; init; } = new(StringComparer.Ordinal);

    /// <summary>Runs to the end.</summary>
    public async Task<Finished> RunAsync(params string[] words)
    {
        using var process = Start(words);
        var output = process.StandardOutput.ReadToEndAsync(Token);
        var errors = process.StandardError.ReadToEndAsync(Token);
        await process.WaitForExitAsync(Token).WaitAsync(Patience, Token);
        return new Finished(process.ExitCode, await output, await errors);
    }

    /// <summary>Starts a worker and waits for its banner.</summary>
    public Task<RunningWorker> StartWorkerAsync(params string[] words) => StartWorkerAsync(words, []);

    /// <summary>Starts a worker with variables and waits for its banner.</summary>
    public async Task<RunningWorker> StartWorkerAsync(string[] words, Dictionary<string, string> variables)
    {
        var process = Start(["start", .. words], start =>
        {
            start.Environment["PORT"] = "0";
            foreach (var (name, value) in variables)
            {
                start.Environment[name] = value;
            }
        });
        var errors = new StringBuilder();
        process.ErrorDataReceived += (_, line) =>
        {
            lock (errors)
            {
                errors.AppendLine(line.Data);
            }
        };
        process.BeginErrorReadLine();
        while (await process.StandardOutput.ReadLineAsync(Token).AsTask().WaitAsync(Patience, Token) is { } line)
        {
            if (line.EndsWith("Press Ctrl+C to stop.", StringComparison.Ordinal))
            {
                return new RunningWorker(process, line);
            }
        }

        await process.WaitForExitAsync(Token);
        lock (errors)
        {
            throw new InvalidOperationException($"The worker ended with {process.ExitCode}: {errors}");
        }
    }

    /// <summary>Starts a process; the caller ends it.</summary>
    public Process Start(string[] words, Action<ProcessStartInfo>? configure = null)
    {
        var start = new ProcessStartInfo(name ?? Path) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true, WorkingDirectory = home };
        foreach (var word in words)
        {
            start.ArgumentList.Add(word);
        }

        start.Environment["HOME"] = home;
        foreach (var variable in (string[])["GTC_OPERATOR_KEY_PATH", "GREENTIC_ENV", "GREENTIC_STORE_ROOT", "GREENTIC_REVISION_ID", "PORT", "NO_COLOR"])
        {
            start.Environment.Remove(variable);
        }

        foreach (var (variable, value) in Variables)
        {
            start.Environment[variable] = value;
        }

        configure?.Invoke(start);
        var process = Process.Start(start)!;
        process.StandardInput.Close();
        return process;
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static string Find()
    {
        var path = System.Environment.GetEnvironmentVariable("GTC_EXECUTABLE") ?? System.IO.Path.Combine(Repository.Root, "artifacts", "gtc");
        return File.Exists(path) ? path : throw new FileNotFoundException("The executable is not built; run ./build first.", path);
    }
}

/// <summary>How a run ended.</summary>
internal sealed record Finished(int ExitCode, string Output, string Errors);

/// <summary>A worker that listens.</summary>
internal sealed class RunningWorker(Process process, string banner) : IAsyncDisposable
{
    public string Banner => banner;

    public int ProcessId => process.Id;

    public Uri Address { get; } = AddressIn(banner);

    public async Task<(int Status, string Body)> PostAsync(string body)
    {
        using var client = new HttpClient { BaseAddress = Address };
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var answer = await client.PostAsync("/", content, TestContext.Current.CancellationToken);
        return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    public async Task<string> GetAsync(string path)
    {
        using var client = new HttpClient { BaseAddress = Address };
        return await client.GetStringAsync(path, TestContext.Current.CancellationToken);
    }

    /// <summary>Ends it at once, as kill -9 does.</summary>
    public void Kill() => process.Kill();

    public async Task<int> WaitForExitAsync()
    {
        await process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        return process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
        {
            process.Kill();
        }

        await process.WaitForExitAsync(CancellationToken.None);
        process.Dispose();
    }

    private static Uri AddressIn(string banner)
    {
        var text = banner[banner.IndexOf("http://", StringComparison.Ordinal)..];
        return new Uri(text[..text.IndexOfAny([' ', '.'], text.LastIndexOf(':'))]);
    }
}
