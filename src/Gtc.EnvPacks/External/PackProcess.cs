using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gtc.Model;

namespace Gtc.EnvPacks;

/// <summary>
/// One running program of an env-pack: JSON lines on its standard input and output, one call at a time, each with a deadline. What it writes
/// on standard error is its log. A program that breaks the protocol is killed.
/// </summary>
public sealed class PackProcess : IAsyncDisposable
{
    /// <summary>The version of the protocol.</summary>
    public const int Protocol = 1;

    /// <summary>The most bytes of one line.</summary>
    public const int MaxLine = 4 * 1024 * 1024;

    /// <summary>The most progress lines of one call.</summary>
    public const int MaxProgress = 10_000;

    /// <summary>How much of the log is kept, in characters.</summary>
    public const int MaxLog = 64 * 1024;

    private const int MaxMessage = 1000;

    private readonly Process _process;
    private readonly BoundedLines _lines;
    private readonly TimeProvider _time;
    private readonly StringBuilder _log = new();
    private readonly Task _logging;
    private readonly CancellationTokenSource _stop = new();
    private long _calls;

    private PackProcess(Process process, TimeProvider time)
    {
        _process = process;
        _time = time;
        _lines = new(process.StandardOutput.BaseStream, MaxLine);
        _logging = LogAsync(process.StandardError, _stop.Token);
    }

    /// <summary>The start of what it wrote on standard error.</summary>
    public string Log
    {
        get
        {
            lock (_log)
            {
                return _log.ToString();
            }
        }
    }

    /// <summary>Starts a pack's program in its folder, with nothing of this process's environment but what its manifest asks for, and greets it.</summary>
    /// <param name="folder">The pack's folder; its signature is verified already.</param>
    /// <param name="manifest">Its manifest.</param>
    /// <param name="variable">Reads a variable of this process.</param>
    /// <param name="time">Measures deadlines.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public static async Task<Outcome<PackProcess>> StartAsync(
        string folder, PackManifest manifest, Func<string, string?> variable, TimeProvider time, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        ArgumentNullException.ThrowIfNull(variable);
        var program = Path.Combine(folder, manifest.Executable);
        var start = new ProcessStartInfo(program) { WorkingDirectory = folder, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment.Clear();
        foreach (var name in manifest.Permissions.Variables.Append("PATH").Append("LANG").Distinct())
        {
            if (variable(name) is { } value)
            {
                start.Environment[name] = value;
            }
        }

        Process process;
        try
        {
            process = Process.Start(start)!;
        }
        catch (Win32Exception error)
        {
            return new Refusal.Conflict($"{manifest.Executable} of env-pack {manifest.Kind} cannot be started: {error.Message}");
        }

        var pack = new PackProcess(process, time);
        if (await pack.GreetAsync(manifest, cancellationToken) is { } refusal)
        {
            await pack.DisposeAsync();
            return refusal;
        }

        return pack;
    }

    /// <summary>Calls a method.</summary>
    /// <param name="method">The method.</param>
    /// <param name="parameters">Its parameters.</param>
    /// <param name="progress">Told every progress line; null when nobody listens.</param>
    /// <param name="cancellationToken">Kills the program.</param>
    /// <returns>The result, or <see cref="Refusal.Conflict"/> with what the pack said or what it did wrong.</returns>
    public async Task<Outcome<JsonElement>> CallAsync(PackMethod method, JsonObject parameters, Action<JsonElement>? progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(method);
        using var deadline = new CancellationTokenSource(method.Deadline, _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        var id = ++_calls;
        try
        {
            var line = new JsonObject { ["id"] = id, ["method"] = method.Name, ["params"] = parameters }.ToJsonString();
            await _process.StandardInput.BaseStream.WriteAsync(Encoding.UTF8.GetBytes(line + "\n"), both.Token);
            await _process.StandardInput.BaseStream.FlushAsync(both.Token);
            return await AnswerAsync(method, id, progress, both.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Broken(method, $"it did not answer within {method.Deadline.TotalSeconds:0} s");
        }
        catch (Exception error) when (error is IOException or JsonException or InvalidDataException)
        {
            return Broken(method, error is JsonException ? "a line is no JSON object of the protocol" : error.Message.TrimEnd('.'));
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        await _stop.CancelAsync();
        await _logging;
        _process.Dispose();
        _stop.Dispose();
    }

    private async Task<Refusal?> GreetAsync(PackManifest manifest, CancellationToken cancellationToken)
    {
        var answer = await CallAsync(PackMethod.Hello, new JsonObject { ["protocol"] = Protocol }, null, cancellationToken);
        if (!answer.TryGet(out var result, out var refusal))
        {
            return refusal;
        }

        var hello = ReadHello(result);
        return hello is { Protocol: Protocol } && hello.Kind == manifest.Kind.ToString()
            ? null
            : Broken(PackMethod.Hello, $"it answered protocol {hello?.Protocol} and kind `{hello?.Kind}`; {Protocol} and `{manifest.Kind}` were expected");
    }

    private static PackHello? ReadHello(JsonElement result)
    {
        try
        {
            return result.Deserialize(EnvPackJson.Default.PackHello);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private async Task<Outcome<JsonElement>> AnswerAsync(PackMethod method, long id, Action<JsonElement>? progress, CancellationToken cancellationToken)
    {
        for (var count = 0; count <= MaxProgress; count++)
        {
            if (await _lines.ReadAsync(cancellationToken) is not { } line)
            {
                return Broken(method, "it ended before it answered");
            }

            var message = JsonElement.Parse(line.Span, new JsonDocumentOptions { MaxDepth = 64, AllowDuplicateProperties = false });
            if (message.ValueKind != JsonValueKind.Object || !message.TryGetProperty("id", out var of) || of.ValueKind != JsonValueKind.Number || !of.TryGetInt64(out var number) || number != id)
            {
                return Broken(method, $"it answered something else than call {id}");
            }

            if (message.TryGetProperty("result", out var result))
            {
                return result;
            }

            if (message.TryGetProperty("error", out var error))
            {
                return new Refusal.Conflict($"{method.Name}: {Text(error)}");
            }

            if (!message.TryGetProperty("progress", out var step))
            {
                return Broken(method, "a line has neither result nor error nor progress");
            }

            progress?.Invoke(step);
        }

        return Broken(method, $"it sent more than {MaxProgress} progress lines");
    }

    private static string Text(JsonElement error)
    {
        var text = error.ValueKind == JsonValueKind.Object && error.TryGetProperty("message", out var message) && message.ValueKind == JsonValueKind.String
            ? message.GetString()!
            : "the env-pack refused without a message";
        return Clean(text);
    }

    /// <summary>A sentence of the pack as it may stand in an error: one line, bounded.</summary>
    private static string Clean(string text) => new string([.. text.Take(MaxMessage).Where(character => !char.IsControl(character))]).TrimEnd('.');

    private Refusal.Conflict Broken(PackMethod method, string why)
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        return new($"the env-pack broke the protocol at `{method.Name}`: {why}")
        {
            Details = Log.Trim() is { Length: > 0 } log ? [new("its log", Clean(log.Split('\n')[^1]))] : [],
        };
    }

    private async Task LogAsync(StreamReader reader, CancellationToken cancellationToken)
    {
        var buffer = new char[4096];
        try
        {
            while (await reader.ReadAsync(buffer, cancellationToken) is var read && read > 0)
            {
                lock (_log)
                {
                    _log.Append(buffer, 0, Math.Min(read, MaxLog - _log.Length));
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The program was killed; what it said so far is kept.
        }
    }
}
