using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;

namespace Gtc.Podman;

public sealed partial class PodmanClient
{
    private const long NanosPerSecond = 1_000_000_000;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    /// <summary>
    /// What happens to containers from now on, until it is cancelled. A lost stream is opened again where it ended, so that an event is not missed while podman keeps it; nor is one told twice.
    /// </summary>
    public async IAsyncEnumerable<ContainerEvent> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var last = _time.GetUtcNow().ToUnixTimeSeconds() * NanosPerSecond;
        var pause = FirstPause;
        while (!cancellationToken.IsCancellationRequested)
        {
            await foreach (var seen in OnceAsync(last, cancellationToken))
            {
                if (seen.TimeNanos > last)
                {
                    last = seen.TimeNanos;
                    pause = FirstPause;
                    yield return seen;
                }
            }

            await Task.Delay(pause, _time, cancellationToken);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }

    /// <summary>
    /// A container's output. The stream ends with the container, or after what there is when it is not followed.
    /// An error is the last element.
    /// </summary>
    public async IAsyncEnumerable<PodmanResult<LogLine>> LogsAsync(string name, LogQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        var path = $"containers/{Escape(name)}/logs?stdout=true&stderr=true&timestamps=true&follow={(query.Follow ? "true" : "false")}"
            + (query.Tail is { } tail ? $"&tail={Number(tail)}" : "")
            + (query.Since is { } since ? $"&since={Escape(since.ToString("O", CultureInfo.InvariantCulture))}" : "");
        if (!(await _transport.OpenAsync(new(HttpMethod.Get, path), cancellationToken)).TryGet(out var response, out var error))
        {
            yield return error;
            yield break;
        }

        using (response)
        {
            await foreach (var frame in GuardedAsync(response, StreamLines.FramesAsync, cancellationToken))
            {
                yield return frame.TryGet(out var line, out var lost) ? Line(line.IsError, line.Text) : lost;
            }
        }
    }

    private static LogLine Line(bool isError, byte[] frame)
    {
        var text = Encoding.UTF8.GetString(frame).TrimEnd('\r', '\n');
        var space = text.IndexOf(' ', StringComparison.Ordinal);
        var stamp = space < 0 ? text : text[..space];
        return DateTimeOffset.TryParse(stamp, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? new(isError, time, space < 0 ? "" : text[(space + 1)..])
            : new(isError, null, text);
    }

    private async IAsyncEnumerable<ContainerEvent> OnceAsync(long afterNanos, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // Whole seconds only; what was seen of that second is left out by the caller.
        var path = $"events?stream=true&since={Number(afterNanos / NanosPerSecond)}&" + Filters("type", ["container"]);
        if (!(await _transport.OpenAsync(new(HttpMethod.Get, path), cancellationToken)).TryGet(out var response, out _))
        {
            yield break;
        }

        using (response)
        {
            await foreach (var line in GuardedAsync(response, StreamLines.LinesAsync, cancellationToken))
            {
                if (line.TryGet(out var bytes, out _) && Event(bytes) is { } seen)
                {
                    yield return seen;
                }
            }
        }
    }

    private static ContainerEvent? Event(byte[] line)
    {
        try
        {
            var read = JsonSerializer.Deserialize(line, PodmanJson.Default.EventLine);
            if (read is not { Action: { } action, Actor.Attributes: { } attributes } || !attributes.TryGetValue("name", out var name))
            {
                return null;
            }

            _ = int.TryParse(attributes.GetValueOrDefault("containerExitCode"), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var exitCode);
            return new(action, name, exitCode, read.TimeNano);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The parts of a stream; a lost connection is the last of them, as an error.</summary>
    private async IAsyncEnumerable<PodmanResult<T>> GuardedAsync<T>(
        HttpResponseMessage response,
        Func<Stream, CancellationToken, IAsyncEnumerable<T>> split,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var parts = split(await response.Content.ReadAsStreamAsync(cancellationToken), cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (true)
        {
            PodmanResult<T> next;
            try
            {
                if (!await parts.MoveNextAsync())
                {
                    yield break;
                }

                next = parts.Current;
            }
            catch (Exception lost) when (PodmanTransport.IsExpected(lost, cancellationToken))
            {
                next = _transport.Explain(lost, TimeSpan.Zero);
            }

            yield return next;
            if (next.Error is not null)
            {
                yield break;
            }
        }
    }
}
