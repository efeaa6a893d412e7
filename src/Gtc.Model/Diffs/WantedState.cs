using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Gtc.Model;

/// <summary>A document as a flat list of subjects and values: what it wants, without what only counts or stamps.</summary>
internal sealed class WantedState
{
    private readonly EnvironmentDocument _document;
    private readonly bool _isSameEnvironment;

    public WantedState(EnvironmentDocument document, bool isSameEnvironment)
    {
        _document = document;
        _isSameEnvironment = isSameEnvironment;
        AddEnvironment();
        AddBindings();
        foreach (var deployment in document.Bundles)
        {
            AddDeployment(deployment, $"deployments/{deployment.BundleId}@{deployment.CustomerId}");
        }

        foreach (var endpoint in document.MessagingEndpoints)
        {
            AddEndpoint(endpoint, $"messaging/{endpoint.ProviderType}/{endpoint.ProviderId}");
        }
    }

    public Dictionary<string, string> Values { get; } = new(StringComparer.Ordinal);

    private void AddEnvironment()
    {
        var host = _document.HostConfig;
        Add("environment/name", _document.Name);
        Add("environment/credentials_ref", Local(_document.CredentialsRef));
        Add("host/region", host.Region);
        Add("host/tenant_org_id", host.TenantOrgId);
        Add("host/listen_addr", host.ListenAddr);
        Add("host/public_base_url", host.PublicBaseUrl);
        Add("host/gui_enabled", host.GuiEnabled is { } gui ? (gui ? "true" : "false") : null);
        Add("revocation/required", _document.Revocation.Required ? "true" : "false");
        Add("revocation/list_ref", _document.Revocation.ListRef);
        Add("retention/keep_revisions", _document.Retention.KeepRevisions);
        Add("retention/audit_retention_days", _document.Retention.AuditRetentionDays);
        AddUnknown("environment", _document);
        AddUnknown("host", host);
    }

    private void AddBindings()
    {
        foreach (var pack in _document.Packs)
        {
            var subject = $"env-packs/{PackVerbs.Text(pack.Slot)}";
            Add(subject, pack.Kind.ToString());
            Add($"{subject}/pack_ref", pack.PackRef);
            Add($"{subject}/answers_ref", pack.AnswersRef);
            Add($"{subject}/answers_digest", pack.AnswersDigest?.ToString());
            AddUnknown(subject, pack);
        }

        foreach (var extension in _document.Extensions)
        {
            var subject = $"extensions/{ExtensionKey.Of(extension)}";
            Add(subject, extension.Kind.ToString());
            Add($"{subject}/pack_ref", extension.PackRef);
            Add($"{subject}/answers_ref", extension.AnswersRef);
            Add($"{subject}/answers_digest", extension.AnswersDigest?.ToString());
            AddUnknown(subject, extension);
        }
    }

    private void AddDeployment(BundleDeployment deployment, string subject)
    {
        Add(subject, deployment.Status.ToString().ToLowerInvariant());
        Add($"{subject}/hosts", List(deployment.RouteBinding.Hosts));
        Add($"{subject}/path_prefixes", List(deployment.RouteBinding.PathPrefixes));
        Add($"{subject}/tenant", $"{deployment.RouteBinding.TenantSelector.Tenant}/{deployment.RouteBinding.TenantSelector.Team}");
        foreach (var share in deployment.RevenueShare)
        {
            Add($"{subject}/revenue_share/{share.PartyId}", share.BasisPoints);
        }

        foreach (var pack in deployment.ConfigOverrides?.AsEnumerable() ?? [])
        {
            foreach (var (key, value) in pack.Value)
            {
                Add($"{subject}/config_overrides/{pack.Key}/{key}", Canonical(value));
            }
        }

        AddUnknown(subject, deployment);
        AddRevisions(deployment, subject);
    }

    private void AddRevisions(BundleDeployment deployment, string subject)
    {
        var names = new Dictionary<RevisionId, string>();
        foreach (var revision in _document.Revisions.Where(revision => revision.DeploymentId == deployment.DeploymentId))
        {
            if (!_isSameEnvironment && revision.Lifecycle == RevisionLifecycle.Archived)
            {
                continue;
            }

            var name = _isSameEnvironment ? revision.RevisionId.ToString() : Unique(names, revision.BundleDigest);
            names.Add(revision.RevisionId, name);
            Add($"{subject}/revisions/{name}", RevisionVerbs.Text(revision.Lifecycle));
            Add($"{subject}/revisions/{name}/bundle_digest", revision.BundleDigest);
            Add($"{subject}/revisions/{name}/bundle_source_uri", revision.BundleSourceUri);
            Add($"{subject}/revisions/{name}/config_digest", revision.ConfigDigest);
            Add($"{subject}/revisions/{name}/drain_seconds", revision.DrainSeconds);
            AddUnknown($"{subject}/revisions/{name}", revision);
            if (deployment.Previews?.FirstOrDefault(preview => preview.RevisionId == revision.RevisionId) is { } preview)
            {
                Add($"{subject}/revisions/{name}/preview", preview.Host ?? "by token");
            }
        }

        foreach (var entry in Find.Split(_document, deployment.DeploymentId)?.Entries ?? [])
        {
            Add($"{subject}/traffic/{names.GetValueOrDefault(entry.RevisionId, entry.RevisionId.ToString())}", entry.WeightBps);
        }
    }

    private void AddEndpoint(MessagingEndpoint endpoint, string subject)
    {
        Add(subject, endpoint.DisplayName);
        Add($"{subject}/secret_refs", List(endpoint.SecretRefs.Select(reference => Local(reference)!)));

        // The secret's place holds the endpoint's id, which is minted per environment.
        Add($"{subject}/webhook_secret_ref", _isSameEnvironment ? endpoint.WebhookSecretRef : endpoint.WebhookSecretRef is null ? null : "set");
        foreach (var bundle in endpoint.LinkedBundles)
        {
            Add($"{subject}/links/{bundle}", "linked");
        }

        Add($"{subject}/welcome_flow", endpoint.WelcomeFlow is { } flow ? $"{flow.BundleId}/{flow.PackId}/{flow.FlowId}" : null);
        AddUnknown(subject, endpoint);
    }

    private void AddUnknown(string subject, KeepsUnknownMembers entity)
    {
        foreach (var (member, value) in entity.UnknownMembers ?? [])
        {
            Add($"{subject}/{member}", Canonical(value));
        }
    }

    private void Add(string subject, uint? value) => Add(subject, value?.ToString(CultureInfo.InvariantCulture));

    private void Add(string subject, string? value)
    {
        if (!string.IsNullOrEmpty(value))
        {
            Values[subject] = value;
        }
    }

    private string? Local(string? reference)
    {
        var own = $"{References.SecretScheme}{_document.EnvironmentId}/";
        return !_isSameEnvironment && reference?.StartsWith(own, StringComparison.Ordinal) == true ? $"{References.SecretScheme}<env>/{reference[own.Length..]}" : reference;
    }

    private static string Unique(Dictionary<RevisionId, string> names, string digest)
    {
        var count = names.Values.Count(name => name == digest || name.StartsWith(digest + "#", StringComparison.Ordinal));
        return count == 0 ? digest : $"{digest}#{count + 1}";
    }

    private static string List(IEnumerable<string> items) => string.Join(", ", items);

    private static string Canonical(JsonElement value) => Encoding.UTF8.GetString(CanonicalJson.Bytes(value));
}
