using System.Globalization;
using System.Text;
using Gtc.Model;

namespace Gtc.Store.Server;

/// <summary>
/// <c>GET …/watch?from=N</c>. Asked for JSON it answers <c>{etag, generation}</c> once the environment is past N, or 204 when that takes too long.
/// Asked for <c>text/event-stream</c> it sends an event for each newest generation, whose id a caller that was cut off sends back as <c>Last-Event-ID</c>.
/// Generations that follow each other quickly may be told as one.
/// </summary>
internal static class WatchRoute
{
    private const int DefaultWait = 30;
    private const int LongestWait = 300;

    /// <summary>A comment on a silent stream, so that whatever stands between does not take it for dead.</summary>
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);

    /// <summary>Answers.</summary>
    public static async Task<Reply> AnswerAsync(ReadCall call)
    {
        if (!call.Number("from", 0, long.MaxValue).TryGet(out var from, out var refusal) || !call.Number("timeout", 0, LongestWait).TryGet(out var wait, out refusal))
        {
            return Reply.Of(Problem.Of(refusal));
        }

        if (!(await call.Storage.ReadAsync(call.Environment, null, call.Request.HttpContext.RequestAborted)).TryGet(out var stored, out refusal))
        {
            return ReadRoutes.Refuse(call.Environment, refusal);
        }

        var present = new WatchedGeneration(stored.Generation, stored.Etag);
        if (!call.Request.Headers.Accept.ToString().Contains("text/event-stream", StringComparison.OrdinalIgnoreCase))
        {
            return present.Generation > (from ?? 0) ? Told(present) : await OnceAsync(call, from ?? 0, TimeSpan.FromSeconds(wait ?? DefaultWait));
        }

        var seen = ulong.TryParse(call.Request.Headers["Last-Event-ID"].ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var last) ? last : from ?? 0;
        return new Reply(200, default) { Streamed = new("text/event-stream", null, (body, stop) => StreamAsync(call, seen, present, body, stop)) };
    }

    private static async Task<Reply> OnceAsync(ReadCall call, ulong from, TimeSpan wait)
    {
        using var late = new CancellationTokenSource(wait, call.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, call.Over, call.Request.HttpContext.RequestAborted);
        call.Meter.Watch(1);
        try
        {
            return Told(await call.Storage.WaitAsync(call.Environment, from, either.Token));
        }
        catch (OperationCanceledException)
        {
            // Too late, or the server stops, or the caller may no longer know: in all cases the caller asks again.
            return new Reply(204, default);
        }
        finally
        {
            call.Meter.Watch(-1);
        }
    }

    private static Reply Told(WatchedGeneration found) => Reply.Object(200, writer =>
    {
        writer.WriteString("etag", found.Etag);
        writer.WriteNumber("generation", found.Generation);
    }) with { Etag = found.Etag };

    private static async Task StreamAsync(ReadCall call, ulong seen, WatchedGeneration present, Stream body, CancellationToken stop)
    {
        call.Meter.Watch(1);
        try
        {
            for (var next = present; ; next = await NextAsync(call, seen, body, stop))
            {
                if (next.Generation <= seen)
                {
                    continue;
                }

                var text = string.Create(CultureInfo.InvariantCulture, $"id: {next.Generation}\nevent: generation\ndata: {{\"etag\":\"{next.Etag}\",\"generation\":{next.Generation}}}\n\n");
                await body.WriteAsync(Encoding.UTF8.GetBytes(text), stop);
                await body.FlushAsync(stop);
                seen = next.Generation;
            }
        }
        catch (OperationCanceledException)
        {
            // The caller left or may no longer know, or the server stops.
        }
        finally
        {
            call.Meter.Watch(-1);
        }
    }

    /// <summary>The next generation; a comment now and then until it is there.</summary>
    private static async Task<WatchedGeneration> NextAsync(ReadCall call, ulong seen, Stream body, CancellationToken stop)
    {
        var next = call.Storage.WaitAsync(call.Environment, seen, stop);
        while (!next.IsCompleted)
        {
            using var done = CancellationTokenSource.CreateLinkedTokenSource(stop);
            await Task.WhenAny(next, Task.Delay(Heartbeat, call.Time, done.Token));
            await done.CancelAsync();
            if (!next.IsCompleted)
            {
                stop.ThrowIfCancellationRequested();
                await body.WriteAsync(":\n\n"u8.ToArray(), stop);
                await body.FlushAsync(stop);
            }
        }

        return await next;
    }
}
