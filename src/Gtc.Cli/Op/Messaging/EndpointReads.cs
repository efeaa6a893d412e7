using System.Collections.Immutable;
using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.Model;

namespace Gtc.Cli.Op.Messaging;

/// <summary>The verbs of <c>gtc op messaging endpoint</c> that read.</summary>
internal static class EndpointReads
{
    /// <summary>All of them.</summary>
    public static Verb<EnvironmentPayload> List => new()
    {
        Noun = MessagingNoun.Label,
        Name = "list",
        Purpose = "List the endpoints of an environment",
        Examples = ["op messaging endpoint list", "op messaging endpoint list prod --format json"],
        Payload = MessagingJson.Default.EnvironmentPayload,
        Fields = [PayloadField.Environment],
        RunAsync = ListAsync,
    };

    /// <summary>One of them.</summary>
    public static Verb<ShowEndpointPayload> Show => new()
    {
        Noun = MessagingNoun.Label,
        Name = "show",
        Purpose = "Show an endpoint; secrets by reference only",
        Examples = ["op messaging endpoint show", "op messaging endpoint show prod 01J97Q"],
        Payload = MessagingJson.Default.ShowEndpointPayload,
        Fields =
        [
            PayloadField.Environment,
            new("endpoint_id", "the endpoint, or a prefix of its id; the only one when not given", "--endpoint-id", "ID", "ENDPOINT"),
        ],
        RunAsync = ShowAsync,
    };

    private static async Task<Outcome<Answer>> ListAsync(EnvironmentPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        if (!OpStore.Open(call, payload.EnvironmentId).TryGet(out var at, out var refusal)
            || !(await at.LoadAsync(cancellationToken)).TryGet(out var document, out refusal))
        {
            return refusal;
        }

        var list = new EndpointList(at.Environment.ToString(), [.. document.MessagingEndpoints.Select(EndpointSummary.Of)]);
        return Answer.Of(list, MessagingJson.Default.EndpointList, screen => screen.Table(
            new([new("endpoint"), new("provider"), new("instance"), new("name", 2), new("bundles", 1)], [.. list.Endpoints.Select(Row)]),
            $"Environment {at.Environment} has no messaging endpoint."));
    }

    private static async Task<Outcome<Answer>> ShowAsync(ShowEndpointPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        if (!OpStore.Open(call, payload.EnvironmentId).TryGet(out var at, out var refusal)
            || !(await at.LoadAsync(cancellationToken)).TryGet(out var document, out refusal)
            || !MessagingNoun.Find(document, payload.EndpointId).TryGet(out var endpoint, out refusal))
        {
            return refusal;
        }

        var summary = EndpointSummary.Of(endpoint);
        return Answer.Of(summary, MessagingJson.Default.EndpointSummary, screen =>
        {
            screen.Say($"Endpoint {summary.DisplayName} · generation {summary.Generation} · changed {screen.Ago(endpoint.UpdatedAt)} by {endpoint.UpdatedBy}");
            EndpointChanges.Facts(summary, screen);
        });
    }

    private static ImmutableArray<string> Row(EndpointSummary endpoint) =>
        [endpoint.EndpointId, endpoint.ProviderType, endpoint.ProviderId, endpoint.DisplayName, string.Join(", ", endpoint.LinkedBundles)];
}
