namespace Gtc.Model;

/// <summary>The validity of an environment document, in the order of environment-model.md §3; the first broken rule wins.</summary>
/// <remarks>
/// Beyond upstream it refuses two splits of one deployment, duplicate deployments, duplicate revisions and a revision that
/// stands twice in one split. Lifecycle is not looked at: a document whose routed revision drains must stay loadable.
/// </remarks>
public static class EnvironmentRules
{
    /// <summary>Null when the document is valid.</summary>
    public static Refusal.InvalidDocument? Validate(EnvironmentDocument document)
    {
        ArgumentNullException.ThrowIfNull(document);
        return Schema(document.Schema, Schemas.Environment)
            ?? SameEnvironment(document.HostConfig.EnvId, document, "host_config")
            ?? ValidateHost(document)
            ?? ValidatePacks(document)
            ?? CrossEnvironment(document.CredentialsRef, document, "credentials_ref")
            ?? ValidateRevisions(document)
            ?? DeploymentRules.Validate(document)
            ?? SplitRules.Validate(document)
            ?? PreviewRules.Validate(document)
            ?? MessagingRules.Validate(document)
            ?? ValidateExtensions(document);
    }

    internal static Refusal.InvalidDocument Broken(string code, string message) => new(code, message);

    internal static Refusal.InvalidDocument? Schema(string actual, string expected) => actual == expected
        ? null
        : Broken("SchemaMismatch", $"schema is `{actual}`, `{expected}` was expected");

    internal static Refusal.InvalidDocument? SameEnvironment(EnvId actual, EnvironmentDocument document, string context) =>
        actual == document.EnvironmentId
            ? null
            : Broken("EnvIdMismatch", $"{context} belongs to environment `{actual}`, not to `{document.EnvironmentId}`");

    internal static Refusal.InvalidDocument? CrossEnvironment(string? reference, EnvironmentDocument document, string context)
    {
        if (reference is null)
        {
            return null;
        }

        if (References.CheckSecret(reference, out var environment) is { } complaint)
        {
            return Broken(complaint, $"{context} `{reference}` is not of the form secret://<env>/<path>");
        }

        return environment == document.EnvironmentId.ToString()
            ? null
            : Broken("CrossEnvRef", $"{context} `{reference}` points into environment `{environment}`, not `{document.EnvironmentId}`");
    }

    private static Refusal.InvalidDocument? ValidateHost(EnvironmentDocument document) =>
        document.HostConfig.PublicBaseUrl is { } url ? PublicBaseUrl.Parse(url).Refusal as Refusal.InvalidDocument : null;

    private static Refusal.InvalidDocument? ValidatePacks(EnvironmentDocument document)
    {
        var seen = new HashSet<CapabilitySlot>();
        foreach (var binding in document.Packs)
        {
            if (!PackVerbs.BindsInPacks(binding.Slot))
            {
                return Broken("InvalidCapabilitySlot", PackVerbs.NotPackSlot(binding.Slot).Message);
            }

            if (!seen.Add(binding.Slot))
            {
                return Broken("DuplicateCapabilitySlot", $"slot `{binding.Slot.ToString().ToLowerInvariant()}` is bound twice");
            }
        }

        return null;
    }

    private static Refusal.InvalidDocument? ValidateRevisions(EnvironmentDocument document)
    {
        var seen = new HashSet<RevisionId>();
        foreach (var revision in document.Revisions)
        {
            var broken = Schema(revision.Schema, Schemas.Revision) ?? SameEnvironment(revision.EnvId, document, "revision");
            if (broken is not null)
            {
                return broken;
            }

            if (!seen.Add(revision.RevisionId))
            {
                return Broken("DuplicateRevision", $"revision {revision.RevisionId} stands twice");
            }
        }

        return null;
    }

    private static Refusal.InvalidDocument? ValidateExtensions(EnvironmentDocument document)
    {
        var seen = new HashSet<(string, string?)>();
        foreach (var extension in document.Extensions)
        {
            if (extension.InstanceId is { } instance
                && (instance.Length == 0 || !instance.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-')))
            {
                return Broken("InvalidExtensionInstanceId", $"extension `{extension.Kind.Path}`: instance `{instance}` must be [a-z0-9-]+");
            }

            if (!seen.Add((extension.Kind.Path, extension.InstanceId)))
            {
                return Broken("DuplicateExtension", $"extension `{extension.Kind.Path}` instance `{extension.InstanceId ?? "(none)"}` stands twice");
            }
        }

        return null;
    }
}
