using System.Net;
using System.Net.Http.Headers;
using Gtc.Artifacts.Sources;

namespace Gtc.Artifacts.Oci;

/// <summary>
/// Requests to one repository of one registry, with its authentication. Nothing secret is sent before the registry asks for it, and never
/// over plain HTTP.
/// </summary>
internal sealed class RegistryConnection
{
    private const string DockerHub = "docker.io";

    private readonly HttpExchange _exchange;
    private readonly TokenExchange _tokens;
    private readonly GoogleMetadata? _google;
    private readonly RegistryCredentials? _explicit;
    private AuthenticationHeaderValue? _authorization;

    public RegistryConnection(OciReference reference, PullOptions options, HttpExchange exchange, TimeProvider time)
    {
        _exchange = exchange;
        _explicit = options.Credentials;
        // worker-runtime.md §6.2: a listed registry with explicit credentials keeps https.
        var isPlain = _explicit is null && options.InsecureRegistries.Contains(reference.Registry, StringComparer.Ordinal);
        Root = Locate(reference, isPlain ? Uri.UriSchemeHttp : Uri.UriSchemeHttps);
        _tokens = new TokenExchange(exchange, Root, reference.Repository, time);
        _google = _explicit is null && !isPlain && Root.Host.EndsWith("-docker.pkg.dev", StringComparison.Ordinal) ? new GoogleMetadata(exchange) : null;
    }

    /// <summary>Where the repository's resources begin: <c>https://registry/v2/repository/</c>.</summary>
    public Uri Root { get; }

    /// <summary>Sends a request, answering one challenge. The answer is disposed by the caller.</summary>
    /// <exception cref="FetchException">The registry wants credentials, or refuses those it was given.</exception>
    public async Task<HttpResponseMessage> SendAsync(Ask ask, StallGuard guard)
    {
        // An upload may be sent to storage elsewhere, whose address carries its own permission.
        if (!SafeAddress.IsSameOrigin(ask.Uri, Root))
        {
            return await _exchange.SendAsync(ask, guard);
        }

        var response = await SendOnceAsync(ask, guard);
        if (!IsChallenge(response))
        {
            return response;
        }

        using (response)
        {
            _authorization = await AnswerAsync(response, guard);
        }

        response = await SendOnceAsync(ask, guard);
        if (!IsChallenge(response))
        {
            return response;
        }

        response.Dispose();
        throw _authorization?.Scheme == "Basic"
            ? Denied("the registry refused the credentials")
            : Denied("the registry refused the token that its token service issued");
    }

    private async Task<HttpResponseMessage> SendOnceAsync(Ask ask, StallGuard guard)
    {
        try
        {
            return await _exchange.SendAsync(ask with { Authorization = _authorization }, guard);
        }
        catch (HttpRequestException exception)
        {
            throw Failures.OfRequest(exception, _explicit is null
                ? $"if the registry speaks plain HTTP on purpose: export GREENTIC_OCI_INSECURE_REGISTRIES={Root.Authority}"
                : null);
        }
    }

    private bool IsChallenge(HttpResponseMessage response) =>
        response.StatusCode == HttpStatusCode.Unauthorized
        && response.RequestMessage?.RequestUri is { } final && SafeAddress.IsSameOrigin(final, Root);

    private async Task<AuthenticationHeaderValue> AnswerAsync(HttpResponseMessage response, StallGuard guard)
    {
        var challenges = response.Headers.NonValidated.TryGetValues("WWW-Authenticate", out var values)
            ? values.SelectMany(static value => AuthenticateChallenge.Parse(value)).ToList()
            : [];
        var credentials = _explicit ?? (_google is null ? null : await _google.ReadAsync(guard));
        if (challenges.Find(static challenge => Is(challenge, "Bearer")) is { } bearer)
        {
            return new AuthenticationHeaderValue("Bearer", await _tokens.ObtainAsync(bearer, credentials, guard));
        }

        if (!challenges.Exists(static challenge => Is(challenge, "Basic")))
        {
            throw new FetchException("the registry asks for a kind of authentication that is not known here") { Status = 401 };
        }

        return credentials?.ToBasic() ?? throw Denied("the registry asks for credentials");
    }

    private static bool Is(AuthenticateChallenge challenge, string scheme) =>
        challenge.Scheme.Equals(scheme, StringComparison.OrdinalIgnoreCase);

    /// <summary>A registry or its token service that does not let us in.</summary>
    public static FetchException Denied(string cause) => new(cause)
    {
        Status = 401,
        Next = "set OCI_USERNAME and OCI_PASSWORD to an account that may use the repository",
    };

    // The Hub's API has another name than its references, and its one-word repositories live under library/.
    private static Uri Locate(OciReference reference, string scheme)
    {
        var isHub = reference.Registry == DockerHub;
        var host = isHub ? "registry-1." + DockerHub : reference.Registry;
        var prefix = isHub && !reference.Repository.Contains('/', StringComparison.Ordinal) ? "library/" : "";
        return new Uri($"{scheme}://{host}/v2/{prefix}{reference.Repository}/");
    }
}
