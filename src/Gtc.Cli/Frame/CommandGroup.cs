using System.CommandLine;

namespace Gtc.Cli;

/// <summary>A branch of the command tree that is built only when it is asked for.</summary>
/// <param name="Name">Its word.</param>
/// <param name="Purpose">One line for the listing; asked for only where a listing may be shown, because a verb's own makes all that the verb is made of.</param>
/// <param name="Create">Builds it.</param>
internal sealed record CommandGroup(string Name, Func<string> Purpose, Func<CliContext, Command> Create)
{
    /// <summary>A branch whose line is a constant.</summary>
    public CommandGroup(string name, string purpose, Func<CliContext, Command> create)
        : this(name, () => purpose, create)
    {
    }

    /// <summary>Adds the branches below a command, in full where they are mentioned and by name where not.</summary>
    public static void AddTo(Command parent, IEnumerable<CommandGroup> groups, CliContext context)
    {
        var branches = groups.ToList();
        var mayList = context.WantsHelp || !branches.Exists(group => context.Mentions(group.Name));
        foreach (var group in branches)
        {
            parent.Add(context.Mentions(group.Name) ? group.Create(context) : new Command(group.Name, mayList ? group.Purpose() : ""));
        }
    }
}
