using System.Diagnostics;
using Gtc.Flows;
using Gtc.Model;
using Gtc.Routing;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace Gtc.Runtime;

/// <summary>What every request with a seat goes through: span, meters and bill, and the end of its revision's drain time.</summary>
/// <param name="telemetry">Spans and metrics.</param>
/// <param name="logger">Where failures go.</param>
internal sealed partial class SeatedRequests(WorkerTelemetry telemetry, ILogger logger)
{
    /// <summary>Answers a request and leaves its seat.</summary>
    /// <param name="context">The request.</param>
    /// <param name="seat">Its seat.</param>
    /// <param name="started">When it began, see <see cref="Stopwatch.GetTimestamp"/>.</param>
    /// <param name="bytesIn">The length of its body, asked when it is over.</param>
    /// <param name="answer">Writes the answer.</param>
    public async Task AnswerAsync(IFeatureCollection context, Seat seat, long started, Func<long> bytesIn, Func<CancellationToken, Task> answer)
    {
        var span = telemetry.Start(seat, context.GetRequiredFeature<IHttpRequestFeature>().Headers);
        var isComplete = false;
        try
        {
            isComplete = await TryAnswerAsync(context, answer, seat.Revision.Cut);
        }
        finally
        {
            seat.Revision.Leave();
            var response = context.GetRequiredFeature<IHttpResponseFeature>();
            var bytesOut = response.Headers.ContentLength ?? 0;
            var meter = seat.IsPreview ? seat.Revision.State.PreviewMeter : seat.Revision.State.Meter;
            meter.Add(response.StatusCode, isComplete, Stopwatch.GetTimestamp() - started, bytesIn(), bytesOut);
            if (seat.Usage is { } usage)
            {
                usage.AddRequest(bytesIn(), bytesOut);
                telemetry.Used(usage.Source, seat.Revision.Context.EnvironmentId, bytesIn(), bytesOut);
            }

            telemetry.End(seat, span, isComplete ? response.StatusCode : 500, Stopwatch.GetElapsedTime(started));
        }
    }

    /// <summary>Runs the flow that answers a message, and bills the run.</summary>
    /// <returns>The reply; null when no flow could be chosen, which is told.</returns>
    public FlowReply? Run(ActiveRevision revision, UsageMeter? usage, InboundActivity message, CancellationToken cancellationToken)
    {
        if (!revision.Flows.Handle(message, revision.Context, cancellationToken).TryGet(out var reply, out var refusal))
        {
            Log.FlowFailed(logger, revision.Id, refusal.Message);
            return null;
        }

        if (usage is not null)
        {
            usage.AddFlowRun(reply.ComponentCalls);
            telemetry.Used(usage.Source, revision.Context.EnvironmentId, reply.ComponentCalls);
        }

        return reply;
    }

    /// <summary>Says why there is no seat.</summary>
    public Task RefuseAsync(IFeatureCollection context, NoSeat why)
    {
        if (why.Status >= 500)
        {
            Log.DispatchFailed(logger, context.GetRequiredFeature<IHttpRequestFeature>().Path, why.Text);
        }

        return Answer.TextAsync(context, why.Status, why.Text);
    }

    /// <returns>False when the revision's drain time was over before the answer was whole.</returns>
    private static async Task<bool> TryAnswerAsync(IFeatureCollection context, Func<CancellationToken, Task> answer, CancellationToken cut)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(context.GetRequiredFeature<IHttpRequestLifetimeFeature>().RequestAborted, cut);
        try
        {
            await answer(either.Token);
            return true;
        }
        catch (OperationCanceledException) when (cut.IsCancellationRequested && !context.GetRequiredFeature<IHttpResponseFeature>().HasStarted)
        {
            context.GetRequiredFeature<IHttpResponseFeature>().Headers.Connection = "close";
            await Answer.TextAsync(context, 503, "the drain time of this revision is over");
            return false;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(4601, LogLevel.Error, "No revision can be drawn for {Path}: {Reason}")]
        public static partial void DispatchFailed(ILogger logger, string path, string reason);

        [LoggerMessage(4602, LogLevel.Warning, "Revision {Revision} could not choose a flow: {Reason}")]
        public static partial void FlowFailed(ILogger logger, RevisionId revision, string reason);
    }
}
