using Gtc.Cli.Output;

namespace Gtc.Cli.Op.Environments;

/// <summary>The report of <c>env doctor</c> for people.</summary>
internal static class DoctorPage
{
    /// <summary>Prints it.</summary>
    public static void Show(DoctorReport report, Screen screen)
    {
        screen.Say(report.HasFindings ? $"Environment {report.EnvironmentId} needs attention." : $"Environment {report.EnvironmentId} fits together.");
        screen.Facts(
            ("document", report.Validate.Status == "ok" ? null : report.Validate.Message),
            ("bound", report.BoundSlots.IsEmpty ? "nothing" : string.Join(", ", report.BoundSlots)),
            ("not bound", report.MissingSlots.IsEmpty ? null : string.Join(", ", report.MissingSlots)));
        foreach (var (finding, next) in Findings(report))
        {
            screen.Say($"  {finding}");
            screen.Facts(("  next", next));
        }
    }

    private static IEnumerable<(string Finding, string? Next)> Findings(DoctorReport report)
    {
        foreach (var kind in report.UnknownKinds)
        {
            yield return ($"{kind} has no handler: nothing is built in or installed under this name", "gtc op env-packs describe");
        }

        foreach (var mismatch in report.SlotMismatches.Concat(report.Extensions.SlotMismatches))
        {
            yield return ($"{mismatch.Kind} is bound in slot {mismatch.BoundSlot}, but fits slot {mismatch.HandlerSlot}", $"gtc op env-packs update slot={mismatch.BoundSlot}");
        }

        foreach (var skew in report.VersionSkew.Concat(report.Extensions.VersionSkew))
        {
            yield return ($"{skew.Kind}: version {skew.Requested} is not supported, {skew.Supported} is", "gtc op env-packs describe");
        }

        foreach (var pack in report.UnusablePacks)
        {
            yield return ($"{pack.Kind} is installed, but cannot be used: {pack.Why}", "gtc op env-packs install FOLDER");
        }

        foreach (var kind in report.Extensions.UnknownKinds)
        {
            yield return ($"extension {kind} has no handler", null);
        }

        foreach (var stale in report.StaleRevisions)
        {
            yield return ($"revision {stale.RevisionId} of {stale.BundleId}: {stale.Detail} ({stale.ExpectedPath})", stale.Fix);
        }

        foreach (var problem in report.Problems)
        {
            yield return (problem, null);
        }
    }
}
