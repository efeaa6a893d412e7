using System.Collections.Immutable;
using System.Text.Json;
using Gtc.Model;

namespace Gtc.EnvPacks;

/// <summary>What is known of a deployer's credentials, <c>credentials.json</c> (credentials.md §3). It holds references, never material.</summary>
public sealed record CredentialsDocument
{
    /// <summary>The value of <c>schema</c>.</summary>
    public const string SchemaId = "greentic.credentials.v1";

    /// <summary>The file, relative to the environment's folder.</summary>
    public const string FileName = "credentials.json";

    /// <summary>An operator gave the identity; it is checked.</summary>
    public const string RequirementsMode = "requirements";

    /// <summary>The identity was made, or described, with the rights of an administrator.</summary>
    public const string BootstrapMode = "bootstrap";

    /// <summary>Always <see cref="SchemaId"/>.</summary>
    public required string Schema { get; init; }

    /// <summary>The environment.</summary>
    public required EnvId EnvId { get; init; }

    /// <summary>The deployer.</summary>
    public required PackDescriptor DeployerKind { get; init; }

    /// <summary><see cref="RequirementsMode"/> or <see cref="BootstrapMode"/>.</summary>
    public required string Mode { get; init; }

    /// <summary>The credentials, <c>secret://&lt;env&gt;/…</c>.</summary>
    public required string ProvidedCredentialsRef { get; init; }

    /// <summary>How the last check ended.</summary>
    public required CredentialsValidation Validation { get; init; }

    /// <summary>What a bootstrap left; in that mode and in no other.</summary>
    public CredentialsBootstrap? Bootstrap { get; init; }

    /// <summary>How long the credentials live; null when they do not say.</summary>
    public CredentialsExpiry? Expiry { get; init; }

    /// <summary>Null when the document is valid.</summary>
    public Refusal.InvalidDocument? Validate()
    {
        if (Schema != SchemaId)
        {
            return new("SchemaMismatch", $"schema is `{Schema}`, `{SchemaId}` was expected");
        }

        if (References.CheckSecret(ProvidedCredentialsRef, out var environment) is { } broken)
        {
            return new(broken, $"provided_credentials_ref `{ProvidedCredentialsRef}` is not of the form secret://<env>/<path>");
        }

        if (environment != EnvId.ToString())
        {
            return new("CrossEnvRef", $"provided_credentials_ref `{ProvidedCredentialsRef}` points into environment `{environment}`, not `{EnvId}`");
        }

        return (Mode, Bootstrap) is (RequirementsMode, null) or (BootstrapMode, not null) ? null : new("CredentialsMode", $"mode `{Mode}` and the member bootstrap do not fit together");
    }

    /// <summary>The document as a file.</summary>
    public byte[] ToFile() => [.. JsonSerializer.SerializeToUtf8Bytes(this, EnvPackJson.Default.CredentialsDocument), (byte)'\n'];
}

/// <summary>How a check of credentials ended.</summary>
/// <param name="LastRunAt">When.</param>
/// <param name="Result"><c>pass</c> or <c>fail</c>.</param>
/// <param name="MissingCapabilities">The ids of what failed or was skipped.</param>
public sealed record CredentialsValidation(DateTimeOffset LastRunAt, string Result, ImmutableArray<string> MissingCapabilities)
{
    /// <summary>What a list of checks amounts to: it passes when none failed.</summary>
    public static CredentialsValidation Of(ImmutableArray<CapabilityCheck> checks, DateTimeOffset now) => new(
        now,
        checks.Any(check => check.Status == CapabilityStatus.Fail) ? "fail" : "pass",
        [.. checks.Where(check => check.Status != CapabilityStatus.Pass).Select(check => check.Id)]);
}

/// <summary>What a bootstrap left.</summary>
/// <param name="AdminCredentialConsumedAt">When the administrator's credentials were used.</param>
/// <param name="RulesPackRef">The rules pack, relative to the environment's folder.</param>
/// <param name="GeneratedCredentialsRef">The credentials that were made.</param>
public sealed record CredentialsBootstrap(DateTimeOffset AdminCredentialConsumedAt, string RulesPackRef, string GeneratedCredentialsRef);

/// <summary>How long credentials live.</summary>
/// <param name="ExpiresAt">When they end.</param>
/// <param name="RotateAt">When they should be replaced, or null.</param>
public sealed record CredentialsExpiry(DateTimeOffset ExpiresAt, DateTimeOffset? RotateAt);
