using System.Collections.Immutable;
using Gtc.Model;

namespace Gtc.EnvPacks;

/// <summary>Processes of this machine need no credentials, but a place to write and a port (credentials.md §9).</summary>
internal sealed class LocalProcessCredentials : IDeployerCredentials
{
    private const string ProbeName = ".local-process-creds-probe";

    private static readonly Capability Writable = new("local-process.fs.writable", "the environment's folder can be written");
    private static readonly Capability Port = new("local-process.port.available", "a port for a worker is free");

    public bool RequiresMaterial => false;

    public ImmutableArray<Capability> Capabilities { get; } = [Writable, Port];

    public string CanonicalRef(EnvId environment) => $"{References.SecretScheme}{environment}/local-process/no-material-required";

    public async Task<CredentialsFindings> ValidateAsync(CredentialsSetting setting, CancellationToken cancellationToken)
    {
        var range = LocalProcessPack.Ports(setting.Answers);
        return new(
        [
            await FolderProbe.FindFaultAsync(Path.Combine(setting.Folder, ProbeName), cancellationToken) is { } fault ? CapabilityCheck.Failed(Writable, fault) : CapabilityCheck.Passed(Writable),
            PortProbe.Find(setting.ListenAddr, range) is null ? CapabilityCheck.Failed(Port, PortProbe.Taken(setting.ListenAddr, range)) : CapabilityCheck.Passed(Port),
        ]);
    }

    public Task<BootstrapResult> BootstrapAsync(BootstrapRequest request, CancellationToken cancellationToken) =>
        Task.FromResult<BootstrapResult>(new BootstrapResult.NotApplicable("processes of this machine need no credentials"));
}
