using System.Collections.Immutable;
using System.CommandLine;
using Gtc.Cli.Verbs;

namespace Gtc.Cli.Op;

/// <summary><c>gtc op</c>: author and inspect environments.</summary>
internal static class OpCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Create(CliContext context)
    {
        var command = new Command("op", "Author and inspect environments");
        var flags = VerbFlags.AddForOp(command);
        CommandGroup.AddTo(command, Nouns(flags), context);
        return command;
    }

    private static ImmutableArray<CommandGroup> Nouns(VerbFlags flags) =>
    [
    ];
}
