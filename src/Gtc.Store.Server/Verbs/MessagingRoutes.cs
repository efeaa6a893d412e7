using Gtc.Model;

namespace Gtc.Store.Server;

/// <summary>The verbs on messaging endpoints.</summary>
internal static class MessagingRoutes
{
    private const string Noun = "messaging.endpoint";
    private const string Endpoints = "/environments/{env_id}/messaging";
    private const string One = Endpoints + "/{endpoint_id}";

    /// <summary>The routes.</summary>
    public static IReadOnlyList<ChangeRoute> All { get; } =
    [
        ChangeRoute.With("POST", Endpoints, Noun, "add", "Adds an endpoint, and with it the secret of its webhook where the caller sends it", ContractJson.Default.AddEndpointBody, Add) with { MaxBody = SecretRoutes.MaxBody },
        ChangeRoute.With("POST", One + "/link", Noun, "link-bundle", "Lets a deployed bundle use an endpoint", ContractJson.Default.LinkBody, (asked, body) =>
            On(asked, body.UpdatedBy, (context, request) => MessagingVerbs.Link(context.Present, request, body.BundleId, context.Now), ("bundle_id", body.BundleId))),
        ChangeRoute.With("POST", One + "/unlink", Noun, "unlink-bundle", "Takes an endpoint away from a bundle", ContractJson.Default.LinkBody, (asked, body) =>
            On(asked, body.UpdatedBy, (context, request) => MessagingVerbs.Unlink(context.Present, request, body.BundleId, context.Now), ("bundle_id", body.BundleId))),
        ChangeRoute.With("POST", One + "/welcome-flow", Noun, "set-welcome-flow", "Says which flow greets a new conversation", ContractJson.Default.WelcomeBody, Welcome),
        ChangeRoute.With("POST", One + "/secret-refs", Noun, "set-secret-refs", "Replaces the references to the provider's secrets", ContractJson.Default.SecretRefsBody, (asked, body) =>
            On(asked, body.UpdatedBy, (context, request) => MessagingVerbs.SetSecretRefs(context.Present, request, body.SecretRefs, context.Now))),
        ChangeRoute.With("POST", One + "/rotate-secret", Noun, "rotate-webhook-secret", "Stamps a new reference to the webhook secret, and takes the secret where the caller sends it", ContractJson.Default.RotateBody, Rotate) with { MaxBody = SecretRoutes.MaxBody },
        ChangeRoute.Bare("DELETE", One, Noun, "remove", "Removes an endpoint; one that is absent is no error", Remove),
    ];

    private static Outcome<Planned> Add(Asked asked, AddEndpointBody body)
    {
        if (WebhookSecrets.IsTelegramClass(body.ProviderType) && body is { WebhookSecretRef: null, AcceptsUnsignedWebhooks: false })
        {
            return NoMinting;
        }

        return WithSecret(asked, body.WebhookSecretRef, body.Secrets, new Planned(Wire.Target(asked.Environment, ("provider_id", body.ProviderId), ("provider_type", body.ProviderType)), context =>
        {
            var command = new AddEndpoint
            {
                EndpointId = body.EndpointId ?? new(context.NewUlid()),
                ProviderId = body.ProviderId,
                ProviderType = body.ProviderType,
                DisplayName = body.DisplayName,
                SecretRefs = body.SecretRefs,
                WebhookSecretRef = body.WebhookSecretRef,
                AcceptsUnsignedWebhooks = body.AcceptsUnsignedWebhooks,
                UpdatedBy = body.UpdatedBy,
                IdempotencyKey = asked.Key,
            };
            return MessagingVerbs.Add(context.Present, command, context.Now).Then<Change>(change => Changed(change) with
            {
                Target = Wire.Target(asked.Environment, ("endpoint_id", change.Endpoint!.EndpointId.ToString()), ("provider_id", body.ProviderId), ("provider_type", body.ProviderType)),
            });
        }));
    }

    /// <summary>The secret comes with the change that refers to it, so that neither is there without the other, and both are one line of the log.</summary>
    private static Outcome<Planned> WithSecret(Asked asked, string? reference, string? file, Planned planned) => file is null ? planned
        : reference is null ? new Refusal.InvalidArgument("secrets is only taken with the webhook_secret_ref that names the new one")
        : planned with
        {
            AlsoNeeds = SecretRoutes.PutRight,
            Step = context => planned.Step(context).Then(change => change.Document is null ? change
                : SecretRoutes.Put(context, asked.Environment, reference, file).Then<Change>(sides => change with { Sides = change.Sides.SetItems(sides) })),
        };

    private static Outcome<Planned> Welcome(Asked asked, WelcomeBody body) => asked.Id<MessagingEndpointId>("endpoint_id").Then(id => body.EndpointId != id
        ? new Refusal.InvalidArgument($"endpoint_id in the body is {body.EndpointId}, in the path it is {id}")
        : On(
            asked,
            body.UpdatedBy,
            (context, request) => MessagingVerbs.SetWelcomeFlow(context.Present, request, new WelcomeFlow { BundleId = body.BundleId, PackId = body.PackId, FlowId = body.FlowId }, context.Now),
            ("bundle_id", body.BundleId),
            ("pack_id", body.PackId),
            ("flow_id", body.FlowId)));

    private static Outcome<Planned> Rotate(Asked asked, RotateBody body) => body.WebhookSecretRef is null
        ? NoMinting
        : On(asked, body.UpdatedBy, (context, request) => MessagingVerbs.RotateWebhookSecret(context.Present, request, body.WebhookSecretRef, null, context.Now))
            .Then(planned => WithSecret(asked, body.WebhookSecretRef, body.Secrets, planned));

    private static Outcome<Planned> Remove(Asked asked) => asked.Id<MessagingEndpointId>("endpoint_id").Then<Planned>(id =>
        new Planned(Wire.Target(asked.Environment, ("endpoint_id", id.ToString())), context =>
        {
            var change = MessagingVerbs.Remove(context.Present, id);
            return new Change(Wire.Answer(id.ToString(), ContractJson.Default.String)) { Document = change.IsMutated ? change.Document : null };
        }));

    private static Outcome<Planned> On(
        Asked asked, string updatedBy, Func<ChangeContext, EndpointRequest, Outcome<EndpointChange>> verb, params (string Name, string? Value)[] target) =>
        asked.Id<MessagingEndpointId>("endpoint_id").Then<Planned>(id => new Planned(
            Wire.Target(asked.Environment, [("endpoint_id", id.ToString()), .. target]),
            context => verb(context, new EndpointRequest(id, updatedBy, asked.Key)).Then<Change>(change => Changed(change))));

    private static Change Changed(EndpointChange change) =>
        new(Wire.Answer(change.Endpoint!, ContractJson.Default.MessagingEndpoint)) { Document = change.IsMutated ? change.Document : null };

    /// <summary>The server never holds a secret's value, so it cannot make one.</summary>
    private static NotDone NoMinting => new("the server mints no secrets: put one into the secrets slot and give its webhook_secret_ref");
}
