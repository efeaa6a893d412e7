using System.Globalization;
using Gtc.Cli.Op.Secrets;
using Gtc.Cli.Verbs;
using Gtc.Kubernetes;
using Gtc.Model;
using Gtc.Store;

namespace Gtc.Cli.Op.Clusters;

/// <summary>A cluster, reached as somebody.</summary>
/// <param name="Client">The cluster.</param>
/// <param name="IsBound">Whether as the environment's own identity; else as whoever the kubeconfig says.</param>
internal sealed record ClusterAccess(KubeClient Client, bool IsBound) : IDisposable
{
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static readonly KubeKind Secrets = KubeKind.Of("v1", "Secret")!;

    /// <summary>The word for whom, in answers.</summary>
    public string Identity => IsBound ? "bound" : "ambient";

    /// <summary>Finds the cluster by the answers and the identity by the environment's credentials (k8s-deployer.md §13.1 and §14.5).</summary>
    public static async Task<Outcome<ClusterAccess>> OpenAsync(EnvironmentDocument document, ClusterSettings settings, OpPlace at, VerbCall call, CancellationToken cancellationToken)
    {
        if (!Timeout(call).TryGet(out var timeout, out var refusal))
        {
            return refusal;
        }

        var found = KubeConfig.Find(settings.Answers.Get("kubeconfig_context"), call.Context.Variable);
        if (found.Error is { } error)
        {
            return new DeployerRefusal.Provider(error.Message) { Details = [new("expected", "KUBECONFIG, ~/.kube/config, or the account of a pod")] };
        }

        if (document.CredentialsRef is not { } reference)
        {
            return new ClusterAccess(Connect(found.Value!, timeout, call), false);
        }

        var token = await TokenAsync(document, reference, found.Value!, settings.Render.Namespace, timeout, at, call, cancellationToken);
        return token.Then(text => (Outcome<ClusterAccess>)new ClusterAccess(Connect(found.Value!.As(text), timeout, call), true));
    }

    /// <inheritdoc/>
    public void Dispose() => Client.Dispose();

    private static KubeClient Connect(KubeConfig config, TimeSpan timeout, VerbCall call) => new(config, timeout, call.Context.Time) { Patience = Patience };

    private static Outcome<TimeSpan> Timeout(VerbCall call)
    {
        var text = call.Context.Variable("GREENTIC_K8S_CALL_TIMEOUT_SECS");
        return string.IsNullOrEmpty(text) ? CallTimeout
            : uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds is > 0 and <= 3600 ? TimeSpan.FromSeconds(seconds)
            : new Refusal.InvalidArgument($"GREENTIC_K8S_CALL_TIMEOUT_SECS `{text}` must be from 1 to 3600");
    }

    /// <summary>The variable, the environment's secrets, the Secret in the cluster; and never silently somebody else.</summary>
    private static async Task<Outcome<string>> TokenAsync(
        EnvironmentDocument document, string reference, KubeConfig ambient, string ns, TimeSpan timeout, OpPlace at, VerbCall call, CancellationToken cancellationToken)
    {
        if (!SecretUri.Parse(reference).TryGet(out var uri, out var refusal))
        {
            return refusal;
        }

        if (call.Context.Variable(uri.EnvironmentVariable) is { Length: > 0 } given)
        {
            return given;
        }

        if (SecretsNoun.Open(document, at, call).TryGet(out var store, out _) && store.Get(uri, null).TryGet(out var reading, out _) && reading is SecretReading.Found found)
        {
            using var value = found.Value;
            return value.Reveal().Trim();
        }

        using var client = Connect(ambient, timeout, call);
        using var secret = (await client.GetAsync(Secrets, ns, "greentic-deployer-identity", cancellationToken)).Value;
        return secret is not null && secret.RootElement.TryGetProperty("metadata", out var metadata)
            && metadata.TryGetProperty("labels", out var labels) && labels.TryGetProperty("greentic.ai/env", out var owner) && owner.GetString() == document.EnvironmentId.ToString()
            && secret.RootElement.TryGetProperty("data", out var data) && data.TryGetProperty("bearer", out var bearer) && bearer.TryGetBytesFromBase64(out var bytes)
            ? System.Text.Encoding.UTF8.GetString(bytes).Trim()
            : new Refusal.Conflict($"the credentials of environment `{document.EnvironmentId}` are not at hand: {reference}")
            {
                Details = [new("expected", $"the variable {uri.EnvironmentVariable}, the secret itself, or Secret greentic-deployer-identity in namespace {ns}")],
                Next = $"gtc op credentials bind {document.EnvironmentId} --from-file TOKEN",
            };
    }
}
