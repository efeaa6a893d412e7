using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Gtc.Model;

namespace Gtc.EnvPacks;

/// <summary>What a deployer needs of its platform, and how that is checked and granted (credentials.md §2).</summary>
public interface IDeployerCredentials
{
    /// <summary>False when there is nothing to keep secret: a reference that points nowhere will do.</summary>
    bool RequiresMaterial { get; }

    /// <summary>Where the material is kept, or the reference that stands for none.</summary>
    string CanonicalRef(EnvId environment);

    /// <summary>What it must be allowed to do, in a fixed order.</summary>
    ImmutableArray<Capability> Capabilities { get; }

    /// <summary>What it must be allowed to do under some answers: the fixed ones first, then what the answers ask for beyond.</summary>
    ImmutableArray<Capability> CapabilitiesFor(PackAnswers answers) => Capabilities;

    /// <summary>Checks every capability, in order. It changes nothing and does not throw; what cannot be found out has failed.</summary>
    Task<CredentialsFindings> ValidateAsync(CredentialsSetting setting, CancellationToken cancellationToken);

    /// <summary>Whether it can make an identity, and new credentials for it, itself; otherwise it only describes one.</summary>
    bool MakesIdentities => false;

    /// <summary>Whether a bootstrap needs the administrator's credentials from whoever calls; false when the handle says where they are.</summary>
    bool NeedsAdminMaterial => true;

    /// <summary>Makes or describes an identity of its own with the rights of an administrator.</summary>
    Task<BootstrapResult> BootstrapAsync(BootstrapRequest request, CancellationToken cancellationToken);

    /// <summary>Makes new credentials for the identity that it has.</summary>
    Task<BootstrapResult> RotateAsync(BootstrapRequest request, CancellationToken cancellationToken) =>
        Task.FromResult<BootstrapResult>(new BootstrapResult.NotApplicable("its credentials are made elsewhere"));

    /// <summary>Whether credentials should be replaced now. Those that do not say how long they live always should.</summary>
    bool IsRotationDue(CredentialMaterial material, DateTimeOffset now) => true;

    /// <summary>What people know credentials by and until when they count, words that begin a sentence. Never the material.</summary>
    string Describe(CredentialsSetting setting) => "what was handed out, which counts until it ends or is revoked on the platform";

    /// <summary>Makes the platform forget credentials that are bound no longer.</summary>
    /// <returns>What could not be done, sentences; empty when nothing is left behind.</returns>
    Task<ImmutableArray<string>> RevokeAsync(CredentialsSetting setting, CancellationToken cancellationToken) =>
        Task.FromResult<ImmutableArray<string>>(["what was handed out stays valid on the platform until it ends or is revoked there"]);

    /// <summary>Removes the identity that was made, and every credential of it, with the rights of an administrator.</summary>
    /// <returns>What could not be done, sentences; empty when nothing is left behind.</returns>
    Task<ImmutableArray<string>> DeleteIdentityAsync(BootstrapRequest request, CancellationToken cancellationToken) =>
        Task.FromResult<ImmutableArray<string>>(["the identity was made elsewhere, and is removed there"]);
}

/// <summary>What a check of credentials found.</summary>
/// <param name="Checks">Every capability, in order.</param>
public sealed record CredentialsFindings(ImmutableArray<CapabilityCheck> Checks)
{
    /// <summary>What the credentials allow and the deployer never needs, e.g. <c>core/pods:create</c>.</summary>
    public ImmutableArray<string> Excess { get; init; } = [];

    /// <summary>What could not be found out, sentences.</summary>
    public ImmutableArray<string> Notes { get; init; } = [];

    /// <summary>How long they live; null when they do not say.</summary>
    public CredentialsExpiry? Expiry { get; init; }
}

/// <summary>Something that a deployer must be allowed to do.</summary>
/// <param name="Id">Its id, e.g. <c>local-process.fs.writable</c>.</param>
/// <param name="Description">One line.</param>
public sealed record Capability(string Id, string Description);

/// <summary>How a capability stands.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<CapabilityStatus>))]
public enum CapabilityStatus
{
    /// <summary>It is there.</summary>
    [JsonStringEnumMemberName("pass")]
    Pass,

    /// <summary>It is not there, or that cannot be found out.</summary>
    [JsonStringEnumMemberName("fail")]
    Fail,

    /// <summary>It was not looked at.</summary>
    [JsonStringEnumMemberName("skipped")]
    Skipped,
}

/// <summary>One capability after it was looked at.</summary>
/// <param name="Id">The capability.</param>
/// <param name="Description">One line.</param>
/// <param name="Status">How it stands.</param>
public sealed record CapabilityCheck(string Id, string Description, CapabilityStatus Status)
{
    /// <summary>Why it does not stand, or null.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Reason { get; init; }

    /// <summary>A capability that stands.</summary>
    public static CapabilityCheck Passed(Capability capability) => Of(capability, CapabilityStatus.Pass, null);

    /// <summary>A capability that does not stand.</summary>
    public static CapabilityCheck Failed(Capability capability, string reason) => Of(capability, CapabilityStatus.Fail, reason);

    /// <summary>A capability that nobody looked at.</summary>
    public static CapabilityCheck Skipped(Capability capability, string reason) => Of(capability, CapabilityStatus.Skipped, reason);

    private static CapabilityCheck Of(Capability capability, CapabilityStatus status, string? reason)
    {
        ArgumentNullException.ThrowIfNull(capability);
        return new(capability.Id, capability.Description, status) { Reason = reason };
    }
}

/// <summary>Where capabilities are checked.</summary>
public sealed record CredentialsSetting
{
    /// <summary>The environment.</summary>
    public required EnvId Environment { get; init; }

    /// <summary>The environment's folder, absolute.</summary>
    public required string Folder { get; init; }

    /// <summary>Where a worker is configured to listen, <c>ip:port</c>, or null.</summary>
    public string? ListenAddr { get; init; }

    /// <summary>The answers of the deployer's binding.</summary>
    public required PackAnswers Answers { get; init; }

    /// <summary>The credentials to check; null when the environment's secrets have none.</summary>
    public CredentialMaterial? Material { get; init; }

    /// <summary>The environment's reference, when the credentials that a live call would use are meant, wherever those come from; null when <see cref="Material"/> itself is.</summary>
    public string? Reference { get; init; }

    /// <summary>Reads an environment variable of the process; null when it is not set.</summary>
    public required Func<string, string?> Variable { get; init; }

    /// <summary>The clock.</summary>
    public required TimeProvider Time { get; init; }

    /// <summary>How long one call of the platform may take.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);
}
