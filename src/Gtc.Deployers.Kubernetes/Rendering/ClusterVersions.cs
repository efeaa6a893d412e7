using Gtc.Kubernetes;
using Gtc.Model;

namespace Gtc.Deployers.Kubernetes;

/// <summary>Fits settings to the versions of a cluster that does not know the current ones of all groups.</summary>
internal static class ClusterVersions
{
    private const string PolicyGroup = "policy";
    private const string ExternalSecretsGroup = "external-secrets.io";

    private static readonly Version OlderPolicy = new(1, 20);

    /// <summary>Asks for what the settings need, and for nothing else.</summary>
    public static async Task<Outcome<RenderSettings>> FitAsync(KubeClient client, RenderSettings settings, CancellationToken cancellationToken)
    {
        var policy = await client.VersionsAsync(PolicyGroup, cancellationToken);
        if (policy.Error is { } error)
        {
            return Provider.Failed("no cluster access", error);
        }

        var fitting = policy.Value!.Contains("policy/v1") ? settings : settings with { KubeVersion = OlderPolicy };
        if (settings.Options.ExternalSecrets is null)
        {
            return fitting;
        }

        var external = await client.VersionsAsync(ExternalSecretsGroup, cancellationToken);
        return external.Error is { } failed ? Provider.Failed("asking for the External Secrets operator", failed)
            : KubeKind.All.FirstOrDefault(kind => kind.Kind == "ExternalSecret" && external.Value!.Contains(kind.ApiVersion)) is { } known ? fitting with { ExternalSecretsVersion = known.ApiVersion }
            : new Refusal.Conflict("`external_secrets` is answered, and the cluster has no External Secrets operator")
            {
                Details = [new("expected", $"{ExternalSecretsGroup}/v1 or /v1beta1"), new("found", external.Value!.Length == 0 ? "none of that group" : string.Join(", ", external.Value!))],
            };
    }
}
