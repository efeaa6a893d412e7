using System.Globalization;
using System.Text;
using System.Text.Json;
using Gtc.EnvPacks;
using Gtc.Kubernetes;
using Gtc.Model;

namespace Gtc.Deployers.Kubernetes;

/// <summary>Finds out as whom a cluster is called (k8s-deployer.md §13.1 and §14.5). Credentials that are bound and cannot be had are a refusal: nothing falls back to the kubeconfig's own identity.</summary>
public static class KubernetesIdentity
{
    /// <summary>The identity of live calls: the kubeconfig's when no credentials are bound; else the bound token from a variable, the environment's secrets, or the cluster's Secret, in this order.</summary>
    /// <returns>The identity; <see cref="DeployerRefusal.Provider"/> when no cluster is configured; or <see cref="Refusal.Conflict"/> when the credentials are not to be had, or have expired.</returns>
    public static async Task<Outcome<LiveIdentity>> ResolveAsync(IdentityRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var config = KubeConfig.Find(DeployerAccount.Context(request.Answers), request.Variable);
        if (config.Error is { } error)
        {
            return new DeployerRefusal.Provider(error.Message) { Details = [new("expected", "KUBECONFIG, ~/.kube/config, or the account of a pod")] };
        }

        var ns = DeployerAccount.Namespace(request.Environment, request.Answers);
        var ambient = new LiveIdentity { Config = config.Value!, Namespace = ns, Source = IdentitySource.Kubeconfig };
        if (request.CredentialsRef is null)
        {
            return ambient;
        }

        if (!SecretUri.Parse(request.CredentialsRef).TryGet(out var uri, out var refusal) || !(await FindAsync(request, uri, ambient, cancellationToken)).TryGet(out var found, out refusal))
        {
            return refusal is Refusal.InvalidArgument ? new Refusal.Conflict(refusal.Message) { Details = refusal.Details } : refusal;
        }

        return Bound(request, ambient, found.Token, found.Source);
    }

    private static async Task<Outcome<(string Token, IdentitySource Source)>> FindAsync(IdentityRequest request, SecretUri uri, LiveIdentity ambient, CancellationToken cancellationToken)
    {
        if (uri.Environment != request.Environment.ToString())
        {
            return new Refusal.Conflict($"credentials {uri.Reference} belong to environment `{uri.Environment}`, not to `{request.Environment}`");
        }

        if (request.Variable(uri.EnvironmentVariable) is { Length: > 0 } given)
        {
            return (given, IdentitySource.Variable);
        }

        if (!request.Stored(uri).TryGet(out var stored, out var refusal))
        {
            return refusal;
        }

        return stored is not null
            ? (stored, IdentitySource.Store)
            : (await OfClusterAsync(request, uri, ambient, cancellationToken)).Then<(string, IdentitySource)>(token => (token, IdentitySource.Cluster));
    }

    private static async Task<Outcome<string>> OfClusterAsync(IdentityRequest request, SecretUri uri, LiveIdentity ambient, CancellationToken cancellationToken)
    {
        using var client = new KubeClient(ambient.Config, request.Timeout, request.Time);
        var read = await client.GetAsync(KubeKind.Of("v1", "Secret")!, ambient.Namespace, DeployerAccount.SecretName, cancellationToken);
        if (read.Error is { } error)
        {
            return NotFound(request, uri, $"Secret {ambient.Namespace}/{DeployerAccount.SecretName}: {error.Message}");
        }

        using var document = read.Value!;
        var owner = Text(document.RootElement, "metadata", "labels", Labels.Environment);
        if (owner != Labels.ValueOf(request.Environment))
        {
            return NotFound(request, uri, $"Secret {ambient.Namespace}/{DeployerAccount.SecretName} belongs to environment `{owner ?? "(none)"}`");
        }

        return Text(document.RootElement, "data", DeployerAccount.SecretKey) is { } encoded && Decoded(encoded) is { } token
            ? token
            : NotFound(request, uri, $"Secret {ambient.Namespace}/{DeployerAccount.SecretName} has no `{DeployerAccount.SecretKey}`");
    }

    /// <summary>Only the token says who the client is: every other part of the context's user is dropped, or it would win in silence.</summary>
    private static Outcome<LiveIdentity> Bound(IdentityRequest request, LiveIdentity ambient, string text, IdentitySource source)
    {
        var token = text.Trim();
        if (!IsHeaderSafe(token))
        {
            return new Refusal.Conflict($"the credentials of environment `{request.Environment}` are no bearer token: a single line of printable ASCII characters was expected") { Next = Rotate(request) };
        }

        var claims = BearerClaims.Read(token);
        return claims is not null && claims.ExpiresAt <= request.Time.GetUtcNow()
            ? new Refusal.Conflict($"the token of environment `{request.Environment}` expired at {Rfc3339(claims.ExpiresAt)}")
            {
                Details = [new("expected", "a token that is still valid"), new("found in", Where(source))],
                Next = Rotate(request),
            }
            : ambient with { Config = ambient.Config.As(token) with { Renew = ending => AgainAsync(request, ending) }, Source = source, Claims = claims };
    }

    /// <summary>Looks where the token is kept once more: it may have been rotated while a call was under way.</summary>
    private static async Task<KubeResult<KubeConfig>> AgainAsync(IdentityRequest request, CancellationToken cancellationToken) =>
        (await ResolveAsync(request, cancellationToken)).Match<KubeResult<KubeConfig>>(identity => identity.Config, refusal => new KubeError(KubeErrorKind.Forbidden, refusal.Message));

    internal static bool IsHeaderSafe(string token) => token.Length > 0 && token.All(letter => letter is > ' ' and < '\u007f');

    internal static string Rfc3339(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static Refusal.Conflict NotFound(IdentityRequest request, SecretUri uri, string cluster) => new($"the credentials of environment `{request.Environment}` are nowhere to be found, and no others are used in their place")
    {
        Details =
        [
            new("bound", uri.Reference),
            new("looked in", $"the variable {uri.EnvironmentVariable}, the environment's secrets, the cluster"),
            new("the cluster said", cluster),
        ],
        Next = $"gtc op credentials bind {request.Environment} --from-file FILE --replace",
    };

    private static string Rotate(IdentityRequest request) => $"gtc op credentials rotate {request.Environment} admin_profile=CONTEXT";

    private static string Where(IdentitySource source) => source switch
    {
        IdentitySource.Variable => "a variable of the process",
        IdentitySource.Store => "the environment's secrets",
        _ => "the cluster's Secret",
    };

    private static string? Text(JsonElement element, params ReadOnlySpan<string> path)
    {
        foreach (var member in path)
        {
            if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(member, out element))
            {
                return null;
            }
        }

        return element.ValueKind == JsonValueKind.String ? element.GetString() : null;
    }

    private static string? Decoded(string base64)
    {
        try
        {
            return Encoding.UTF8.GetString(Convert.FromBase64String(base64));
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
