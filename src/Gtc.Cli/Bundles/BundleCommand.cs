using System.CommandLine;
using Gtc.Cli.Verbs;

namespace Gtc.Cli.Bundles;

/// <summary><c>gtc bundle</c>: build, look into and move bundle files; needs no environment.</summary>
internal static class BundleCommand
{
    /// <summary>What it is.</summary>
    public const string Purpose = "Build, inspect, verify and move bundle files";

    /// <summary>Builds the command.</summary>
    public static Command Create(CliContext context)
    {
        var command = new Command("bundle", Purpose);
        var flags = VerbFlags.AddForPlain(command);
        CommandGroup.AddTo(
            command,
            [
                new("build", BundleBuild.Purpose, inner => BundleBuild.Verb.Create(inner, flags)),
                new("inspect", BundleInspect.Purpose, inner => BundleInspect.Verb.Create(inner, flags)),
                new("verify", BundleVerify.Purpose, inner => BundleVerify.Verb.Create(inner, flags)),
                new("extract", BundleExtract.Purpose, inner => BundleExtract.Verb.Create(inner, flags)),
                new("pull", BundlePull.Purpose, inner => BundlePull.Verb.Create(inner, flags)),
                new("push", BundlePush.Purpose, inner => BundlePush.Verb.Create(inner, flags)),
            ],
            context);
        return command;
    }
}
