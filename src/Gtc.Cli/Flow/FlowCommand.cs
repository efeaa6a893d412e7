using System.CommandLine;
using Gtc.Cli.Verbs;

namespace Gtc.Cli.Flow;

/// <summary><c>gtc flow</c>: run and check the flows of a pack; needs no environment.</summary>
internal static class FlowCommand
{
    /// <summary>What it is.</summary>
    public const string Purpose = "Run the flows of a pack here and now, and check them";

    /// <summary>Builds the command.</summary>
    public static Command Create(CliContext context)
    {
        var command = new Command("flow", Purpose);
        var flags = VerbFlags.AddForPlain(command);
        CommandGroup.AddTo(
            command,
            [
                new("run", FlowRunVerb.Purpose, inner => FlowRunVerb.Verb.Create(inner, flags)),
                new("doctor", FlowDoctor.Purpose, inner => FlowDoctor.Verb.Create(inner, flags)),
            ],
            context);
        return command;
    }
}
