using System.Collections.Immutable;
using System.Text;
using System.Text.Json;

namespace Gtc.Model;

/// <summary>What deployers give their workers of <c>runtime.json</c>, so that <c>runtime://</c> references mean the same there.</summary>
public static class CarriedRuntime
{
    /// <summary>The variable by which a worker finds it: a path of a file that may change while it runs.</summary>
    public const string Variable = "GREENTIC_RUNTIME_PATH";

    /// <summary>The file's name.</summary>
    public const string FileName = "runtime.json";

    // What the deployers of one machine keep for themselves, and where an environment was brought.
    private static readonly string[] NotCarried = ["workers", "listen_addr", "cluster"];

    /// <summary>The values that go along.</summary>
    public static ImmutableSortedDictionary<string, JsonElement> Of(EnvironmentRuntime? runtime) =>
        runtime?.Discovered.RemoveRange(NotCarried) ?? ImmutableSortedDictionary<string, JsonElement>.Empty;

    /// <summary>Their document; null when there are none, or nobody who gives them. It has no time and no count of its own, so that the same values are the same bytes.</summary>
    /// <param name="document">The environment, with its deployer.</param>
    /// <param name="discovered">The values.</param>
    public static string? Text(EnvironmentDocument document, ImmutableSortedDictionary<string, JsonElement> discovered)
    {
        ArgumentNullException.ThrowIfNull(document);
        ArgumentNullException.ThrowIfNull(discovered);
        return document.Packs.FirstOrDefault(pack => pack.Slot == CapabilitySlot.Deployer) is not { } deployer || discovered.IsEmpty ? null : Encoding.UTF8.GetString(Documents.EnvironmentRuntime.ToLine(new EnvironmentRuntime
        {
            Schema = Schemas.EnvironmentRuntime,
            EnvironmentId = document.EnvironmentId,
            Discovered = discovered,
            GeneratedAt = DateTimeOffset.UnixEpoch,
            GeneratedBy = deployer.Kind,
            Generation = 0,
        }));
    }
}
