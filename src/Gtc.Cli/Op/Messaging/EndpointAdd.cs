using Gtc.Cli.Op.Secrets;
using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.Model;
using Gtc.Store;
using Gtc.Store.Server;

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
        if (!OpStore.Open(call, payload.EnvironmentId).TryGet(out var at, out var refusal))
        {
            return refusal;
        }

        var remote = at as RemotePlace;
        var mints = WebhookSecrets.IsTelegramClass(payload.ProviderType) && payload is { WebhookSecretRef: null, AcceptsUnsignedWebhooks: not true };
        var fetched = remote is not null && mints ? await FetchedSecrets.FetchAsync(remote, cancellationToken) : default;
        var id = new MessagingEndpointId(call.NewUlid());
        var done = await RepeatableChange.RunAsync(
            at,
            OpStore.Intent(at.Environment, MessagingNoun.Label, "add", ("provider_type", payload.ProviderType), ("provider_id", payload.ProviderId)),
            payload.IdempotencyKey,
            RepeatableChange.Request(payload, MessagingJson.Default.AddEndpointPayload),
            call,
            MessagingJson.Default.EndpointSummary,
            (change, key) => change.Required(at.Environment).Then(document => Add((LocalPlace)at, document, payload, key, change, call).Then(added => EndpointChanges.Mutation(added, document, call))),
            new(
                (document, key) =>
                {
                    var reference = WebhookSecrets.Reference(document, id, isDevStore: true);
                    return MessagingVerbs.Add(document, Command(payload, id, key, reference), call.Context.Time.GetUtcNow())
                        .Then(_ => mints ? WebhookSecretMint.CouldWrite(document, fetched, reference, call).Then<string?>(found => found) : payload.WebhookSecretRef)
                        .Then<WireRequest>(secret => WireRequest.With(HttpMethod.Post, ContractJson.Default.AddEndpointBody, Body(payload, id, secret), "messaging"));
                },
                answer => EndpointChanges.Answered(answer, call)),
            cancellationToken);

        // A retry may find an endpoint whose secret was not written before this process, or the one before it, ended.
        return done.TryGet(out var summary, out refusal) && remote is not null && mints && summary.WebhookSecretRef is { } reference
            && await WebhookSecretMint.WriteAsync(remote, reference, isNew: false, call, cancellationToken) is { } unwritten
            ? unwritten
            : done.Then(added => EndpointChanges.Shown(added, "is added"));
    }

    private static AddEndpoint Command(AddEndpointPayload payload, MessagingEndpointId id, string key, Outcome<string> provisioned) => new()
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
    };

    private static AddEndpointBody Body(AddEndpointPayload payload, MessagingEndpointId id, string? webhookSecret) => new()
    {
        EndpointId = id,
        ProviderId = payload.ProviderId,
        ProviderType = payload.ProviderType,
        DisplayName = payload.DisplayName,
        SecretRefs = payload.SecretRefs,
        WebhookSecretRef = webhookSecret,
        AcceptsUnsignedWebhooks = payload.AcceptsUnsignedWebhooks == true,
        UpdatedBy = payload.UpdatedBy ?? MessagingNoun.DefaultAuthor,
    };

    private static Outcome<EndpointChange> Add(LocalPlace at, EnvironmentDocument document, AddEndpointPayload payload, string key, MutationContext change, VerbCall call)
    {
        var id = new MessagingEndpointId(change.NewUlid());
        return WebhookSecretMint.Run(at, document, id, call, provisioned => MessagingVerbs.Add(document, Command(payload, id, key, provisioned), change.Now));
    }
}
