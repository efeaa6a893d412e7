using Gtc.Model;

namespace Gtc.Store.Server;

/// <summary>What the servers of a store found out about it.</summary>
internal static class UpkeepRoutes
{
    /// <summary>The routes.</summary>
    public static IReadOnlyList<StoreRoute> All { get; } =
    [
        new ReadRoute { Method = "GET", Path = "/scrub", Noun = "store", Verb = "scrub", Summary = "What the last pass over everything that is kept found damaged, in the caller's scope", Answer = ScrubAsync },
    ];

    private static async Task<Reply> ScrubAsync(ReadCall call) => (await ScrubRecord.ReadAsync(call.Storage.Upkeep, call.Request.HttpContext.RequestAborted)).Match(
        last => Reply.Object(200, writer =>
        {
            if (last is null)
            {
                writer.WriteNull("ended_at");
                return;
            }

            writer.WriteString("began_at", Rfc3339Json.Format(last.BeganAt));
            writer.WriteString("ended_at", Rfc3339Json.Format(last.EndedAt));
            writer.WriteNumber("checked", last.Checked);
            writer.WriteNumber("damaged", last.Damaged);
            writer.WriteStartArray("problems");
            foreach (var problem in last.Problems.Where(problem => problem.EnvironmentId is null || (EnvId.TryParse(problem.EnvironmentId, out var id) && call.Caller.Scope?.Covers(id) != false)))
            {
                writer.WriteStartObject();
                writer.WriteString("environment_id", problem.EnvironmentId);
                writer.WriteString("row", problem.Row);
                writer.WriteString("why", problem.Why);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        }),
        refusal => Reply.Of(Problem.Of(refusal)));
}
