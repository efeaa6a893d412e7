using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.Model;
using Gtc.Store;

namespace Gtc.Cli.Op.Messaging;

/// <summary><c>gtc op messaging endpoint remove</c>.</summary>
internal static class EndpointRemove
{
    /// <summary>The verb.</summary>
    public static Verb<EndpointPayload> Verb => new()
    {
        Noun = MessagingNoun.Label,
        Name = "remove",
        Purpose = "Remove an endpoint; one that is not there is no error",
        Remark = "Its webhook secret stays in the environment's secrets, so that `env restore` can bring the endpoint back; `secrets delete` ends it.",
        Examples = ["op messaging endpoint remove --endpoint-id 01J97QZJ5T7K8M9N0P1Q2R3S4T", "op messaging endpoint remove prod --endpoint-id 01J97Q --updated-by ops"],
        Payload = MessagingJson.Default.EndpointPayload,
        Fields = [PayloadField.Environment, MessagingNoun.EndpointField, MessagingNoun.UpdatedBy, PayloadField.RetryKey],
        RunAsync = RunAsync,
    };

    private static async Task<Outcome<Answer>> RunAsync(EndpointPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        var done = await RepeatableChange.RunAsync(
            call,
            payload.EnvironmentId,
            (MessagingNoun.Label, "remove"),
            [("endpoint_id", payload.EndpointId)],
            payload.IdempotencyKey,
            RepeatableChange.Request(payload, MessagingJson.Default.EndpointPayload),
            MessagingJson.Default.RemovedEndpoint,
            (document, _, _) => Find(document, payload.EndpointId).Then(id => Mutation(document.EnvironmentId, MessagingVerbs.Remove(document, id), id)),
            new(
                (document, _) => Find(document, payload.EndpointId).Then<WireRequest>(id => Asked(id)),
                answer => new RemovedEndpoint(answer.Document.EnvironmentId.ToString(), answer.Result.GetString()!)),
            cancellationToken);
        return done.Then(removed => (Outcome<Answer>)Answer.Of(removed, MessagingJson.Default.RemovedEndpoint, screen =>
            screen.Say($"Endpoint {removed.EndpointId} is not in environment {removed.EnvironmentId} any more.")));
    }

    /// <summary>What a store server is asked for.</summary>
    public static WireRequest Asked(MessagingEndpointId id) => WireRequest.Bare(HttpMethod.Delete, "messaging", id.ToString());

    /// <summary>A whole id need not be there; a prefix must mean something.</summary>
    private static Outcome<MessagingEndpointId> Find(EnvironmentDocument document, string given) => MessagingEndpointId.TryParse(given, out var id)
        ? id
        : MessagingNoun.Find(document, given).Then<MessagingEndpointId>(endpoint => endpoint.EndpointId);

    private static Outcome<Mutation<RemovedEndpoint>> Mutation(EnvId environment, EndpointChange change, MessagingEndpointId id) => new Mutation<RemovedEndpoint>(new(environment.ToString(), id.ToString()))
    {
        Document = change.IsMutated ? change.Document : null,
        PreviousGeneration = change.Endpoint?.Generation,
        Target = OpStore.Target(("endpoint_id", id.ToString())),
    };
}
