using System.Buffers;
using System.Collections.Frozen;
using System.Net.Http.Headers;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Gtc.Proxy.Http2.Forwarding;

/// <summary>Sends an answer to the client.</summary>
internal sealed partial class Exchange
{
    private const int ChunkLength = 16 * 1024;

    /// <summary>Fields that are for one hop alone (RFC 9110 §7.6.1), beside those that Connection names.</summary>
    private static readonly FrozenSet<string> OfOneHop =
        new[] { "Connection", "Keep-Alive", "Proxy-Connection", "Proxy-Authorization", "TE", "Transfer-Encoding", "Upgrade" }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    private async Task AnswerAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        _body.IsAnswered = true;
        _status = (int)response.StatusCode;
        try
        {
            _context.Response.StatusCode = _status;
            CopyFields(response);
            AddOwn(_responseFields.Span);
        }
        catch (Exception error) when (error is InvalidOperationException or ArgumentException)
        {
            // The backend sent what no field may hold.
            await DisbelieveAsync();
            return;
        }

        Progress();
        try
        {
            await CopyBodyAsync(response, cancellationToken);
        }
        catch (Exception error) when (error is HttpRequestException or IOException or OperationCanceledException or BadHttpRequestException)
        {
            if (!IsClientGone)
            {
                Fail();
            }

            // Something of the answer is missing, and that must be seen.
            Abort();
            return;
        }

        CopyTrailers(response);
        await _context.Response.CompleteAsync();
        _backend!.Answered();
        Report(isComplete: !IsClientGone);
    }

    private async Task DisbelieveAsync()
    {
        Fail();
        _context.Response.Clear();
        _status = 502;
        Report(isComplete: false);
        await ReplyAsync(502, NotHttp, default, default);
    }

    private async Task CopyBodyAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        var buffer = ArrayPool<byte>.Shared.Rent(ChunkLength);
        try
        {
            while (true)
            {
                var reading = body.ReadAsync(buffer, cancellationToken);
                if (!reading.IsCompleted)
                {
                    // The head need not wait for a body that is long in coming.
                    await _context.Response.Body.FlushAsync(cancellationToken);
                }

                var read = await reading;
                if (read == 0)
                {
                    return;
                }

                _bytesOut += read;
                Progress();
                await _context.Response.Body.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
                Progress();
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private void CopyFields(HttpResponseMessage response)
    {
        var named = response.Headers.NonValidated.TryGetValues("Connection", out var connection)
            ? connection.SelectMany(value => value.Split(',', StringSplitOptions.TrimEntries)).ToHashSet(StringComparer.OrdinalIgnoreCase)
            : null;
        Copy(response.Headers.NonValidated, named);
        Copy(response.Content.Headers.NonValidated, named);
        if (_status is 204 or < 200)
        {
            // These have no body and may not say that they have (RFC 9110 §8.6).
            _context.Response.Headers.Remove("Content-Length");
        }
    }

    private void Copy(HttpHeadersNonValidated fields, HashSet<string>? named)
    {
        foreach (var (name, values) in fields)
        {
            if (OfOneHop.Contains(name) || (named?.Contains(name) ?? false))
            {
                continue;
            }

            foreach (var value in values)
            {
                _context.Response.Headers.Append(name, value);
            }
        }
    }

    private void CopyTrailers(HttpResponseMessage response)
    {
        if (!_context.Response.SupportsTrailers())
        {
            return;
        }

        foreach (var (name, values) in response.TrailingHeaders.NonValidated)
        {
            foreach (var value in values)
            {
                _context.Response.AppendTrailer(name, value);
            }
        }
    }

    /// <summary>Adds whole field lines, each with its CRLF.</summary>
    private void AddOwn(ReadOnlySpan<byte> lines)
    {
        while (lines.IndexOf("\r\n"u8) is > 0 and var end)
        {
            var line = lines[..end];
            var colon = line.IndexOf((byte)':');
            _context.Response.Headers.Append(Encoding.Latin1.GetString(line[..colon]), Encoding.Latin1.GetString(line[(colon + 1)..]).Trim());
            lines = lines[(end + 2)..];
        }
    }

    /// <summary>An answer of the proxy's own.</summary>
    private async Task ReplyAsync(int status, ReadOnlyMemory<byte> text, ReadOnlyMemory<byte> contentType, ReadOnlyMemory<byte> fields)
    {
        var response = _context.Response;
        response.StatusCode = status;
        response.ContentType = contentType.IsEmpty ? "text/plain; charset=utf-8" : Encoding.Latin1.GetString(contentType.Span);
        response.ContentLength = text.Length;
        AddOwn(fields.Span);
        if (!HttpMethods.IsHead(_context.Request.Method))
        {
            await response.Body.WriteAsync(text, _context.RequestAborted);
        }
    }
}
