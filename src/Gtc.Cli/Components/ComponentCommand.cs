using System.CommandLine;
using Gtc.Cli.Verbs;

namespace Gtc.Cli.Components;

/// <summary><c>gtc component</c>: look into WebAssembly and make components; needs no environment.</summary>
internal static class ComponentCommand
{
    /// <summary>What it is.</summary>
    public const string Purpose = "Look into WebAssembly components and core modules, and make components";

    /// <summary>Builds the command.</summary>
    public static Command Create(CliContext context)
    {
        var command = new Command("component", Purpose);
        var flags = VerbFlags.AddForPlain(command);
        CommandGroup.AddTo(
            command,
            [
                new("inspect", ComponentInspect.Purpose, inner => ComponentInspect.Verb.Create(inner, flags)),
                new("build", ComponentBuild.Purpose, inner => ComponentBuild.Verb.Create(inner, flags)),
            ],
            context);
        return command;
    }
}
