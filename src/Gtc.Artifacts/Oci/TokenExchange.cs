using System.Net;
using System.Text.Json;
using Gtc.Artifacts.Sources;

namespace Gtc.Artifacts.Oci;

/// <summary>Obtains a token from the service that a Bearer challenge names; anonymously when there are no credentials.</summary>
internal sealed class TokenExchange(HttpExchange exchange, Uri registry, string repository, TimeProvider time)
{
    private const int LongestAnswer = 256 * 1024;

    public async Task<string> ObtainAsync(AuthenticateChallenge challenge, RegistryCredentials? credentials, StallGuard guard)
    {
        var realm = Realm(challenge, credentials);
        var ask = new Ask(HttpMethod.Get, Question(realm, challenge)) { Authorization = credentials?.ToBasic() };
        using var response = await exchange.SendAsync(ask, guard);
        if (response.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden)
        {
            throw RegistryConnection.Denied(credentials is null
                ? "the registry's token service asks for credentials"
                : "the registry's token service refused the credentials");
        }

        if (response.StatusCode != HttpStatusCode.OK)
        {
            throw Failures.OfStatus(response, time, $"the registry's token service answered {(int)response.StatusCode}");
        }

        var body = await BoundedBody.ReadAsync(response, LongestAnswer, guard);
        return TokenOf(body) ?? throw new FetchException("the registry's token service answered without a usable token") { Code = OciErrors.Serde };
    }

    private Uri Realm(AuthenticateChallenge challenge, RegistryCredentials? credentials)
    {
        if (!challenge.Parameters.TryGetValue("realm", out var text) || !Uri.TryCreate(text, UriKind.Absolute, out var realm))
        {
            throw new FetchException("the registry's challenge names no usable token service") { Status = 401 };
        }

        var isSafe = realm.Scheme == Uri.UriSchemeHttps
            || (realm.Scheme == Uri.UriSchemeHttp && ((registry.Scheme == Uri.UriSchemeHttp && credentials is null) || (registry.IsLoopback && realm.IsLoopback)));
        return isSafe ? realm : throw new FetchException($"the registry's token service {SafeAddress.Of(realm)} is not reached over https") { Status = 401 };
    }

    private Uri Question(Uri realm, AuthenticateChallenge challenge)
    {
        var scope = challenge.Parameters.GetValueOrDefault("scope", $"repository:{repository}:pull");
        var query = realm.Query.Length > 1 ? realm.Query[1..] + "&" : "";
        if (challenge.Parameters.TryGetValue("service", out var service))
        {
            query += $"service={Uri.EscapeDataString(service)}&";
        }

        return new UriBuilder(realm) { Query = $"{query}scope={Uri.EscapeDataString(scope)}" }.Uri;
    }

    // A token that is not printable ASCII could not be sent; one with a line break would even forge a header.
    private static string? TokenOf(byte[] body)
    {
        try
        {
            var answer = JsonSerializer.Deserialize(body, OciJson.Default.TokenAnswer);
            var token = answer?.Token is { Length: > 0 } first ? first : answer?.AccessToken;
            return token is { Length: > 0 } && token.All(static character => character is > ' ' and <= '~') ? token : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
