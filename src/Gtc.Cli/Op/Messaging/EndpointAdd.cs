using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.Model;
using Gtc.Store;

namespace Gtc.Cli.Op.Messaging;

/// <summary><c>gtc op messaging endpoint add</c>.</summary>
internal static class EndpointAdd
{
    /// <summary>The verb.</summary>
    public static Verb<AddEndpointPayload> Verb => new()
    {
        Noun = MessagingNoun.Label,
        Name = "add",
        Purpose = "Add an endpoint: one instance of a chat provider",
        Remark = "For a provider of the Telegram class a webhook secret of 32 characters is minted into the environment's secrets; it is never shown. --webhook-secret-ref names one of your own instead.",
        Examples =
        [
            "op messaging endpoint add --provider-type messaging.telegram.bot --provider-id acme-bot --display-name Acme",
            "op messaging endpoint add prod --provider-type messaging.webchat --provider-id web --display-name Web --secret-ref secret://prod/acme/_/webchat/jwt_signing_key --updated-by ops",
        ],
        Payload = MessagingJson.Default.AddEndpointPayload,
        Fields =
        [
            PayloadField.Environment,
            new("provider_type", "the provider, e.g. messaging.telegram.bot", "--provider-type", "TYPE"),
            new("provider_id", "which instance of it; unique with the provider", "--provider-id", "ID"),
            new("display_name", "a name for people", "--display-name", "NAME"),
            new("secret_refs", "a secret of the provider, secret://…", "--secret-ref", "REF"),
            new("webhook_secret_ref", "a webhook secret of your own, for the Telegram class only", "--webhook-secret-ref", "REF"),
            new("accepts_unsigned_webhooks", "whether webhooks are accepted without a secret: anybody who knows the address may then write as any user; for the Telegram class only"),
            MessagingNoun.UpdatedBy,
            PayloadField.RetryKey,
        ],
        RunAsync = RunAsync,
    };

    private static async Task<Outcome<Answer>> RunAsync(AddEndpointPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        if (!OpStore.OpenLocal(call, payload.EnvironmentId).TryGet(out var at, out var refusal))
        {
            return refusal;
        }

        var done = await RepeatableChange.RunAsync(
            at,
            OpStore.Intent(at.Environment, MessagingNoun.Label, "add", ("provider_type", payload.ProviderType), ("provider_id", payload.ProviderId)),
            payload.IdempotencyKey,
            RepeatableChange.Request(payload, MessagingJson.Default.AddEndpointPayload),
            call,
            MessagingJson.Default.EndpointSummary,
            (change, key) => change.Required(at.Environment).Then(document => Add(at, document, payload, key, change, call).Then(added => EndpointChanges.Mutation(added, document, call))),
            cancellationToken);
        return done.Then(summary => EndpointChanges.Shown(summary, "is added"));
    }

    private static Outcome<EndpointChange> Add(LocalPlace at, EnvironmentDocument document, AddEndpointPayload payload, string key, MutationContext change, VerbCall call)
    {
        var id = new MessagingEndpointId(change.NewUlid());
        return WebhookSecretMint.Run(at, document, id, call, provisioned => MessagingVerbs.Add(
            document,
            new AddEndpoint
            {
                EndpointId = id,
                ProviderId = payload.ProviderId,
                ProviderType = payload.ProviderType,
                DisplayName = payload.DisplayName,
                SecretRefs = payload.SecretRefs,
                WebhookSecretRef = payload.WebhookSecretRef,
                AcceptsUnsignedWebhooks = payload.AcceptsUnsignedWebhooks == true,
                Provisioned = provisioned,
                UpdatedBy = payload.UpdatedBy ?? MessagingNoun.DefaultAuthor,
                IdempotencyKey = key,
            },
            change.Now));
    }
}
