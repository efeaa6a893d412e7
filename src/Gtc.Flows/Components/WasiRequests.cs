using System.Text;
using Gtc.Wasm.Wasi;

namespace Gtc.Flows;

/// <summary>Sends what a component asks for through <c>wasi:http</c> the same way as what it asks for through the interfaces of its own.</summary>
internal sealed class WasiRequests(HostImports.HostSeat seat)
{
    public async Task<WasiHttpAnswer> SendAsync(WasiHttpRequest request, CancellationToken cancellationToken)
    {
        if (!seat.CountRequest())
        {
            return new WasiHttpAnswer.Failure("HTTP-request-denied");
        }

        var asked = new HostHttpRequest(
            request.Method,
            $"{request.Scheme}://{request.Authority}{request.PathWithQuery}",
            [.. request.Headers.Select(header => KeyValuePair.Create(header.Key, Encoding.Latin1.GetString(header.Value.Span)))],
            request.Body.IsEmpty ? null : request.Body,
            request.Timeout);
        var answer = await seat.Host.SendAsync(seat.Caller, asked, cancellationToken);
        seat.Told(answer.Fault);
        return answer switch
        {
            { Value: { } response } => new WasiHttpAnswer.Response(
                response.Status,
                [.. response.Headers.Select(header => KeyValuePair.Create(header.Key, (ReadOnlyMemory<byte>)Encoding.Latin1.GetBytes(header.Value)))],
                response.Body ?? default),
            { Fault.Code: "denied" } => new WasiHttpAnswer.Failure("HTTP-request-denied"),
            _ => new WasiHttpAnswer.Failure("destination-unavailable"),
        };
    }
}
