using Gtc.Conformance;

namespace Gtc.Cli.Conformance;

/// <summary>The deployer of fleets under test, on a real API server.</summary>
internal sealed class FleetTarget(ConformanceFleet fleet) : IConformanceTarget
{
    public string Name => $"greentic.deployer.fleet on {fleet.Config.Server.Authority}, with {ConformanceFleet.Count} devices for which, as for the operator, the suite stands in";

    public DeployerCapabilities Capabilities { get; } = new() { ProvidesObjects = true, ProvidesHealthGate = true, ProvidesTraffic = true };

    public async Task<ConformanceSubject> CreateAsync(CancellationToken cancellationToken)
    {
        await fleet.JoinAsync(cancellationToken);
        return new FleetSubject(fleet);
    }
}
