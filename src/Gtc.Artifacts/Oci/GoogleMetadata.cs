using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Gtc.Artifacts.Sources;

namespace Gtc.Artifacts.Oci;

/// <summary>
/// Google's Artifact Registry takes the token of the machine's service account (worker-runtime.md §6.2). Off Google's machines there is no
/// metadata server, and the pull goes on anonymously.
/// </summary>
internal sealed class GoogleMetadata(HttpExchange exchange)
{
    private const int LongestAnswer = 64 * 1024;

    private static readonly Uri TokenAddress =
        new("http://metadata.google.internal/computeMetadata/v1/instance/service-accounts/default/token");

    public async Task<RegistryCredentials?> ReadAsync(StallGuard guard)
    {
        try
        {
            var ask = new Ask(HttpMethod.Get, TokenAddress) { Headers = [new("Metadata-Flavor", "Google")] };
            using var response = await exchange.SendAsync(ask, guard);
            if (response.StatusCode != HttpStatusCode.OK)
            {
                return null;
            }

            var body = await BoundedBody.ReadAsync(response, LongestAnswer, guard);
            return JsonSerializer.Deserialize(body, OciJson.Default.TokenAnswer)?.AccessToken is { Length: > 0 } token
                ? new RegistryCredentials("oauth2accesstoken", token)
                : null;
        }
        catch (Exception exception) when (exception is HttpRequestException or SocketException or JsonException or FetchException)
        {
            return null;
        }
    }
}
