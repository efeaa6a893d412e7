using System.CommandLine;
using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.Model;
using Gtc.Store;

namespace Gtc.Cli.Doctor;

/// <summary><c>gtc doctor</c>: can this machine do what gtc builds on?</summary>
internal static class DoctorCommand
{
    /// <summary>What it is.</summary>
    public const string Purpose = "Check this machine: disk, libraries, clock, limits, and what else is installed";

    /// <summary>Builds the command.</summary>
    public static Command Create(CliContext context) => VerbFlags.Alone(Verb, context);

    private static Verb<DoctorPayload> Verb => new()
    {
        Noun = "doctor",
        Name = "doctor",
        Purpose = Purpose,
        Remark = "A finding is something that does not work, or is not safe, until it is mended. A hint is something that only some commands want.\n"
            + "Environments have checks of their own: gtc op env doctor, env tool-check, env repair, audit verify and bundles verify-policy.",
        Examples = ["doctor", "doctor --format json --fail-on-findings", "doctor --exit-code detailed"],
        Payload = MachineJson.Default.DoctorPayload,
        Fields = [new("store_root", "where environments live; GREENTIC_STORE_ROOT or ~/.greentic/environments when not given", "--store-root", "DIR")],
        ReportsFindings = true,
        RunAsync = (payload, call, _) => Task.FromResult(Run(payload, call)),
    };

    private static Outcome<Answer> Run(DoctorPayload payload, VerbCall call)
    {
        var context = call.Context;
        var root = payload.StoreRoot is { } given ? context.PathOf(given) : null;
        return StoreLayout.Find(root, name => context.Variable(name) is { Length: > 0 } value ? value : null).Then(layout =>
        {
            var checks = MachineChecks.Run(layout, context);
            var report = new MachineReport(checks.Count(check => check.Status == CheckStatus.Finding), checks);
            return (Outcome<Answer>)(Answer.Of(report, MachineJson.Default.MachineReport, screen => Show(report, screen)) with { HasFindings = report.Findings > 0 });
        });
    }

    private static void Show(MachineReport report, Screen screen)
    {
        screen.Table(
            new TableView(
                [new("check"), new("status"), new("found")],
                [.. report.Checks.Select(check => (System.Collections.Immutable.ImmutableArray<string>)[check.Check, Word(check.Status), check.Found])]),
            "Nothing was checked.");
        screen.Facts([.. report.Checks.Select(check => (check.Check, check.Next))]);
        screen.Say(report.Findings switch
        {
            0 => "Nothing needs mending.",
            1 => "1 finding.",
            var count => $"{count} findings.",
        });
    }

    private static string Word(CheckStatus status) => status switch
    {
        CheckStatus.Ok => "ok",
        CheckStatus.Hint => "hint",
        _ => "FINDING",
    };
}
