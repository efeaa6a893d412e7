using Gtc.Cli.Verbs;
using Gtc.Model;
using Gtc.Store.Server;

namespace Gtc.Cli.Op.Messaging;

/// <summary>The verbs that say which bundles use an endpoint, and which of their flows greets.</summary>
internal static class EndpointLinks
{
    private static readonly PayloadField Bundle = new("bundle_id", "the bundle", "--bundle-id", "ID");

    /// <summary>Links a bundle.</summary>
    public static Verb<LinkPayload> Link => new()
    {
        Noun = MessagingNoun.Label,
        Name = "link-bundle",
        Purpose = "Let a deployed bundle use an endpoint",
        Examples = ["op messaging endpoint link-bundle --endpoint-id 01J97Q --bundle-id checkout", "op messaging endpoint link-bundle prod endpoint_id=01J97Q bundle_id=checkout"],
        Payload = MessagingJson.Default.LinkPayload,
        Fields = [PayloadField.Environment, MessagingNoun.EndpointField, Bundle, MessagingNoun.UpdatedBy, PayloadField.RetryKey],
        RunAsync = (payload, call, cancellationToken) => EndpointChanges.RunAsync(
            "link-bundle",
            payload,
            MessagingJson.Default.LinkPayload,
            (payload.EnvironmentId, payload.EndpointId, payload.UpdatedBy, payload.IdempotencyKey),
            call,
            (_, document, request, change) => MessagingVerbs.Link(document, request, payload.BundleId, change.Now),
            (_, request) => LinkAsked(request, payload.BundleId),
            $"is linked to {payload.BundleId}",
            cancellationToken),
    };

    /// <summary>Unlinks a bundle.</summary>
    public static Verb<LinkPayload> Unlink => new()
    {
        Noun = MessagingNoun.Label,
        Name = "unlink-bundle",
        Purpose = "Take an endpoint away from a bundle",
        Remark = "Refused while the bundle owns the endpoint's welcome flow.",
        Examples = ["op messaging endpoint unlink-bundle --endpoint-id 01J97Q --bundle-id checkout", "op messaging endpoint unlink-bundle prod endpoint_id=01J97Q bundle_id=checkout"],
        Payload = MessagingJson.Default.LinkPayload,
        Fields = [PayloadField.Environment, MessagingNoun.EndpointField, Bundle, MessagingNoun.UpdatedBy, PayloadField.RetryKey],
        RunAsync = (payload, call, cancellationToken) => EndpointChanges.RunAsync(
            "unlink-bundle",
            payload,
            MessagingJson.Default.LinkPayload,
            (payload.EnvironmentId, payload.EndpointId, payload.UpdatedBy, payload.IdempotencyKey),
            call,
            (_, document, request, change) => MessagingVerbs.Unlink(document, request, payload.BundleId, change.Now),
            (_, request) => WireRequest.With(HttpMethod.Post, ContractJson.Default.LinkBody, new LinkBody(payload.BundleId, request.UpdatedBy), EndpointChanges.Path(request.EndpointId, "unlink")),
            $"is not linked to {payload.BundleId}",
            cancellationToken),
    };

    /// <summary>Says which flow greets.</summary>
    public static Verb<WelcomePayload> Welcome => new()
    {
        Noun = MessagingNoun.Label,
        Name = "set-welcome-flow",
        Purpose = "Say which flow of a linked bundle greets a new conversation",
        Examples = ["op messaging endpoint set-welcome-flow --endpoint-id 01J97Q --bundle-id checkout --pack-id hello --flow-id greet"],
        Payload = MessagingJson.Default.WelcomePayload,
        Fields =
        [
            PayloadField.Environment,
            MessagingNoun.EndpointField,
            Bundle,
            new("pack_id", "a pack of the bundle", "--pack-id", "ID"),
            new("flow_id", "a flow of the pack", "--flow-id", "ID"),
            MessagingNoun.UpdatedBy,
            PayloadField.RetryKey,
        ],
        RunAsync = (payload, call, cancellationToken) => EndpointChanges.RunAsync(
            "set-welcome-flow",
            payload,
            MessagingJson.Default.WelcomePayload,
            (payload.EnvironmentId, payload.EndpointId, payload.UpdatedBy, payload.IdempotencyKey),
            call,
            (_, document, request, change) => MessagingVerbs.SetWelcomeFlow(
                document, request, new WelcomeFlow { BundleId = payload.BundleId, PackId = payload.PackId, FlowId = payload.FlowId }, change.Now),
            (_, request) => WelcomeAsked(request, new WelcomeFlow { BundleId = payload.BundleId, PackId = payload.PackId, FlowId = payload.FlowId }),
            $"greets with {payload.FlowId}",
            cancellationToken),
    };

    /// <summary>What a store server is asked for to link a bundle.</summary>
    public static WireRequest LinkAsked(EndpointRequest request, string bundleId) =>
        WireRequest.With(HttpMethod.Post, ContractJson.Default.LinkBody, new LinkBody(bundleId, request.UpdatedBy), EndpointChanges.Path(request.EndpointId, "link"));

    /// <summary>What a store server is asked for to say which flow greets.</summary>
    public static WireRequest WelcomeAsked(EndpointRequest request, WelcomeFlow flow) => WireRequest.With(
        HttpMethod.Post,
        ContractJson.Default.WelcomeBody,
        new WelcomeBody(request.EndpointId, flow.BundleId, flow.PackId, flow.FlowId, request.UpdatedBy),
        EndpointChanges.Path(request.EndpointId, "welcome-flow"));
}
