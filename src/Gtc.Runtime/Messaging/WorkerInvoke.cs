using System.Diagnostics;
using System.Net;
using System.Text;
using Gtc.Flows;
using Gtc.Model;
using Microsoft.AspNetCore.Http.Features;

namespace Gtc.Runtime;

/// <summary><c>POST /workers/invoke</c>: a message for a tenant's deployment, from a program or the console on this machine (worker-runtime.md §5.3).</summary>
/// <param name="desk">Finds the revision.</param>
/// <param name="seated">Answers with it.</param>
/// <param name="options">The clock, and who is believed.</param>
internal sealed class WorkerInvoke(RevisionDesk desk, SeatedRequests seated, WorkerOptions options)
{
    /// <summary>Where it is.</summary>
    public const string Path = "/workers/invoke";

    /// <summary>Answers.</summary>
    public async Task AnswerAsync(IFeatureCollection context)
    {
        var started = Stopwatch.GetTimestamp();
        var head = context.GetRequiredFeature<IHttpRequestFeature>();
        var request = new IngressRequest(context, options);
        if (head.Method != "POST")
        {
            await Answer.OnlyAsync(context, "POST", "worker invoke requires POST");
            return;
        }

        if (!request.Identity.IsTrusted || IsFromAnotherSite(head.Headers.Origin.ToString()))
        {
            await Answer.TextAsync(context, 403, "worker invoke is restricted to loopback callers");
            return;
        }

        var aborted = context.GetRequiredFeature<IHttpRequestLifetimeFeature>().RequestAborted;
        var bytes = await BoundedBody.ReadAsync(context.GetRequiredFeature<IRequestBodyPipeFeature>().Reader, head.Headers.ContentLength, aborted);
        if (bytes is not { } body)
        {
            await Answer.TextAsync(context, 413, BoundedBody.TooLarge);
            return;
        }

        if (!WorkerRequest.Read(body.Span).TryGet(out var asked, out var malformed))
        {
            await Answer.TextAsync(context, 400, malformed.Message);
            return;
        }

        var (seat, why) = await desk.EnterAsync(request, Visitor(request, asked), aborted);
        await (seat is null
            ? seated.RefuseAsync(context, why!)
            : seated.AnswerAsync(context, seat, started, () => body.Length, ending => RunAsync(context, asked, seat, ending)));
    }

    private static Visitor Visitor(IngressRequest request, WorkerRequest asked) =>
        new(asked.Session, Encoding.UTF8.GetBytes(request.FieldKey ?? asked.Activity.UserId ?? asked.Session ?? string.Empty)) { Tenant = asked.Tenant };

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
