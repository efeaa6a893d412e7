using System.CommandLine;
using Gtc.Cli.Verbs;

namespace Gtc.Cli.Pack;

/// <summary><c>gtc pack</c>: build and look into packs; needs no environment.</summary>
internal static class PackCommand
{
    /// <summary>What it is.</summary>
    public const string Purpose = "Build packs of flows and components, and look into them";

    /// <summary>Builds the command.</summary>
    public static Command Create(CliContext context)
    {
        var command = new Command("pack", Purpose);
        var flags = VerbFlags.AddForPlain(command);
        CommandGroup.AddTo(
            command,
            [
                new("build", PackBuild.Purpose, inner => PackBuild.Verb.Create(inner, flags)),
                new("inspect", PackInspect.Purpose, inner => PackInspect.Verb.Create(inner, flags)),
            ],
            context);
        return command;
    }
}
