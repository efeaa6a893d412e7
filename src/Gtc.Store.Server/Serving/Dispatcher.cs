using System.Diagnostics;
using System.Globalization;
using Gtc.Model;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace Gtc.Store.Server;

/// <summary>
/// Takes every request through the same steps: count, know the caller, permit, then read the rest of it. Who may not learns nothing about
/// what was wrong with a request.
/// </summary>
internal sealed partial class Dispatcher(StoreServerOptions options, AccessGate gate, Denials denials, StoreUpkeep upkeep, ServerMeter meter, ILogger logger, CancellationToken stopping)
{
    /// <summary>How long to wait where it cannot be found out who asks.</summary>
    private static readonly TimeSpan AskAgain = TimeSpan.FromSeconds(10);

    private readonly RateLimits _callers = new(options.CallerLimit, options.Time);
    private readonly RateLimits _strangers = new(options.StrangerLimit, options.Time);
    private readonly ChangeHandler _changes = new(options, denials, upkeep, meter, logger);
    private readonly ArtifactUploads _uploads = new(options, meter, logger);

    /// <summary>Gives unknown routes the contract's error, and every fault one that says nothing.</summary>
    public async Task GuardAsync(HttpContext context, RequestDelegate next)
    {
        try
        {
            await next(context);
            if (context.Response is { HasStarted: false, ContentType: null } && context.Response.StatusCode is 404 or 405)
            {
                await WriteAsync(context, Reply.Of(context.Response.StatusCode == 404
                    ? Problem.Of(ProblemKind.RouteNotFound, $"there is no route {context.Request.Method} {context.Request.Path}")
                    : Problem.Of(ProblemKind.MethodNotAllowed, $"{context.Request.Path} takes {context.Response.Headers.Allow}")));
            }
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested || stopping.IsCancellationRequested)
        {
            // Nobody is there to be answered.
        }
        catch (BadHttpRequestException error)
        {
            await WriteIfPossibleAsync(context, Problem.Of(error.StatusCode == 413 ? ProblemKind.TooLarge : ProblemKind.InvalidRequest, error.Message));
        }
        catch (IOException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The caller cut the connection.
        }
        catch (Exception error)
        {
            Log.Fault(logger, error, context.Request.Method, context.Request.Path);
            await WriteIfPossibleAsync(context, Problem.Of(ProblemKind.Internal, "the server failed; its log says more"));
        }
    }

    /// <summary>Answers a request of the contract.</summary>
    public async Task HandleAsync(HttpContext context, StoreRoute route)
    {
        var began = Stopwatch.GetTimestamp();
        var isNamed = TryEnvironment(context, route, out var environment);
        await using var lease = environment is { } watched && route is ReadRoute { Waits: true } ? new AccessLease(gate, context, watched, stopping) : null;
        var reply = await AnswerAsync(context, route, isNamed, environment, lease?.Token ?? stopping);
        if (reply.Streamed is { } streamed)
        {
            await StreamAsync(context, reply, streamed, lease?.Token ?? stopping);
        }
        else
        {
            await WriteAsync(context, reply);
        }

        meter.Count(route.Method, route.Path, reply.Status, route is ReadRoute { Waits: true } or UploadRoute ? null : Stopwatch.GetElapsedTime(began));
    }

    /// <summary>Writes an answer.</summary>
    public static Task WriteAsync(HttpContext context, Reply reply)
    {
        WriteHead(context.Response, reply);
        if (reply.Body.IsEmpty)
        {
            return Task.CompletedTask;
        }

        context.Response.ContentType = Reply.JsonType;
        context.Response.ContentLength = reply.Body.Length;
        return context.Response.Body.WriteAsync(reply.Body, context.RequestAborted).AsTask();
    }

    private static void WriteHead(HttpResponse response, Reply reply)
    {
        response.StatusCode = reply.Status;
        response.Headers.CacheControl = "no-store";
        if (reply.Etag is { } etag)
        {
            response.Headers.ETag = $"\"{etag}\"";
            response.Headers.CacheControl = "no-cache";
        }

        if (reply.RetryAfter is { } wait)
        {
            response.Headers.RetryAfter = Math.Max(1, (long)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        }

        if (reply.IsReplay)
        {
            response.Headers["Idempotent-Replayed"] = "true";
        }

        if (reply.Status == 401)
        {
            response.Headers.WWWAuthenticate = "Bearer";
        }

        foreach (var (name, value) in reply.Fields)
        {
            response.Headers[name] = value;
        }
    }

    private static Task WriteIfPossibleAsync(HttpContext context, Problem problem)
    {
        if (context.Response.HasStarted)
        {
            // Half an answer is out: cutting it is the only way to say so.
            context.Abort();
            return Task.CompletedTask;
        }

        context.Response.Clear();
        return WriteAsync(context, Reply.Of(problem));
    }

    private async Task<Reply> AnswerAsync(HttpContext context, StoreRoute route, bool isNamed, EnvId? environment, CancellationToken over)
    {
        var recognition = await gate.KnowAsync(context, context.RequestAborted);
        if (recognition is not Recognition.Known { Caller: var caller })
        {
            return await RejectAsync(context, route, environment, recognition);
        }

        if (_callers.Take(caller.Name ?? Address(context)) is { } wait)
        {
            return Reply.Of(Problem.Of(ProblemKind.RateLimited, "too many requests")) with { RetryAfter = wait };
        }

        if (caller.Scope?.WhyNothing is { } nothing)
        {
            return await denials.DenyAsync(context, route, caller, environment, nothing);
        }

        if (!isNamed)
        {
            return Reply.Of(Problem.Of(ProblemKind.InvalidRequest, $"env_id in the path must be {EnvId.Expectation}"));
        }

        if (route is ChangeRoute change)
        {
            return await _changes.AnswerAsync(context, change, caller, environment);
        }

        if (route is UploadRoute upload)
        {
            return caller.Scope?.WhyNotVerb(null, upload.Right.Noun, upload.Right.Verb) is { } denied
                ? await denials.DenyAsync(context, route, caller, environment, denied)
                : await upload.Answer(_uploads, new UploadCall(context, caller));
        }

        if (environment is { } one && caller.Scope?.WhyNotRead(one) is { } why)
        {
            return await denials.DenyAsync(context, route, caller, one, why);
        }

        var read = (ReadRoute)route;
        if (read.NeedsRight && WhyNotTaken(caller.Scope, environment, read) is { } forbidden)
        {
            return await denials.DenyAsync(context, route, caller, environment, forbidden);
        }

        return await read.Answer(new ReadCall
        {
            Storage = options.Storage,
            OperatorKey = options.OperatorKey,
            PathEnvironment = environment,
            Caller = caller,
            Request = context.Request,
            Time = options.Time,
            Meter = meter,
            Over = over,
        });
    }

    /// <summary>Why a copy of everything may not be taken away; null when it may.</summary>
    private static string? WhyNotTaken(AccessScope? scope, EnvId? environment, ReadRoute route) =>
        environment is { } one ? scope?.WhyNotChange(one, route.Noun, route.Verb, deployment: null) : scope?.WhyNotVerb(null, route.Noun, route.Verb);

    /// <summary>Strangers share a small limit for each address, so that what they try fills no log.</summary>
    private async Task<Reply> RejectAsync(HttpContext context, StoreRoute route, EnvId? environment, Recognition recognition) =>
        _strangers.Take(Address(context)) is { } pause ? Reply.Of(Problem.Of(ProblemKind.RateLimited, "too many requests without a token that is known")) with { RetryAfter = pause }
        : recognition is Recognition.Stranger stranger ? await denials.RejectAsync(context, route, environment, stranger)
        : Reply.Of(Problem.Of(ProblemKind.Unavailable, recognition is Recognition.Undecided undecided ? undecided.Why : "it cannot be found out who asks")) with { RetryAfter = AskAgain };

    /// <summary>A body without an end ends when it is over; one that has an end is carried to it.</summary>
    private static async Task StreamAsync(HttpContext context, Reply reply, StreamedBody body, CancellationToken over)
    {
        WriteHead(context.Response, reply);
        context.Response.ContentType = body.MediaType;
        context.Response.ContentLength = body.Length;
        context.Features.Get<IHttpResponseBodyFeature>()!.DisableBuffering();
        await context.Response.StartAsync(context.RequestAborted);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, body.Length is null ? over : CancellationToken.None);
        await body.WriteAsync(context.Response.Body, either.Token);
    }

    private static string Address(HttpContext context) => context.Connection.RemoteIpAddress?.ToString() ?? "unknown";

    /// <summary>False when the path names an environment by something that is no id.</summary>
    private static bool TryEnvironment(HttpContext context, StoreRoute route, out EnvId? environment)
    {
        environment = null;
        if (!route.HasEnvironment)
        {
            return true;
        }

        var isId = EnvId.TryParse(context.Request.RouteValues["env_id"] as string, out var id);
        environment = isId ? id : null;
        return isId;
    }

    private static partial class Log
    {
        [LoggerMessage(5055, LogLevel.Error, "{Method} {Path} ended in a fault")]
        public static partial void Fault(ILogger logger, Exception error, string method, string path);
    }
}
