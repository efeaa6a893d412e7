using System.Collections.Immutable;
using Gtc.Artifacts.Packs;
using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.Flows;
using Gtc.Model;

namespace Gtc.Cli.Flow;

/// <summary><c>gtc flow doctor</c>.</summary>
internal static class FlowDoctor
{
    /// <summary>One line.</summary>
    public const string Purpose = "Check the flows and components of a pack without running them";

    /// <summary>The verb.</summary>
    public static Verb<FlowDoctorPayload> Verb => new()
    {
        Noun = "flow",
        Name = "doctor",
        Purpose = Purpose,
        Remark = "Looked for are nodes, routes, flows and components that are not there, routes that are never taken, templates that name nothing, operations that nobody declares, imports that gtc cannot serve, "
            + "and capabilities that are used but not declared, or declared but not used. Notes are no findings for --fail-on-findings and --exit-code.",
        Examples = ["flow doctor greeter.gtpack", "flow doctor greeter.gtpack --fail-on-findings --format json"],
        Payload = FlowJson.Default.FlowDoctorPayload,
        Fields = [new("pack", "the pack file", Position: "PACK")],
        ReportsFindings = true,
        RunAsync = (payload, call, cancellationToken) => Task.FromResult(Check(call.Context.PathOf(payload.Pack), cancellationToken)),
    };

    private static Outcome<Answer> Check(string path, CancellationToken cancellationToken)
    {
        if (!PackFile.Open(path).TryGet(out var pack, out var refusal))
        {
            return refusal;
        }

        using (pack)
        {
            var findings = PackCheck.Run(pack, FlowOptions.Standard, cancellationToken);
            var found = new FlowChecked(
                path,
                pack.Manifest.Flows.Length,
                findings.Count(finding => finding.Severity == FindingSeverity.Error),
                findings.Count(finding => finding.Severity == FindingSeverity.Warning),
                findings.Count(finding => finding.Severity == FindingSeverity.Note),
                [.. findings.Select(finding => new FindingShown(finding.Severity.ToString().ToLowerInvariant(), finding.Code, finding.Place, finding.Message, finding.Advice))]);
            return Answer.Of(found, FlowJson.Default.FlowChecked, screen => Show(found, screen)) with { HasFindings = found.Errors + found.Warnings > 0 };
        }
    }

    private static void Show(FlowChecked found, Screen screen)
    {
        foreach (var finding in found.Findings)
        {
            screen.Say($"{finding.Severity} {finding.Place}: {finding.Message} ({finding.Code})");
            screen.Say($"  do  {finding.Advice}");
        }

        screen.Say(found.Findings.IsEmpty
            ? $"{Count(found.Flows, "flow")} checked, nothing found."
            : $"{Count(found.Flows, "flow")} checked: {Count(found.Errors, "error")}, {Count(found.Warnings, "warning")}, {Count(found.Notes, "note")}.");
    }

    private static string Count(int count, string what) => $"{count} {what}{(count == 1 ? "" : "s")}";
}
