using System.Globalization;
using Gtc.Cli.Output;
using Gtc.Model;

namespace Gtc.Cli.Op.Apply;

/// <summary>Plans and reports for people: <c>+</c> added, <c>~</c> changed, <c>-</c> removed, <c>!</c> has a consequence beyond the document.</summary>
internal static class PlanPage
{
    /// <summary>A plan.</summary>
    public static void Show(Planned made, PlanDocument document, PlanReport report, string? name, Screen screen)
    {
        screen.Say(made.Plan.Changed + made.Plan.Undiffable == 0
            ? $"Environment {document.EnvironmentId} · generation {document.BaseGeneration} · as the manifest says"
            : $"Environment {document.EnvironmentId} · from generation {document.BaseGeneration} · valid until someone else writes");
        foreach (var change in document.Changes)
        {
            screen.Say($"  {Sign(change.Kind)} {change.Subject}   {Values(change)}");
        }

        foreach (var step in made.Plan.Steps.Where(IsBeyondDocument))
        {
            screen.Say($"  ! {step.Kind} {step.Key}   {step.Detail}");
        }

        foreach (var moved in document.Traffic)
        {
            screen.Say($"  ! {Moved(moved, made)}");
        }

        foreach (var worker in report.Deployer.Objects)
        {
            screen.Say($"  {(worker.Action == "create" ? "+" : "-")} {worker.Kind} {worker.Name}   {(worker.Action == "create" ? "starts" : "stops")}");
        }

        foreach (var input in report.Missing)
        {
            screen.Say($"  ? {input.Kind} {input.Key}   missing, from {input.Source}");
        }

        foreach (var note in report.Warnings.Append(report.Deployer.Note).OfType<string>())
        {
            screen.Say($"  note: {note}");
        }

        screen.Say(Counts(made.Plan.Changed, made.Plan.NoOps, made.Plan.Undiffable));
        if (name is not null)
        {
            screen.Facts(("apply it", $"gtc op env apply --plan-file {name}"));
        }
    }

    /// <summary>What is asked about, before it is done.</summary>
    public static void Preview(Planned made, TextWriter writer)
    {
        writer.WriteLine($"Environment {made.Plan.EnvironmentId}, from generation {made.BaseGeneration}:");
        foreach (var step in made.Plan.Steps.Where(step => step.Action != StepAction.NoOp))
        {
            writer.WriteLine($"  {Sign(step.Action)} {step.Kind} {step.Key}   {step.Detail}");
        }
    }

    /// <summary>The report of an apply.</summary>
    public static void Applied(ApplyReport report, Screen screen)
    {
        screen.Say(report.Changed + report.Undiffable == 0
            ? $"Environment {report.EnvironmentId} is as the manifest says already; nothing changed."
            : $"Environment {report.EnvironmentId} is as the manifest says · generation {report.BaseGeneration} → {report.Generation}");
        Rest(report, screen);
        if (report.Changed > 0 && report.BaseGeneration > 0)
        {
            screen.Facts(("undo", $"gtc op env restore {report.EnvironmentId} --to {report.BaseGeneration}"));
        }
    }

    /// <summary>The report of a dry run or a check.</summary>
    public static void Reported(ApplyReport report, Screen screen)
    {
        foreach (var step in report.Steps.Where(step => step.Action != StepAction.NoOp))
        {
            screen.Say($"  {Sign(step.Action)} {step.Kind} {step.Key}   {step.Detail}");
        }

        foreach (var input in report.Missing)
        {
            screen.Say($"  ? {input.Kind} {input.Key}   missing, from {input.Source}");
        }

        Rest(report, screen);
    }

    private static void Rest(ApplyReport report, Screen screen)
    {
        foreach (var warning in report.Warnings)
        {
            screen.Say($"  note: {warning}");
        }

        screen.Say(Counts(report.Changed, report.NoOp, report.Undiffable));
    }

    private static string Counts(int changed, int same, int undiffable) =>
        $"{changed} to change, {same} as they should be{(undiffable == 0 ? "" : $", {undiffable} written without being compared")}.";

    private static bool IsBeyondDocument(ApplyStep step) => step is ApplyStep.PutSecret or ApplyStep.BootstrapTrustRoot or ApplyStep.TrustDid or ApplyStep.ConfigureUpdates
        or ApplyStep.BindPack { Answers: not null } or ApplyStep.BindExtension { Answers: not null };

    private static string Moved(PlanTraffic moved, Planned made)
    {
        var deployment = made.After!.Bundles.First(each => each.DeploymentId == moved.DeploymentId);
        var isFirst = made.Current?.TrafficSplits.Any(split => split.DeploymentId == moved.DeploymentId) != true;
        return isFirst
            ? $"callers of {deployment.BundleId} are served for the first time"
            : string.Create(CultureInfo.InvariantCulture, $"{moved.MovedBps / 100m:0.00} % of {deployment.BundleId}'s callers move to another revision");
    }

    private static string Values(EnvironmentChange change) => change.Kind switch
    {
        ChangeKind.Added => change.After ?? "",
        ChangeKind.Removed => change.Before ?? "",
        _ => $"{change.Before} → {change.After}",
    };

    private static string Sign(ChangeKind kind) => kind switch { ChangeKind.Added => "+", ChangeKind.Removed => "-", _ => "~" };

    private static string Sign(StepAction action) => action switch { StepAction.Create => "+", StepAction.Delete => "-", StepAction.Put => "!", _ => "~" };
}
