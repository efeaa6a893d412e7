using System.Security.Cryptography;
using System.Text;
using Gtc.Model;

namespace Gtc.Flows;

/// <summary>Whether a webhook's caller is the provider (messaging.md §3, decision 35).</summary>
public static class WebhookGate
{
    /// <summary>The field that carries the secret.</summary>
    public const string SecretField = "x-telegram-bot-api-secret-token";

    private static readonly WebhookVerdict Missing = new($"missing {SecretField} header", null);
    private static readonly WebhookVerdict NoMatch = new($"{SecretField} did not match any registered endpoint", null);
    private static readonly WebhookVerdict NoSecret = new("this messaging endpoint has no webhook secret; rotate one in, or let it accept webhooks without", null);

    /// <summary>Decides on a call of a provider of the Telegram class; other providers' components look for themselves, and a call is their endpoint's when there is one only.</summary>
    /// <param name="endpoints">The environment's endpoints.</param>
    /// <param name="providerType">The provider that is called.</param>
    /// <param name="bundleId">The bundle that would get the message; endpoints that are not linked to it do not exist here.</param>
    /// <param name="given">The secret that came along, or null.</param>
    /// <param name="find">Reads the secret of a reference; null when it cannot be read.</param>
    public static WebhookVerdict Decide(IEnumerable<MessagingEndpoint> endpoints, string providerType, string bundleId, string? given, Func<string, byte[]?> find)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentNullException.ThrowIfNull(find);
        if (!WebhookSecrets.IsTelegramClass(providerType))
        {
            // There is no secret that would tell several apart.
            return new(null, endpoints.Where(endpoint => endpoint.ProviderType == providerType && endpoint.LinkedBundles.Contains(bundleId)).ToArray() is [var only] ? only.EndpointId : null);
        }

        var linked = endpoints.Where(endpoint => WebhookSecrets.IsTelegramClass(endpoint.ProviderType) && endpoint.LinkedBundles.Contains(bundleId)).ToArray();
        var guarded = linked.Where(endpoint => endpoint.WebhookSecretRef is not null).ToArray();
        var open = Array.Find(linked, endpoint => endpoint.WebhookSecretRef is null && endpoint.AcceptsUnsignedWebhooks == true);
        if (given is not null && Array.Find(guarded, endpoint => IsSame(given, find(endpoint.WebhookSecretRef!))) is { } match)
        {
            return new(null, match.EndpointId);
        }

        return linked.Length == 0 ? new(null, null)
            : open is not null && given is null ? new(null, open.EndpointId)
            : guarded.Length == 0 && open is null ? NoSecret
            : given is null ? Missing
            : NoMatch;
    }

    private static bool IsSame(string given, byte[]? secret) => secret is not null && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(given), secret);
}

/// <summary>What the gate says.</summary>
/// <param name="Refusal">The text of the 401, or null when the call is let in.</param>
/// <param name="Endpoint">The endpoint that it came through, when that is known.</param>
public sealed record WebhookVerdict(string? Refusal, MessagingEndpointId? Endpoint);
