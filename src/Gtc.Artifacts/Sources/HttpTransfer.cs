using System.Globalization;
using System.Net;

namespace Gtc.Artifacts.Sources;

/// <summary>Sends a request and returns the final answer, its body unread.</summary>
internal delegate Task<HttpResponseMessage> SendAsk(Ask ask, StallGuard guard);

/// <summary>
/// One GET into a sink that survives cuts: each attempt asks for what is missing (RFC 9110 §14), as long as the source can prove that
/// it still has the same bytes; otherwise it begins anew.
/// </summary>
internal sealed class HttpTransfer(SendAsk send, Ask ask, BundleSink sink, TimeProvider time, IProgress<PullProgress>? progress)
{
    private const long ProgressStep = 1 << 20;

    private string? _validator;
    private long? _total;
    private bool _rangesFail;

    /// <summary>
    /// The bytes are known by their digest, which the caller checks: any range of them is as good as any other, and no validator is needed.
    /// </summary>
    public bool ContentAddressed { get; init; }

    /// <summary>How many bytes there must be, when that is known beforehand.</summary>
    public long? ExpectedBytes { get; init; }

    /// <summary>One attempt; returns when the body is complete.</summary>
    /// <exception cref="FetchException">It is not, and why.</exception>
    public async Task<bool> AttemptAsync(StallGuard guard)
    {
        while (true)
        {
            var resume = sink.Length > 0 && !_rangesFail && (ContentAddressed || _validator is not null);
            if (sink.Length > 0 && !resume)
            {
                await BeginAnewAsync();
            }

            using var response = await send(resume ? Resuming() : ask, guard);
            var end = await AcceptAsync(response, resume);
            await CopyAsync(response, end, guard);
            if (sink.Length == (_total ?? sink.Length))
            {
                progress?.Report(new(sink.Length, _total));
                return true;
            }

            // A server may answer with less than was asked for; anything else that is short was cut.
            if (sink.Length != end)
            {
                throw Interrupted($"the body ended after {sink.Length:N0} of {end:N0} bytes");
            }
        }
    }

    private Ask Resuming()
    {
        List<KeyValuePair<string, string>> headers =
        [
            .. ask.Headers,
            new("Range", string.Create(CultureInfo.InvariantCulture, $"bytes={sink.Length}-")),
        ];
        if (!ContentAddressed)
        {
            headers.Add(new("If-Range", _validator!));
        }

        return ask with { Headers = headers };
    }

    /// <summary>Judges the head of the answer.</summary>
    /// <returns>The offset behind the body's last byte, when it is known.</returns>
    private async Task<long?> AcceptAsync(HttpResponseMessage response, bool resume)
    {
        RequireIdentity(response);
        switch (response.StatusCode)
        {
            case HttpStatusCode.OK:
                if (resume)
                {
                    await BeginAnewAsync();
                }

                _total = response.Content.Headers.ContentLength ?? ExpectedBytes;
                _validator = Validator(response);
                RequireExpected(_total);
                sink.Admit(_total ?? 0);
                return _total;

            case HttpStatusCode.PartialContent when resume:
                return Continue(response);

            case HttpStatusCode.RequestedRangeNotSatisfiable when resume:
                _rangesFail = true;
                throw Interrupted("the source no longer has the missing part");

            default:
                throw Failures.OfStatus(response, time);
        }
    }

    private long Continue(HttpResponseMessage response)
    {
        var range = response.Content.Headers.ContentRange;
        if (range is not { Unit: "bytes", From: { } from, To: { } to } || from != sink.Length || (range.Length is { } length && to >= length))
        {
            _rangesFail = true;
            throw Interrupted("the answer's Content-Range is not the range that was asked for");
        }

        if ((range.Length is { } total && _total is { } known && total != known)
            || (!ContentAddressed && Validator(response) is { } validator && validator != _validator))
        {
            _validator = null;
            _rangesFail = ContentAddressed;
            throw Interrupted("the source changed while it was read");
        }

        _total ??= range.Length;
        RequireExpected(_total);
        sink.Admit(_total ?? (to + 1));
        return to + 1;
    }

    private async Task CopyAsync(HttpResponseMessage response, long? end, StallGuard guard)
    {
        await using var body = await response.Content.ReadAsStreamAsync(guard.Token);
        var reported = sink.Length;
        while (true)
        {
            var count = await body.ReadAsync(sink.Room, guard.Token);
            if (count == 0)
            {
                return;
            }

            if (sink.Length + count > end)
            {
                throw new FetchException("the body is longer than its head says");
            }

            guard.Touch();
            await sink.AdvanceAsync(count, guard.Token);
            if (sink.Length - reported >= ProgressStep)
            {
                reported = sink.Length;
                progress?.Report(new(reported, _total));
            }
        }
    }

    private async Task BeginAnewAsync()
    {
        await sink.RestartAsync();
        (_validator, _total) = (null, null);
    }

    private void RequireExpected(long? total)
    {
        if (ExpectedBytes is { } expected && total is { } found && expected != found)
        {
            throw new FetchException($"{expected:N0} bytes were expected, {found:N0} are announced");
        }
    }

    // RFC 9110 §13.1.5: a weak tag must not be used to resume; a date may.
    private static string? Validator(HttpResponseMessage response) => response.Headers.ETag switch
    {
        { IsWeak: false } tag => tag.Tag,
        _ => response.Content.Headers.LastModified?.ToString("R", CultureInfo.InvariantCulture),
    };

    private static void RequireIdentity(HttpResponseMessage response)
    {
        var codings = response.Content.Headers.ContentEncoding;
        if (codings.Any(static coding => !coding.Equals("identity", StringComparison.OrdinalIgnoreCase)))
        {
            throw new FetchException("the answer is compressed although the bytes were asked for as they are");
        }
    }

    private static FetchException Interrupted(string cause) => new(cause) { Transient = true };
}
