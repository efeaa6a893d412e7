using Gtc.Flows;
using Gtc.Model;

namespace Gtc.Runtime;

/// <summary>
/// Where messages that were taken in wait: on the worker's disk, or in the Redis where sessions are. A pod's disk goes with the pod, so there it is the Redis when
/// there is one.
/// </summary>
internal static class InboxPlace
{
    /// <summary>The variable that says it: <c>disk</c> or <c>redis</c>.</summary>
    public const string Variable = "GREENTIC_INBOX";

    /// <summary>Finds it.</summary>
    /// <param name="options">The worker's variables.</param>
    /// <param name="sessions">The server that keeps sessions, or null.</param>
    /// <returns>The server; null for the disk.</returns>
    public static Outcome<FlowRedis?> Find(WorkerOptions options, FlowRedis? sessions) => options.Variable(Variable)?.Trim() switch
    {
        null or "" => options.IsInCluster ? sessions : null,
        "disk" => (FlowRedis?)null,
        "redis" when sessions is not null => sessions,
        "redis" => new Refusal.InvalidArgument($"{Variable} is `redis`, and sessions lie in this process's memory")
        {
            Next = "gtc op env-packs update slot=sessions kind=greentic.sessions.redis@0.1.0 pack_ref=builtin answers.url_secret_ref=secret://…",
        },
        var other => new Refusal.InvalidArgument($"{Variable} `{other}` must be disk or redis"),
    };
}
