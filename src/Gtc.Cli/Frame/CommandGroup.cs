using System.Collections.Immutable;
using System.CommandLine;

namespace Gtc.Cli;

/// <summary>A branch of the command tree that is built only when it is asked for.</summary>
/// <param name="Name">Its word.</param>
/// <param name="Purpose">One line for the listing.</param>
/// <param name="Create">Builds it.</param>
internal sealed record CommandGroup(string Name, string Purpose, Func<CliContext, Command> Create)
{
    /// <summary>Adds the branches below a command, in full where they are mentioned and by name where not.</summary>
    public static void AddTo(Command parent, IEnumerable<CommandGroup> groups, CliContext context)
    {
        foreach (var group in groups)
        {
            parent.Add(context.Mentions(group.Name) ? group.Create(context) : new Command(group.Name, group.Purpose));
        }
    }
}

/// <summary>The whole tree.</summary>
internal static class CommandTree
{
    /// <summary>The groups in the order of the help page. A new group is one static class with <c>static Command Create(CliContext)</c> and one line here.</summary>
    public static ImmutableArray<CommandGroup> Groups { get; } =
    [
        new("op", Op.OpCommand.Purpose, Op.OpCommand.Create),
        new("start", "Boot a worker: pull what is routed, verify it, serve it", Start.StartCommand.Create),
        new("stop", "Ask the worker of an environment to stop", Start.StopCommand.Create),
        new("bundle", Bundles.BundleCommand.Purpose, Bundles.BundleCommand.Create),
        new("distributor", Distributors.DistributorCommand.Purpose, Distributors.DistributorCommand.Create),
        new("demo", "Show the main job end to end on this machine", Demo.DemoCommand.Create),
    ];

    /// <summary>The root command of a context.</summary>
    public static Command Create(CliContext context)
    {
        var root = new Command(context.ProgramName, "Deploy signed bundles and move users between their revisions");
        root.Add(new Option<bool>(HelpPage.Flag, "-h") { Recursive = true, Description = "Show this page" });
        root.Add(new Option<bool>(GtcCommandLine.VersionFlag) { Description = "Print the version" });
        CommandGroup.AddTo(root, context.Groups.Where(group => ProgramNames.HasGroup(context.ProgramName, group.Name)), context);
        return root;
    }
}
