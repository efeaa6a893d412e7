using System.CommandLine;

namespace Gtc.Cli.Verbs;

/// <summary>A noun of the command line with its verbs.</summary>
internal static class NounCommand
{
    /// <summary>Builds a noun; verbs that were not asked for are listed by name only.</summary>
    public static Command Create(string name, string purpose, CliContext context, IEnumerable<CommandGroup> verbs)
    {
        var command = new Command(name, purpose);
        CommandGroup.AddTo(command, verbs, context);
        return command;
    }
}
