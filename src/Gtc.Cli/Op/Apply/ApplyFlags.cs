using System.CommandLine;
using System.CommandLine.Parsing;
using Gtc.Model;

namespace Gtc.Cli.Op.Apply;

/// <summary>The flags of <c>env apply</c>, some of which <c>op plan</c> has too. They are not part of a payload: the manifest is.</summary>
internal sealed class ApplyFlags
{
    private readonly Option<bool> _dryRun = new("--dry-run") { Description = "report what would be done, and do nothing" };
    private readonly Option<bool> _check = new("--check") { Description = "report what would be done, do nothing, and fail when there is anything: for CI" };
    private readonly Option<bool> _plan = new("--plan") { Description = "show the plan, and do nothing; --out keeps it for --plan-file" };
    private readonly Option<string> _out = new("--out") { HelpName = "FILE", Description = "keep the plan in a file, which must not exist yet" };
    private readonly Option<string> _planFile = new("--plan-file") { HelpName = "FILE", Description = "apply exactly this plan, or nothing when what it was made from has changed" };
    private readonly Option<string> _template = new("--emit-answers-template") { HelpName = "PATH", Description = "write an example manifest to a new file, and do nothing else" };
    private readonly Option<string> _updatedBy = new("--updated-by") { HelpName = "NAME", Description = $"who applies; `{ApplyOptions.DefaultUpdatedBy}` when not given" };
    private readonly Option<bool> _yes = new("--yes") { Description = "do not ask before changing anything" };
    private readonly Option<bool> _nonInteractive = new("--non-interactive") { Description = "ask for nothing; a value that would be asked for is missing" };
    private readonly Option<string[]> _prune = new("--prune")
    {
        HelpName = "SECTION",
        Description = $"remove what a section of the manifest does not name: {string.Join(", ", PruneSections.All)}; repeatable",
    };

    private readonly Option<bool> _verifySources = new("--verify-sources") { Description = "fetch every declared bundle, and compare it with its pin" };
    private readonly Option<string> _exitCode = new("--exit-code") { HelpName = "detailed", Description = "detailed: exit 3 instead of 0 or 1 when the environment is not as the manifest says" };

    private ApplyFlags()
    {
        _exitCode.AcceptOnlyFromAmong("detailed");
        _prune.AcceptOnlyFromAmong([.. PruneSections.All]);
    }

    /// <summary>Adds the flags of <c>env apply</c>.</summary>
    public static ApplyFlags AddForApply(Command command)
    {
        var flags = new ApplyFlags();
        flags.AddTo(command, [flags._dryRun, flags._check, flags._plan, flags._planFile, flags._template, flags._yes, flags._nonInteractive]);
        command.Validators.Add(flags.Check);
        return flags;
    }

    /// <summary>Adds the flags of <c>op plan</c>.</summary>
    public static ApplyFlags AddForPlan(Command command)
    {
        var flags = new ApplyFlags();
        flags.AddTo(command, []);
        return flags;
    }

    /// <summary>What was typed.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="manifest">The value of <c>--answers</c>, or null.</param>
    /// <param name="isPlan">True when the command only plans.</param>
    public ApplyOptions Read(ParseResult parsed, string? manifest, bool isPlan) => new()
    {
        Manifest = manifest,
        Mode = isPlan || Has(parsed, _plan) ? ApplyMode.Plan : Has(parsed, _dryRun) ? ApplyMode.DryRun : Has(parsed, _check) ? ApplyMode.Check : ApplyMode.Apply,
        Out = Text(parsed, _out),
        PlanFile = Text(parsed, _planFile),
        Template = Text(parsed, _template),
        UpdatedBy = Text(parsed, _updatedBy) ?? ApplyOptions.DefaultUpdatedBy,
        IsConfirmed = Has(parsed, _yes),
        IsNonInteractive = Has(parsed, _nonInteractive),
        Prune = [.. (parsed.GetResult(_prune) is null ? [] : parsed.GetValue(_prune) ?? []).Distinct()],
        VerifiesSources = Has(parsed, _verifySources),
        IsDetailed = Text(parsed, _exitCode) is not null,
    };

    private static bool Has(ParseResult parsed, Option<bool> option) => parsed.GetResult(option) is not null && parsed.GetValue(option);

    private static string? Text(ParseResult parsed, Option<string> option) => parsed.GetResult(option) is null ? null : parsed.GetValue(option);

    private void AddTo(Command command, Option[] own)
    {
        foreach (var option in own.Concat([_out, _updatedBy, _prune, _verifySources, _exitCode]))
        {
            command.Add(option);
        }
    }

    private void Check(CommandResult result)
    {
        Option[] exclusive = [_dryRun, _check, _plan, _planFile, _template];
        var given = exclusive.Where(option => result.GetResult(option) is { Implicit: false }).ToList();
        if (given.Count > 1)
        {
            result.AddError($"{given[0].Name} and {given[1].Name} exclude each other");
        }
        else if (result.GetResult(_out) is { Implicit: false } && !given.Contains(_plan))
        {
            result.AddError($"{_out.Name} keeps a plan, so it needs {_plan.Name}");
        }
        else if (result.GetResult(_planFile) is { Implicit: false } && result.GetResult(_prune) is { Implicit: false })
        {
            result.AddError($"{_planFile.Name} and {_prune.Name} exclude each other: the plan says what is pruned");
        }
    }
}
