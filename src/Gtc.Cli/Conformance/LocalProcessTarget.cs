using Gtc.Conformance;

namespace Gtc.Cli.Conformance;

/// <summary>The deployer of this machine under test; with <paramref name="supervises"/> it starts real workers.</summary>
internal sealed class LocalProcessTarget(CliContext context, string folder, ServedBundle bundle, bool supervises) : IConformanceTarget
{
    public string Name => supervises ? "greentic.deployer.local-process, supervising" : "greentic.deployer.local-process, passive";

    public DeployerCapabilities Capabilities => supervises ? new() { ProvidesObjects = true, ProvidesHealthGate = true } : DeployerCapabilities.None;

    public Task<ConformanceSubject> CreateAsync(CancellationToken cancellationToken) =>
        Task.FromResult<ConformanceSubject>(new LocalProcessSubject(context, Path.Combine(folder, Path.GetRandomFileName()), bundle, supervises));
}
