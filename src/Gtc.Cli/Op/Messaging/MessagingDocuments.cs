using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Gtc.Model;

namespace Gtc.Cli.Op.Messaging;

/// <summary>What <c>messaging endpoint add</c> takes (op-cli.md §18).</summary>
internal sealed record AddEndpointPayload
{
    public string? EnvironmentId { get; init; }

    public required string ProviderType { get; init; }

    public required string ProviderId { get; init; }

    public required string DisplayName { get; init; }

    public ImmutableArray<string> SecretRefs { get => field.IsDefault ? [] : field; init; }

    public string? WebhookSecretRef { get; init; }

    public bool? AcceptsUnsignedWebhooks { get; init; }

    public string? UpdatedBy { get; init; }

    public string? IdempotencyKey { get; init; }
}

/// <summary>What <c>show</c> takes.</summary>
internal sealed record ShowEndpointPayload
{
    public string? EnvironmentId { get; init; }

    public string? EndpointId { get; init; }
}

/// <summary>What <c>remove</c> and <c>rotate-webhook-secret</c> take.</summary>
internal sealed record EndpointPayload
{
    public string? EnvironmentId { get; init; }

    public required string EndpointId { get; init; }

    public string? UpdatedBy { get; init; }

    public string? IdempotencyKey { get; init; }
}

/// <summary>What <c>link-bundle</c> and <c>unlink-bundle</c> take.</summary>
internal sealed record LinkPayload
{
    public string? EnvironmentId { get; init; }

    public required string EndpointId { get; init; }

    public required string BundleId { get; init; }

    public string? UpdatedBy { get; init; }

    public string? IdempotencyKey { get; init; }
}

/// <summary>What <c>set-welcome-flow</c> takes.</summary>
internal sealed record WelcomePayload
{
    public string? EnvironmentId { get; init; }

    public required string EndpointId { get; init; }

    public required string BundleId { get; init; }

    public required string PackId { get; init; }

    public required string FlowId { get; init; }

    public string? UpdatedBy { get; init; }

    public string? IdempotencyKey { get; init; }
}

/// <summary>The flow that greets a new conversation, in answers.</summary>
internal sealed record WelcomeSummary(string BundleId, string PackId, string FlowId);

/// <summary>One endpoint in answers; <c>webhook_secret_ref</c>, <c>accepts_unsigned_webhooks</c> and <c>warnings</c> are gtc's own. References only, never a secret.</summary>
internal sealed record EndpointSummary
{
    public required string EnvironmentId { get; init; }

    public required string EndpointId { get; init; }

    public required string ProviderType { get; init; }

    public required string ProviderId { get; init; }

    public required string DisplayName { get; init; }

    public required IReadOnlyList<string> LinkedBundles { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public WelcomeSummary? WelcomeFlow { get; init; }

    public required IReadOnlyList<string> SecretRefs { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? WebhookSecretRef { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? AcceptsUnsignedWebhooks { get; init; }

    public required ulong Generation { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Warnings { get; init; }

    /// <summary>The summary of an endpoint.</summary>
    public static EndpointSummary Of(MessagingEndpoint endpoint) => new()
    {
        EnvironmentId = endpoint.EnvId.ToString(),
        EndpointId = endpoint.EndpointId.ToString(),
        ProviderType = endpoint.ProviderType,
        ProviderId = endpoint.ProviderId,
        DisplayName = endpoint.DisplayName,
        LinkedBundles = endpoint.LinkedBundles,
        WelcomeFlow = endpoint.WelcomeFlow is { } flow ? new(flow.BundleId, flow.PackId, flow.FlowId) : null,
        SecretRefs = endpoint.SecretRefs,
        WebhookSecretRef = endpoint.WebhookSecretRef,
        AcceptsUnsignedWebhooks = endpoint.AcceptsUnsignedWebhooks,
        Generation = endpoint.Generation,
    };
}

/// <summary>What <c>list</c> answers.</summary>
internal sealed record EndpointList(string EnvironmentId, IReadOnlyList<EndpointSummary> Endpoints);

/// <summary>What <c>remove</c> answers, whether or not the endpoint was there.</summary>
internal sealed record RemovedEndpoint(string EnvironmentId, string EndpointId);

/// <summary>The payloads and results of <c>gtc op messaging</c>: snake_case, unknown and repeated members refused.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false)]
[JsonSerializable(typeof(EnvironmentPayload))]
[JsonSerializable(typeof(AddEndpointPayload))]
[JsonSerializable(typeof(ShowEndpointPayload))]
[JsonSerializable(typeof(EndpointPayload))]
[JsonSerializable(typeof(LinkPayload))]
[JsonSerializable(typeof(WelcomePayload))]
[JsonSerializable(typeof(EndpointSummary))]
[JsonSerializable(typeof(EndpointList))]
[JsonSerializable(typeof(RemovedEndpoint))]
internal sealed partial class MessagingJson : JsonSerializerContext;
