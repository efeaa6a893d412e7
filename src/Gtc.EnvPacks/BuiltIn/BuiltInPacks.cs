using System.Collections.Immutable;
using Gtc.Model;

namespace Gtc.EnvPacks;

/// <summary>The env-packs that are compiled in (env-packs.md §5).</summary>
public static class BuiltInPacks
{
    /// <summary>All of them, for a program that calls no cluster: what a cluster must allow is neither known nor checked.</summary>
    public static ImmutableArray<IEnvPackHandler> All { get; } =
        With(new UncheckedCredentials("Kubernetes", "default/_/k8s-deployer/deployer_token", [new("k8s.api.reachable", "the cluster's API server answers")]));

    /// <summary>All of them, for a program that calls clusters.</summary>
    /// <param name="kubernetes">What the deployer to a cluster needs of it.</param>
    /// <param name="fleet">What the deployer to a fleet needs of its cluster; null when the program calls none.</param>
    public static ImmutableArray<IEnvPackHandler> With(IDeployerCredentials kubernetes, IDeployerCredentials? fleet = null) =>
    [
        new LocalProcessPack(),
        new K8sPack(kubernetes),
        new FleetPack(fleet ?? new UncheckedCredentials("a fleet", "default/_/fleet-deployer/deployer_token", [new("k8s.api.reachable", "the API server of the fleet answers")])),
        new AwsEcsPack(),
        new DevStorePack(),
        new VaultPack(),
        new PlainPack("greentic.telemetry.stdout", CapabilitySlot.Telemetry),
        new OtlpTelemetryPack(),
        new PlainPack("greentic.sessions.in-memory", CapabilitySlot.Sessions),
        RedisPack.Sessions,
        new PlainPack("greentic.state.in-memory", CapabilitySlot.State),
        RedisPack.State,
        new PlainPack("greentic.revocation.file", CapabilitySlot.Revocation),
    ];
}
