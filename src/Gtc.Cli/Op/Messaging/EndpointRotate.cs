using Gtc.Cli.Op.Secrets;
using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.Model;
using Gtc.Store.Server;

namespace Gtc.Cli.Op.Messaging;

/// <summary><c>gtc op messaging endpoint rotate-webhook-secret</c>.</summary>
internal static class EndpointRotate
{
    private const string Name = "rotate-webhook-secret";

    /// <summary>The verb.</summary>
    public static Verb<EndpointPayload> Verb => new()
    {
        Noun = MessagingNoun.Label,
        Name = Name,
        Purpose = "Mint a new webhook secret; the previous version stays in the environment's secrets",
        Remark = "For providers of the Telegram class. The provider must be told the new secret, or its calls are refused.",
        Examples = [$"op messaging endpoint {Name} --endpoint-id 01J97Q", $"op messaging endpoint {Name} prod --endpoint-id 01J97Q --updated-by ops"],
        Payload = MessagingJson.Default.EndpointPayload,
        Fields = [PayloadField.Environment, MessagingNoun.EndpointField, MessagingNoun.UpdatedBy, PayloadField.RetryKey],
        RunAsync = RunAsync,
    };

    private static async Task<Outcome<Answer>> RunAsync(EndpointPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        if (!OpStore.Open(call, payload.EnvironmentId).TryGet(out var at, out var refusal))
        {
            return refusal;
        }

        return at is RemotePlace remote
            ? await FetchedSecrets.ChangeAsync(remote, fetched => RotateAsync(payload, fetched, call, cancellationToken), cancellationToken)
            : await RotateAsync(payload, default, call, cancellationToken);
    }

    private static Task<Outcome<Answer>> RotateAsync(EndpointPayload payload, Outcome<FetchedSecrets> fetched, VerbCall call, CancellationToken cancellationToken) => EndpointChanges.RunAsync(
        Name,
        payload,
        MessagingJson.Default.EndpointPayload,
        (payload.EnvironmentId, payload.EndpointId, payload.UpdatedBy, payload.IdempotencyKey),
        call,
        (local, document, request, change) => WebhookSecretMint.Run(local, document, request.EndpointId, call, provisioned =>
            MessagingVerbs.RotateWebhookSecret(document, request, null, provisioned, change.Now)),
        (document, request) => MessagingVerbs.RotateWebhookSecret(document, request, null, WebhookSecrets.Reference(document, request.EndpointId, isDevStore: true), call.Context.Time.GetUtcNow())
            .Then(changed => Asked(document, request, fetched, changed.Endpoint!.WebhookSecretRef!, call)),
        "has a new webhook secret",
        cancellationToken);

    private static Outcome<WireRequest> Asked(EnvironmentDocument document, EndpointRequest request, Outcome<FetchedSecrets> fetched, string reference, VerbCall call) =>
        WebhookSecretMint.Mint(document, fetched, reference, call).Then<WireRequest>(file =>
            WireRequest.With(HttpMethod.Post, ContractJson.Default.RotateBody, new RotateBody(request.UpdatedBy, reference, file), EndpointChanges.Path(request.EndpointId, "rotate-secret")));
}
