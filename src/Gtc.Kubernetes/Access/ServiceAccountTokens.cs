using System.Text.Json;
using System.Text.Json.Nodes;

namespace Gtc.Kubernetes;

/// <summary>Makes tokens for ServiceAccounts (authentication.k8s.io TokenRequest).</summary>
public static class ServiceAccountTokens
{
    /// <summary>Makes a token.</summary>
    /// <param name="client">Whoever may make it.</param>
    /// <param name="ns">The account's namespace.</param>
    /// <param name="account">The account's name.</param>
    /// <param name="lifetime">How long it is wanted to live; the server may give less.</param>
    /// <param name="secretName">The Secret that the token ends with: once it is deleted, the server refuses the token.</param>
    /// <param name="secretUid">That Secret's uid.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public static async Task<KubeResult<IssuedToken>> RequestAsync(
        KubeClient client, string ns, string account, TimeSpan lifetime, string secretName, string secretUid, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(client);
        var request = new JsonObject
        {
            ["apiVersion"] = "authentication.k8s.io/v1",
            ["kind"] = "TokenRequest",
            ["spec"] = new JsonObject
            {
                ["audiences"] = new JsonArray(),
                ["expirationSeconds"] = (long)lifetime.TotalSeconds,
                ["boundObjectRef"] = new JsonObject { ["apiVersion"] = "v1", ["kind"] = "Secret", ["name"] = secretName, ["uid"] = secretUid },
            },
        };
        var asked = await client.PostAsync($"{KubeKind.Of("v1", "ServiceAccount")!.Item(ns, account)}/token", JsonElement.Parse(request.ToJsonString()), cancellationToken);
        if (asked.Error is { } error)
        {
            return error;
        }

        using var answer = asked.Value!;
        return answer.RootElement.ValueKind == JsonValueKind.Object && answer.RootElement.TryGetProperty("status", out var status)
            && status.ValueKind == JsonValueKind.Object
            && status.TryGetProperty("token", out var token) && token.ValueKind == JsonValueKind.String && token.GetString() is { Length: > 0 } text
            && status.TryGetProperty("expirationTimestamp", out var expires) && expires.ValueKind == JsonValueKind.String && expires.TryGetDateTimeOffset(out var at)
                ? new IssuedToken(text, at)
                : new KubeError(KubeErrorKind.Unavailable, "the API server's answer to a TokenRequest holds no token");
    }
}
