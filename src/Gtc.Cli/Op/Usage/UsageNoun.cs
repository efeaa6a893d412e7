using System.CommandLine;
using Gtc.Cli.Verbs;

namespace Gtc.Cli.Op.Usage;

/// <summary><c>gtc op usage</c>.</summary>
internal static class UsageNoun
{
    /// <summary>What it is.</summary>
    public const string Purpose = "What workers did, for whom, and who earns what of it";

    /// <summary>Builds the noun.</summary>
    public static Command Create(CliContext context, VerbFlags flags) => NounCommand.Create("usage", Purpose, context,
    [
        new("report", () => UsageReportVerb.Verb.Purpose, inner => UsageReportVerb.Verb.Create(inner, flags)),
        new("export", () => UsageExport.Verb.Purpose, inner => UsageExport.Verb.Create(inner, flags)),
        new("prune", () => UsagePrune.Verb.Purpose, inner => UsagePrune.Verb.Create(inner, flags)),
    ]);
}
