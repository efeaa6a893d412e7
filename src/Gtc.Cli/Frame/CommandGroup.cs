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
