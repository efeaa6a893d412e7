using Gtc.Model;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Gtc.Store.Server;

/// <summary>Answers who may not, and puts it on record. A denial stands even when it cannot be recorded.</summary>
internal sealed partial class Denials(IEnvironmentStorage storage, ILogger logger)
{
    /// <summary>The place of a denied attempt that names no environment. It is the id of none that a person would make.</summary>
    private static readonly EnvId Nowhere = EnvId.TryParse("_", out var id) ? id : throw new InvalidOperationException("`_` is not an environment id.");

    /// <summary>Who is not known: 401.</summary>
    public Task<Reply> RejectAsync(HttpContext context, StoreRoute route, EnvId? environment, Recognition.Stranger stranger) =>
        DenyAsync(context, route, Caller.Stranger, environment, new AuditAuthorization("deny", stranger.Policy, stranger.Why));

    /// <summary>Who is known and may not: 403.</summary>
    public Task<Reply> DenyAsync(HttpContext context, StoreRoute route, Caller caller, EnvId? environment, string why) =>
        DenyAsync(context, route, caller.Actor, environment, caller.Deny(why));

    private async Task<Reply> DenyAsync(HttpContext context, StoreRoute route, AuditActor actor, EnvId? environment, AuditAuthorization authorization)
    {
        var denied = new ChangeRequest
        {
            Environment = environment ?? Nowhere,
            Noun = route.Noun,
            Verb = route.Verb,
            Target = Wire.Target(environment ?? Nowhere),
            Key = ChangeHandler.Key(context.Request).Match(key => (string?)key, _ => null),
            Actor = actor,
            Authorization = authorization,
        };
        if (await storage.RecordDenialAsync(denied, context.RequestAborted) is { } unrecorded)
        {
            Log.Unrecorded(logger, unrecorded.Message);
        }

        return Reply.Of(Problem.Denied(isKnown: actor.User is not null, authorization.Policy, authorization.Reason));
    }

    private static partial class Log
    {
        [LoggerMessage(5056, LogLevel.Error, "A denial could not be recorded: {Why}")]
        public static partial void Unrecorded(ILogger logger, string why);
    }
}
