using System.Collections.Immutable;
using Gtc.Model;

namespace Gtc.EnvPacks;

/// <summary>What a deployer needs of a platform that this program does not call. The list is right; nothing of it can be found out, so everything has failed.</summary>
/// <param name="platform">The platform, for people.</param>
/// <param name="path">Where the material is kept: <c>tenant/team/category/name</c>.</param>
/// <param name="capabilities">What is needed.</param>
internal sealed class UncheckedCredentials(string platform, string path, ImmutableArray<Capability> capabilities) : IDeployerCredentials
{
    public bool RequiresMaterial => true;

    public ImmutableArray<Capability> Capabilities => capabilities;

    public string CanonicalRef(EnvId environment) => $"{References.SecretScheme}{environment}/{path}";

    public Task<CredentialsFindings> ValidateAsync(CredentialsSetting setting, CancellationToken cancellationToken) =>
        Task.FromResult(new CredentialsFindings([.. capabilities.Select(capability => CapabilityCheck.Failed(capability, $"not checked: this program does not call {platform}"))]));

    public Task<BootstrapResult> BootstrapAsync(BootstrapRequest request, CancellationToken cancellationToken) =>
        Task.FromResult<BootstrapResult>(new BootstrapResult.NotApplicable($"this program does not call {platform}"));
}
