using System.Globalization;
using Gtc.Cli.Op.Credentials;
using Gtc.Cli.Verbs;
using Gtc.Deployers.Kubernetes;
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

    /// <summary>The word for whom, in answers.</summary>
    public string Identity => IsBound ? "bound" : "ambient";

    /// <summary>Finds the cluster by the answers and the identity by the environment's credentials (k8s-deployer.md §13.1 and §14.5).</summary>
    public static async Task<Outcome<ClusterAccess>> OpenAsync(EnvironmentDocument document, ClusterSettings settings, OpPlace at, VerbCall call, CancellationToken cancellationToken)
    {
        if (!Timeout(call).TryGet(out var timeout, out var refusal))
        {
            return refusal;
        }

        // Only credentials that are bound are looked for among the secrets.
        Outcome<SecretStore?> secrets = document.CredentialsRef is null ? (SecretStore?)null : await StoredCredentials.OpenAsync(document, at, call, cancellationToken);
        var request = new IdentityRequest
        {
            Environment = document.EnvironmentId,
            Answers = settings.Answers,
            CredentialsRef = document.CredentialsRef,
            Variable = call.Context.Variable,
            Stored = uri => secrets.Then(opened => StoredCredentials.Find(opened, uri.Reference)).Then<string?>(found =>
            {
                using (found)
                {
                    return found?.Reveal();
                }
            }),
            Time = call.Context.Time,
            Timeout = timeout,
        };
        return (await KubernetesIdentity.ResolveAsync(request, cancellationToken)).Then<ClusterAccess>(identity =>
            new ClusterAccess(new KubeClient(identity.Config, timeout, call.Context.Time) { Patience = Patience }, identity.IsBound));
    }

    /// <inheritdoc/>
    public void Dispose() => Client.Dispose();

    private static Outcome<TimeSpan> Timeout(VerbCall call)
    {
        var text = call.Context.Variable("GREENTIC_K8S_CALL_TIMEOUT_SECS");
        return string.IsNullOrEmpty(text) ? CallTimeout
            : uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds is > 0 and <= 3600 ? TimeSpan.FromSeconds(seconds)
            : new Refusal.InvalidArgument($"GREENTIC_K8S_CALL_TIMEOUT_SECS `{text}` must be from 1 to 3600");
    }
}
