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

        var mints = WebhookSecrets.IsTelegramClass(payload.ProviderType) && payload is { WebhookSecretRef: null, AcceptsUnsignedWebhooks: not true };
        var done = at is RemotePlace remote && mints
            ? await FetchedSecrets.ChangeAsync(remote, fetched => AddAsync(at, payload, fetched, call, cancellationToken), cancellationToken)
            : await AddAsync(at, payload, null, call, cancellationToken);
        return done.Then(added => EndpointChanges.Shown(added, "is added"));
    }

    /// <param name="at">Where.</param>
    /// <param name="payload">What is asked.</param>
    /// <param name="fetched">The secrets of a store server, where one is to be minted; else null.</param>
    /// <param name="call">The call.</param>
    /// <param name="cancellationToken">Ends the wait for the lock.</param>
    private static Task<Outcome<EndpointSummary>> AddAsync(OpPlace at, AddEndpointPayload payload, Outcome<FetchedSecrets>? fetched, VerbCall call, CancellationToken cancellationToken)
    {
        var id = new MessagingEndpointId(call.NewUlid());
        return RepeatableChange.RunAsync(
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
                    var command = Command(payload, id, key, reference);
                    return MessagingVerbs.Add(document, command, call.Context.Time.GetUtcNow()).Then(_ => fetched is not { } secrets
                        ? Asked(command, payload.WebhookSecretRef, null)
                        : reference.Then(secret => WebhookSecretMint.Mint(document, secrets, secret, call).Then<WireRequest>(file => Asked(command, secret, file))));
                },
                answer => EndpointChanges.Answered(answer, call)),
            cancellationToken);
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

    /// <summary>What a store server is asked for.</summary>
    /// <param name="command">The endpoint.</param>
    /// <param name="webhookSecret">Where its webhook's secret lies, or null.</param>
    /// <param name="secrets">The environment's secrets, encrypted, when that one is among them for the first time; else null.</param>
    public static WireRequest Asked(AddEndpoint command, string? webhookSecret, string? secrets) => WireRequest.With(
        HttpMethod.Post,
        ContractJson.Default.AddEndpointBody,
        new AddEndpointBody
        {
            EndpointId = command.EndpointId,
            ProviderId = command.ProviderId,
            ProviderType = command.ProviderType,
            DisplayName = command.DisplayName,
            SecretRefs = command.SecretRefs,
            WebhookSecretRef = webhookSecret,
            Secrets = secrets,
            AcceptsUnsignedWebhooks = command.AcceptsUnsignedWebhooks,
            UpdatedBy = command.UpdatedBy,
        },
        "messaging");

    private static Outcome<EndpointChange> Add(LocalPlace at, EnvironmentDocument document, AddEndpointPayload payload, string key, MutationContext change, VerbCall call)
    {
        var id = new MessagingEndpointId(change.NewUlid());
        return WebhookSecretMint.Run(at, document, id, call, provisioned => MessagingVerbs.Add(document, Command(payload, id, key, provisioned), change.Now));
    }
}
