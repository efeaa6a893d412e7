using System.CommandLine;
using Gtc.Cli.Verbs;

namespace Gtc.Cli.Store;

/// <summary><c>gtc store</c>: the desired state of a team's environments, for many operators.</summary>
internal static class StoreCommand
{
    /// <summary>What it is.</summary>
    public const string Purpose = "Keep the environments of a team on a server";

    /// <summary>Builds the command.</summary>
    public static Command Create(CliContext context)
    {
        var command = new Command("store", Purpose);
        var flags = VerbFlags.AddForPlain(command);
        CommandGroup.AddTo(
            command,
            [
                new("serve", () => StoreServe.Purpose, inner => StoreServe.Verb.Create(inner, flags)),
                new("backup", () => StoreBackupVerb.Verb.Purpose, inner => StoreBackupVerb.Verb.Create(inner, flags)),
                new("restore", () => StoreRestoreVerb.Verb.Purpose, inner => StoreRestoreVerb.Verb.Create(inner, flags)),
                new("drill", () => StoreDrillVerb.Verb.Purpose, inner => StoreDrillVerb.Verb.Create(inner, flags)),
                new("check", () => StoreCheckVerb.Verb.Purpose, inner => StoreCheckVerb.Verb.Create(inner, flags)),
                new("artifacts", StoreArtifactsVerbs.Purpose, inner => StoreArtifactsVerbs.Create(inner, flags)),
            ],
            context);
        return command;
    }
}
