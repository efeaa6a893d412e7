using System.Collections.Immutable;
using Gtc.Model;

namespace Gtc.EnvPacks;

/// <summary>The env-packs that are compiled in (env-packs.md §5).</summary>
public static class BuiltInPacks
{
    /// <summary>All of them.</summary>
    public static ImmutableArray<IEnvPackHandler> All { get; } =
    [
        new LocalProcessPack(),
        new K8sPack(),
        new AwsEcsPack(),
        new DevStorePack(),
        new VaultPack(),
        new PlainPack("greentic.telemetry.stdout", CapabilitySlot.Telemetry),
        new PlainPack("greentic.sessions.in-memory", CapabilitySlot.Sessions),
        new RedisSessionsPack(),
        new PlainPack("greentic.state.in-memory", CapabilitySlot.State),
        new PlainPack("greentic.revocation.file", CapabilitySlot.Revocation),
    ];
}
