using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Serialization;

namespace Gtc.Store;

/// <summary>Something that a migration would meet.</summary>
/// <param name="Kind">Which, e.g. <c>legacy-env-complex</c> (store.md §7).</param>
/// <param name="Severity"><c>info</c>, or <c>blocking</c> when the migration is not done because of it.</param>
/// <param name="Location">Where.</param>
/// <param name="Message">A sentence without a final full stop.</param>
public sealed record MigrationFinding(string Kind, string Severity, string Location, string Message)
{
    /// <summary>Whether the migration is not done because of it.</summary>
    [JsonIgnore]
    public bool IsBlocking => Severity == "blocking";

    internal static MigrationFinding Info(string kind, string location, string message) => new(kind, "info", location, message);

    internal static MigrationFinding Blocking(string kind, string location, string message) => new(kind, "blocking", location, message);

    /// <summary>Refuses a migration; null when nothing blocks it.</summary>
    internal static Model.Refusal.Conflict? Refuse(IReadOnlyList<MigrationFinding> findings) => findings.FirstOrDefault(finding => finding.IsBlocking) is { } first
        ? new($"nothing was migrated: {first.Message}") { Details = [.. findings.Where(finding => finding.IsBlocking).Select(finding => new Model.RefusalDetail(finding.Kind, finding.Location))] }
        : null;

    /// <summary>The name of what is set aside: a time in which <c>:</c> and <c>.</c> are <c>-</c>.</summary>
    internal static string Aside(string stem, DateTimeOffset now) =>
        stem + now.UtcDateTime.ToString("yyyy-MM-dd'T'HH-mm-ss-fffffff'00Z'", CultureInfo.InvariantCulture);
}

/// <summary>What a migration of the legacy environment did.</summary>
/// <param name="MergedSlots">The slots that were free in the target and now are bound.</param>
/// <param name="MergedExtensions">The extensions that were added.</param>
/// <param name="RekeyedSecrets">How many secrets are now the target's too.</param>
/// <param name="RenamedTo">Where the legacy folder is now, or null when there was none.</param>
public sealed record DevMigrated(ImmutableArray<Model.CapabilitySlot> MergedSlots, ImmutableArray<string> MergedExtensions, int RekeyedSecrets, string? RenamedTo);

/// <summary>What is in a legacy folder of deployment state.</summary>
/// <param name="Leaves">How many scopes it has.</param>
/// <param name="Findings">What a migration would meet.</param>
public sealed record StateScan(int Leaves, ImmutableArray<MigrationFinding> Findings);

/// <summary>What a migration of legacy deployment state did.</summary>
/// <param name="RenamedTo">Where the folder is now, or null when there was none.</param>
/// <param name="Scanned">How many scopes it has.</param>
public sealed record StateMigrated(string? RenamedTo, int Scanned);
