using Gtc.Cli.Verbs;
using Gtc.Model;

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
        RunAsync = (payload, call, cancellationToken) => EndpointChanges.RunAsync(
            Name,
            payload,
            MessagingJson.Default.EndpointPayload,
            (payload.EnvironmentId, payload.EndpointId, payload.UpdatedBy, payload.IdempotencyKey),
            call,
            (at, document, request, change) => WebhookSecretMint.Run(at, document, request.EndpointId, call, provisioned =>
                MessagingVerbs.RotateWebhookSecret(document, request, null, provisioned, change.Now)),
            "has a new webhook secret",
            cancellationToken),
    };
}
