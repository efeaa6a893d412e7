using System.Text.Json;
using Gtc.Model;

namespace Gtc.Store;

/// <summary>What <c>env init</c> notes in runtime.json: where the local-process deployer listens.</summary>
public static class RuntimeStub
{
    private const string ListenAddrKey = "listen_addr";

    /// <summary>The file to write; null when it stays as it is, e.g. because another deployer wrote it.</summary>
    /// <param name="document">The environment.</param>
    /// <param name="before">The file as it is, or null.</param>
    /// <param name="now">The time.</param>
    public static EnvironmentRuntime? Of(EnvironmentDocument document, EnvironmentRuntime? before, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(document);
        var deployer = document.Packs.FirstOrDefault(binding => binding.Slot == CapabilitySlot.Deployer)?.Kind;
        if (deployer?.ToString() != EnvironmentVerbs.LocalProcessDeployer || (before is not null && before.GeneratedBy != deployer))
        {
            return null;
        }

        var listen = JsonSerializer.SerializeToElement(document.HostConfig.ListenAddr ?? HostConfig.DefaultListenAddr, RemoteJson.Default.String);
        if (before is not null && before.Discovered.TryGetValue(ListenAddrKey, out var known) && JsonElement.DeepEquals(known, listen))
        {
            return null;
        }

        var stub = before ?? new EnvironmentRuntime
        {
            Schema = Schemas.EnvironmentRuntime,
            EnvironmentId = document.EnvironmentId,
            GeneratedAt = now,
            GeneratedBy = deployer.Value,
            Generation = 0,
        };
        return stub with
        {
            Discovered = stub.Discovered.SetItem(ListenAddrKey, listen),
            GeneratedAt = now,
            Generation = before is null ? 0 : before.Generation + 1,
        };
    }
}
