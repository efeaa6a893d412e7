using System.Collections.Immutable;
using System.CommandLine;
using System.CommandLine.Parsing;

namespace Gtc.Cli;

/// <summary>The whole tree, and the two flags that answer without running a command.</summary>
internal sealed class CommandTree
{
    private static readonly ParserConfiguration Parsing = new() { EnablePosixBundling = false, ResponseFileTokenReplacer = null };

    private readonly Option<bool> _help = new("--help", "-h") { Recursive = true, Description = "Show this page" };
    private readonly Option<bool> _version = new("--version") { Description = "Print the version" };

    /// <summary>Builds the tree of a context, in full only where its arguments mention it.</summary>
    public CommandTree(CliContext context)
    {
        Root = new Command(context.ProgramName, "Deploy signed bundles and move users between their revisions");
        Root.Add(_help);
        Root.Add(_version);
        CommandGroup.AddTo(Root, context.Groups.Where(group => ProgramNames.HasGroup(context.ProgramName, group.Name)), context);
    }

    /// <summary>The groups in the order of the help page. A new group is one static class with <c>static Command Create(CliContext)</c> and one line here.</summary>
    public static ImmutableArray<CommandGroup> Groups { get; } =
    [
        new("op", Op.OpCommand.Purpose, Op.OpCommand.Create),
        new("context", Contexts.ContextCommand.Purpose, Contexts.ContextCommand.Create),
        new("setup", Setup.SetupCommand.Purpose, Setup.SetupCommand.Create),
        new("start", "Boot a worker: pull what is routed, verify it, serve it", Start.StartCommand.Create),
        new("stop", "Ask the worker of an environment to stop", Start.StopCommand.Create),
        new("audit", AuditFiles.AuditCommand.Purpose, AuditFiles.AuditCommand.Create),
        new("bundle", Bundles.BundleCommand.Purpose, Bundles.BundleCommand.Create),
        new("component", Components.ComponentCommand.Purpose, Components.ComponentCommand.Create),
        new("pack", Pack.PackCommand.Purpose, Pack.PackCommand.Create),
        new("flow", Flow.FlowCommand.Purpose, Flow.FlowCommand.Create),
        new("router", Router.RouterCommand.Purpose, Router.RouterCommand.Create),
        new("store", Store.StoreCommand.Purpose, Store.StoreCommand.Create),
        new("stage-file", StageFiles.StageFileCommand.Purpose, StageFiles.StageFileCommand.Create),
        new("distributor", Distributors.DistributorCommand.Purpose, Distributors.DistributorCommand.Create),
        new("conformance", Conformance.ConformanceCommand.Purpose, Conformance.ConformanceCommand.Create),
        new("fleet", Fleet.FleetCommand.Purpose, Fleet.FleetCommand.Create),
        new("doctor", Doctor.DoctorCommand.Purpose, Doctor.DoctorCommand.Create),
        new("completion", Completion.CompletionCommand.Purpose, Completion.CompletionCommand.Create),
        new("demo", "Show the main job end to end on this machine", Demo.DemoCommand.Create),
    ];

    /// <summary>The program itself.</summary>
    public Command Root { get; }

    /// <summary>Parses a command line.</summary>
    public ParseResult Parse(IReadOnlyList<string> arguments) => CommandLineParser.Parse(Root, arguments, Parsing);

    /// <summary>Whether a help page was asked for.</summary>
    public bool WantsHelp(ParseResult parsed) => parsed.GetResult(_help) is { Implicit: false };

    /// <summary>Whether the version was asked for.</summary>
    public bool WantsVersion(ParseResult parsed) => parsed.GetResult(_version) is { Implicit: false };
}
