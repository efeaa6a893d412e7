using System.Text;
using System.Text.Json.Nodes;
using Gtc.Model;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace Gtc.Store.Server;

/// <summary>Takes a change through permission, body, key and precondition into the storage, and makes the envelope (store-server.md §3).</summary>
internal sealed partial class ChangeHandler(StoreServerOptions options, Denials denials, StoreUpkeep upkeep, ServerMeter meter, ILogger logger)
{
    private const int MaxKeyBytes = 255;

    /// <summary>How long a change waits for its turn.</summary>
    private static readonly TimeSpan LockPatience = TimeSpan.FromSeconds(30);

    /// <summary>Answers a change of a caller who is known.</summary>
    public async Task<Reply> AnswerAsync(HttpContext context, ChangeRoute route, Caller caller, EnvId? environment)
    {
        // Where only the body names the environment, who may not at all is still told before the body is read.
        if (caller.Scope?.WhyNotVerb(environment, route.Noun, route.Verb) is { } early)
        {
            return await denials.DenyAsync(context, route, caller, environment, early);
        }

        if (!(await ReadBodyAsync(context, route)).TryGet(out var body, out var refusal))
        {
            return Reply.Of(Problem.Of(refusal));
        }

        if (!Key(context.Request).TryGet(out var key, out refusal)
            || !IfMatch(context.Request).TryGet(out var ifMatch, out refusal)
            || !Fingerprint(context, body).TryGet(out var fingerprint, out refusal)
            || !(await PlanAsync(route, new Asked { PathEnvironment = environment, Parameter = name => (string)context.Request.RouteValues[name]!, Key = key, OperatorKey = options.OperatorKey }, body, context.RequestAborted)).TryGet(out var planned, out refusal))
        {
            return Reply.Of(Problem.Of(refusal));
        }

        var target = environment ?? planned.Environment ?? throw new InvalidOperationException("A planned change has no environment.");
        if (await WhyNotAsync(caller, target, route, planned, context.RequestAborted) is { } why)
        {
            return await denials.DenyAsync(context, route, caller, target, why);
        }

        if (route.Precondition == Precondition.Required && ifMatch is null)
        {
            return Reply.Of(Problem.Of(ProblemKind.PreconditionRequired, "If-Match must carry the entity tag of the environment that was reviewed"));
        }

        var request = new ChangeRequest
        {
            Environment = target,
            Noun = planned.Recorded?.Noun ?? route.Noun,
            Verb = planned.Recorded?.Verb ?? route.Verb,
            Target = planned.Target,
            Key = key,
            Fingerprint = fingerprint,
            Actor = caller.Actor,
            Authorization = caller.Allow(target, route.Noun, route.Verb),
        };
        return await CommitAsync(route, new GuardedStep(route, target, planned, ifMatch), request, context.RequestAborted);
    }

    private async Task<Outcome<Planned>> PlanAsync(ChangeRoute route, Asked asked, ReadOnlyMemory<byte> body, CancellationToken cancellationToken) =>
        route.PlanLater is { } later ? await later(asked, body, options.Storage, cancellationToken) : route.Plan(asked, body);

    /// <summary>What could not be decided before the body was read.</summary>
    private async Task<string?> WhyNotAsync(Caller caller, EnvId environment, ChangeRoute route, Planned planned, CancellationToken cancellationToken)
    {
        if (caller.Scope is not { } scope)
        {
            return null;
        }

        if (planned.AlsoNeeds is var (noun, verb) && scope.WhyNotVerb(environment, noun, verb) is { } why)
        {
            return why;
        }

        // To which deployment something belongs never changes, so it may be asked before the lock is taken.
        var deployment = scope.DependsOnDeployment(environment, route.Noun, route.Verb)
            ? (await options.Storage.ReadAsync(environment, null, cancellationToken)).Match(stored => planned.Deployment(stored.Document), _ => null)
            : null;
        return scope.WhyNotChange(environment, route.Noun, route.Verb, deployment);
    }

    private async Task<Reply> CommitAsync(ChangeRoute route, GuardedStep step, ChangeRequest request, CancellationToken cancellationToken)
    {
        Outcome<CommittedChange> done;
        using var patience = new CancellationTokenSource(LockPatience, options.Time);
        try
        {
            // Not with the caller's own token: who leaves may ask again under the key, and the change is either there or not.
            done = route.RemovesEnvironment
                ? await options.Storage.RemoveAsync(request, step.Run, patience.Token)
                : await options.Storage.CommitAsync(request, step.Run, patience.Token);
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested)
        {
            return Reply.Of(Problem.Of(ProblemKind.Unavailable, "the environment is being changed by somebody else for a long time; nothing was done")) with { RetryAfter = LockPatience };
        }

        if (!done.TryGet(out var committed, out var refusal))
        {
            return Reply.Of(await ProblemOfAsync(step, request, refusal, cancellationToken));
        }

        meter.CountCommit(committed.IsReplay);
        if (!committed.IsReplay)
        {
            await upkeep.CommittedAsync(request.Environment, committed.Generation);
        }

        if (committed.Answer.Problem is { } problem)
        {
            return Reply.Of(problem) with { IsReplay = committed.IsReplay };
        }

        var document = committed.Answer.Place == DocumentPlace.None ? null
            : step.After is { } after && !committed.IsReplay ? after with { EnvGeneration = committed.Generation }
            : (await options.Storage.ReadAsync(request.Environment, committed.Generation, cancellationToken)).Match(stored => stored.Document, _ => (EnvironmentDocument?)null);
        return Envelope.Of(committed, document);
    }

    private async Task<Problem> ProblemOfAsync(GuardedStep step, ChangeRequest request, Refusal refusal, CancellationToken cancellationToken)
    {
        if (step.Mismatch is { } mismatch)
        {
            return await mismatch.ToProblemAsync(options.Storage, request.Environment, cancellationToken);
        }

        if (step.Problem is { } problem)
        {
            return problem;
        }

        if (!step.WasRun && refusal is Refusal.Conflict)
        {
            return new Problem(ProblemKind.IdempotencyConflict.Name, ProblemKind.IdempotencyConflict.Status, new JsonObject { ["reason"] = Problem.Text(refusal), ["refusal"] = Problem.Told(refusal) });
        }

        var answer = Problem.Of(refusal);
        if (answer.Status >= 500)
        {
            Log.Refused(logger, request.Noun, request.Verb, refusal.Message);
        }

        return answer;
    }

    /// <summary>The listener ends a body that is too long.</summary>
    private async Task<Outcome<ReadOnlyMemory<byte>>> ReadBodyAsync(HttpContext context, ChangeRoute route)
    {
        var request = context.Request;
        if (route.MaxBody is { } most)
        {
            context.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = most(options);
        }

        var buffer = new MemoryStream();
        await request.Body.CopyToAsync(buffer, context.RequestAborted);
        var body = buffer.ToArray();
        if (route.Body is null)
        {
            return body.Length == 0 ? ReadOnlyMemory<byte>.Empty : new Refusal.InvalidArgument("this route takes no body");
        }

        if (body.Length == 0)
        {
            return new Refusal.InvalidArgument("this route needs a body");
        }

        return request.HasJsonContentType() && request.ContentType is { } type && type.StartsWith("application/json", StringComparison.OrdinalIgnoreCase)
            ? (ReadOnlyMemory<byte>)body
            : new Refusal.InvalidArgument("Content-Type must be application/json");
    }

    /// <summary>The idempotency key.</summary>
    public static Outcome<string> Key(HttpRequest request)
    {
        var values = request.Headers["Idempotency-Key"];
        var key = values.Count == 1 ? values[0] : null;
        return string.IsNullOrWhiteSpace(key) ? new Refusal.InvalidArgument("Idempotency-Key must be given once and not be blank")
            : Encoding.UTF8.GetByteCount(key) > MaxKeyBytes ? new Refusal.InvalidArgument($"Idempotency-Key must have at most {MaxKeyBytes} bytes")
            : key;
    }

    /// <summary>What a retry must repeat: the whole request, or what its caller says that a person asked for.</summary>
    private static Outcome<string> Fingerprint(HttpContext context, ReadOnlyMemory<byte> body)
    {
        // Also when it is not what counts: a body that is no JSON is refused here.
        var own = RequestBody.Fingerprint(context.Request.Method, ReceivedPath(context), body);
        var given = context.Request.Headers["Idempotency-Digest"];
        return given.Count == 0 ? own
            : given is [{ Length: 64 } digest] && digest.All(char.IsAsciiHexDigitLower) ? own.Then<string>(_ => digest)
            : new Refusal.InvalidArgument("Idempotency-Digest must be given once, as 64 lower-case hex digits");
    }

    private static Outcome<string?> IfMatch(HttpRequest request)
    {
        var values = request.Headers.IfMatch;
        if (values.Count == 0)
        {
            return (string?)null;
        }

        var text = values.Count == 1 ? values[0]!.Trim() : string.Empty;
        var bare = text.Length > 2 && text[0] == '"' && text[^1] == '"' ? text[1..^1] : text;
        return bare.Length == 64 && bare.All(char.IsAsciiHexDigit)
            ? bare.ToLowerInvariant()
            : new Refusal.InvalidArgument("If-Match must be one entity tag of 64 hex digits, quoted or bare; weak tags and * are not taken");
    }

    /// <summary>The path as it was sent, without the query.</summary>
    private static string ReceivedPath(HttpContext context)
    {
        var target = context.Features.Get<IHttpRequestFeature>()!.RawTarget;
        var query = target.IndexOf('?', StringComparison.Ordinal);
        return query < 0 ? target : target[..query];
    }

    private static partial class Log
    {
        [LoggerMessage(5057, LogLevel.Error, "{Noun}.{Verb} failed: {Why}")]
        public static partial void Refused(ILogger logger, string noun, string verb, string why);
    }
}
