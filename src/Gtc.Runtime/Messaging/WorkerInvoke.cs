using System.Diagnostics;
using System.Net;
using System.Text;
using Gtc.Flows;
using Gtc.Model;
using Gtc.Routing;
using Microsoft.AspNetCore.Http.Features;

namespace Gtc.Runtime;

/// <summary><c>POST /workers/invoke</c>: a message for a tenant's deployment, from a program or the console on this machine (worker-runtime.md §5.3).</summary>
/// <param name="desk">Finds the revision.</param>
/// <param name="seated">Answers with it.</param>
/// <param name="localCallers">Checks what a router says of its callers; null when there is no key that they share.</param>
/// <param name="options">The clock, and who is believed.</param>
internal sealed class WorkerInvoke(RevisionDesk desk, SeatedRequests seated, RevisionHeaderToken? localCallers, WorkerOptions options)
{
    /// <summary>Where it is.</summary>
    public const string Path = "/workers/invoke";

    /// <summary>Answers.</summary>
    public async Task AnswerAsync(IFeatureCollection context)
    {
        var started = Stopwatch.GetTimestamp();
        var request = new IngressRequest(context, options);
        if (await AcceptAsync(context, request.Identity.IsTrusted || IsVouchedFor(context)) is not var (asked, body))
        {
            return;
        }

        var (seat, why) = await desk.EnterAsync(request, Visitor(request, asked), context.GetRequiredFeature<IHttpRequestLifetimeFeature>().RequestAborted);
        await (seat is null
            ? seated.RefuseAsync(context, why!)
            : seated.AnswerAsync(context, seat, started, () => body.Length, ending => RunAsync(context, asked, seat, ending)));
    }

    /// <summary>Reads a request, or answers why it is not taken.</summary>
    /// <param name="context">The request.</param>
    /// <param name="isLocal">Whether its caller is on this machine.</param>
    /// <returns>Null when it is answered.</returns>
    public static async Task<(WorkerRequest Asked, ReadOnlyMemory<byte> Body)?> AcceptAsync(IFeatureCollection context, bool isLocal)
    {
        var head = context.GetRequiredFeature<IHttpRequestFeature>();
        if (head.Method != "POST")
        {
            await Answer.OnlyAsync(context, "POST", "worker invoke requires POST");
            return null;
        }

        if (!isLocal || IsFromAnotherSite(head.Headers.Origin.ToString()))
        {
            await Answer.TextAsync(context, 403, "worker invoke is restricted to loopback callers");
            return null;
        }

        var aborted = context.GetRequiredFeature<IHttpRequestLifetimeFeature>().RequestAborted;
        if (await BoundedBody.ReadAsync(context.GetRequiredFeature<IRequestBodyPipeFeature>().Reader, head.Headers.ContentLength, aborted) is not { } body)
        {
            await Answer.TextAsync(context, 413, BoundedBody.TooLarge);
            return null;
        }

        if (!WorkerRequest.Read(body.Span).TryGet(out var asked, out var malformed))
        {
            await Answer.TextAsync(context, 400, malformed.Message);
            return null;
        }

        return (asked, body);
    }

    /// <summary>What a caller is known by: the configured field, else its user, else its session; empty for nothing.</summary>
    public static byte[] KeyOf(string? fieldKey, WorkerRequest asked) => Encoding.UTF8.GetBytes(fieldKey ?? asked.Activity.UserId ?? asked.Session ?? string.Empty);

    private static Visitor Visitor(IngressRequest request, WorkerRequest asked) => new(asked.Session, KeyOf(request.FieldKey, asked)) { Tenant = asked.Tenant };

    private bool IsVouchedFor(IFeatureCollection context) =>
        context.GetRequiredFeature<IHttpRequestFeature>().Headers[RevisionHeaderToken.LocalCallerField] is [{ Length: > 0 } token]
        && localCallers?.IsGood(Encoding.UTF8.GetBytes(token), default, options.Time.GetUtcNow()) == true;

    /// <summary>
    /// A page of another site that is open in a browser on this machine must not speak for it: browsers send what it posts to loopback without asking, and
    /// say where the page is from.
    /// </summary>
    private static bool IsFromAnotherSite(string origin) =>
        origin.Length > 0 && !(Uri.TryCreate(origin, UriKind.Absolute, out var site) && (site.Host == "localhost" || (IPAddress.TryParse(site.DnsSafeHost, out var address) && IPAddress.IsLoopback(address))));

    private async Task RunAsync(IFeatureCollection context, WorkerRequest asked, Seat seat, CancellationToken cancellationToken) =>
        await (seated.Run(seat.Revision, seat.Usage, asked.Activity, cancellationToken) is { } reply
            ? Answer.JsonAsync(context, WorkerResponse.Write(asked, reply, options.Time.GetUtcNow()))
            : Answer.TextAsync(context, 500, WorkerApplication.FlowFailed));
}
