using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.Model;
using Gtc.Store;
using Gtc.Store.Server;

namespace Gtc.Cli.Op.Messaging;

/// <summary>What the verbs that change one endpoint have in common.</summary>
internal static class EndpointChanges
{
    /// <summary>Changes an endpoint and answers its summary.</summary>
    /// <param name="verb">The verb.</param>
    /// <param name="payload">What is asked.</param>
    /// <param name="type">The payload's metadata.</param>
    /// <param name="asked">The payload's environment, endpoint, author and key.</param>
    /// <param name="call">The call.</param>
    /// <param name="change">The change.</param>
    /// <param name="wire">The same over a store server.</param>
    /// <param name="said">What is said of the endpoint when it is done, e.g. <c>is linked to shop</c>.</param>
    /// <param name="cancellationToken">Ends the wait for the lock.</param>
    /// <typeparam name="T">The payload.</typeparam>
    public static async Task<Outcome<Answer>> RunAsync<T>(
        string verb,
        T payload,
        JsonTypeInfo<T> type,
        (string? Environment, string Endpoint, string? Author, string? Key) asked,
        VerbCall call,
        Func<LocalPlace, EnvironmentDocument, EndpointRequest, MutationContext, Outcome<EndpointChange>> change,
        Func<EnvironmentDocument, EndpointRequest, Outcome<WireRequest>> wire,
        string said,
        CancellationToken cancellationToken)
    {
        if (!OpStore.Open(call, asked.Environment).TryGet(out var at, out var refusal))
        {
            return refusal;
        }

        var done = await RepeatableChange.RunAsync(
            at,
            OpStore.Intent(at.Environment, MessagingNoun.Label, verb, ("endpoint_id", asked.Endpoint)),
            asked.Key,
            RepeatableChange.Request(payload, type),
            call,
            MessagingJson.Default.EndpointSummary,
            (context, key) => context.Required(at.Environment).Then(document => MessagingNoun.Find(document, asked.Endpoint).Then(endpoint =>
                change((LocalPlace)at, document, new(endpoint.EndpointId, asked.Author ?? MessagingNoun.DefaultAuthor, key), context)
                    .Then(changed => Mutation(changed, document, call)))),
            new(
                (document, key) => MessagingNoun.Find(document, asked.Endpoint).Then(endpoint => wire(document, new(endpoint.EndpointId, asked.Author ?? MessagingNoun.DefaultAuthor, key))),
                answer => Answered(answer, call)),
            cancellationToken);
        return done.Then(summary => Shown(summary, said));
    }

    /// <summary>The change of an environment that a change of an endpoint is.</summary>
    public static Outcome<Mutation<EndpointSummary>> Mutation(EndpointChange change, EnvironmentDocument before, VerbCall call)
    {
        var endpoint = change.Endpoint!;
        return new Mutation<EndpointSummary>(EndpointSummary.Of(endpoint) with { Warnings = call.Warnings?.ToArray() })
        {
            Document = change.IsMutated ? change.Document : null,
            PreviousGeneration = change.IsMutated ? before.MessagingEndpoints.FirstOrDefault(present => present.EndpointId == endpoint.EndpointId)?.Generation : null,
            NewGeneration = change.IsMutated ? endpoint.Generation : null,
            Target = OpStore.Target(("endpoint_id", endpoint.EndpointId.ToString()), ("provider_type", endpoint.ProviderType), ("provider_id", endpoint.ProviderId)),
        };
    }

    /// <summary>What a store server answers to a change of an endpoint.</summary>
    public static Outcome<EndpointSummary> Answered(WireAnswer answer, VerbCall call) =>
        EndpointSummary.Of(answer.Result.Deserialize(ContractJson.Default.MessagingEndpoint)!) with { Warnings = call.Warnings?.ToArray() };

    /// <summary>The path of an endpoint.</summary>
    public static string[] Path(MessagingEndpointId endpoint, string verb) => ["messaging", endpoint.ToString(), verb];

    /// <summary>The answer of a change.</summary>
    public static Outcome<Answer> Shown(EndpointSummary summary, string said) => Answer.Of(summary, MessagingJson.Default.EndpointSummary, screen =>
    {
        screen.Say($"Endpoint {summary.DisplayName} {said} · generation {summary.Generation}");
        Facts(summary, screen);
    });

    /// <summary>The facts of an endpoint.</summary>
    public static void Facts(EndpointSummary summary, Screen screen) => screen.Facts(
        ("endpoint", summary.EndpointId),
        ("provider", $"{summary.ProviderType} {summary.ProviderId}"),
        ("bundles", summary.LinkedBundles.Count == 0 ? "none" : string.Join(", ", summary.LinkedBundles)),
        ("welcome", summary.WelcomeFlow is { } flow ? $"{flow.FlowId} of {flow.PackId} in {flow.BundleId}" : null),
        ("secrets", summary.SecretRefs.Count == 0 ? null : string.Join(", ", summary.SecretRefs)),
        ("webhook secret", summary.WebhookSecretRef));
}
