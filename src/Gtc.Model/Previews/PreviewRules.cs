using System.Collections.Immutable;

namespace Gtc.Model;

/// <summary>The validity of previews: few, each of a revision of its deployment, and no host that two of them or a route claim.</summary>
public static class PreviewRules
{
    /// <summary>The most previews of a deployment.</summary>
    public const int MaxPerDeployment = 32;

    /// <summary>The hex digits of a token's hash.</summary>
    public const int HashLength = 64;

    private const int MaxHostLength = 253;
    private const int MaxLabelLength = 63;

    /// <summary>What <see cref="IsHost"/> accepts, in words.</summary>
    public const string HostExpectation = "a DNS name in lower case without a port, e.g. next.shop.example.com";

    /// <summary>
    /// Whether the state of a revision lets it be looked at: it was checked and is still kept (warming, ready or draining). What is staged was not
    /// checked yet, what failed, is inactive or archived is not served by anybody.
    /// </summary>
    public static bool CanBeSeen(RevisionLifecycle lifecycle) => lifecycle is RevisionLifecycle.Warming or RevisionLifecycle.Ready or RevisionLifecycle.Draining;

    /// <summary>Whether a text is a DNS name in lower case (RFC 1123 §2.1), and no address.</summary>
    public static bool IsHost(string host)
    {
        ArgumentNullException.ThrowIfNull(host);
        var labels = host.Split('.');
        return host.Length <= MaxHostLength && labels.All(IsLabel) && !labels[^1].All(char.IsAsciiDigit);
    }

    /// <summary>Whether a text is the SHA-256 of something: 64 lower-case hex digits.</summary>
    public static bool IsHash(string hash)
    {
        ArgumentNullException.ThrowIfNull(hash);
        return hash.Length == HashLength && hash.All(char.IsAsciiHexDigitLower);
    }

    internal static Refusal.InvalidDocument? Validate(EnvironmentDocument document)
    {
        if (document.Bundles.All(deployment => deployment.Previews is null))
        {
            return null;
        }

        var revisions = document.Revisions.ToDictionary(revision => revision.RevisionId);
        var hosts = document.Bundles
            .SelectMany(deployment => deployment.RouteBinding.Hosts, (deployment, host) => (Host: host, By: $"deployment {deployment.DeploymentId} ({deployment.BundleId}) is reached by it"))
            .GroupBy(claim => claim.Host, StringComparer.OrdinalIgnoreCase)
            .ToDictionary(claims => claims.Key, claims => claims.First().By, StringComparer.OrdinalIgnoreCase);
        return document.Bundles.Select(deployment => Validate(deployment, revisions, hosts)).FirstOrDefault(broken => broken is not null);
    }

    private static Refusal.InvalidDocument? Validate(BundleDeployment deployment, Dictionary<RevisionId, Revision> revisions, Dictionary<string, string> hosts)
    {
        var previews = deployment.Previews ?? [];
        if (previews.Length > MaxPerDeployment)
        {
            return EnvironmentRules.Broken("PreviewsTooMany", $"deployment {deployment.DeploymentId} has {previews.Length} previews, the most is {MaxPerDeployment}");
        }

        var seen = new HashSet<RevisionId>();
        foreach (var preview in previews)
        {
            if (!revisions.TryGetValue(preview.RevisionId, out var revision) || revision.DeploymentId != deployment.DeploymentId)
            {
                return EnvironmentRules.Broken("PreviewUnknownRevision", $"deployment {deployment.DeploymentId} has a preview of revision {preview.RevisionId}, which is not one of its own");
            }

            if (!seen.Add(preview.RevisionId))
            {
                return EnvironmentRules.Broken("DuplicatePreview", $"deployment {deployment.DeploymentId} has two previews of revision {preview.RevisionId}");
            }

            if (!IsHash(preview.HeaderTokenHash))
            {
                return EnvironmentRules.Broken("PreviewTokenHashInvalid", $"the preview of revision {preview.RevisionId} has a header_token_hash that is not {HashLength} lower-case hex digits");
            }

            if (ValidateHost(preview, hosts) is { } broken)
            {
                return broken;
            }
        }

        return null;
    }

    private static Refusal.InvalidDocument? ValidateHost(RevisionPreview preview, Dictionary<string, string> hosts)
    {
        if (preview.Host is not { } host)
        {
            return null;
        }

        if (!IsHost(host))
        {
            return EnvironmentRules.Broken("PreviewHostInvalid", $"the preview of revision {preview.RevisionId} has host `{host}`; {HostExpectation} was expected");
        }

        return hosts.TryAdd(host, $"the preview of revision {preview.RevisionId} has it")
            ? null
            : EnvironmentRules.Broken("PreviewHostTaken", $"host `{host}` cannot lead to a preview of revision {preview.RevisionId}: {hosts[host]}");
    }

    private static bool IsLabel(string label) =>
        label.Length is > 0 and <= MaxLabelLength
        && label[0] != '-' && label[^1] != '-'
        && label.All(character => char.IsAsciiLetterLower(character) || char.IsAsciiDigit(character) || character == '-');
}
