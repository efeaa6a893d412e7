using System.Collections.Immutable;
using System.CommandLine;
using Gtc.Cli.Op.Apply;
using Gtc.Cli.Op.Audit;
using Gtc.Cli.Op.Backups;
using Gtc.Cli.Op.Config;
using Gtc.Cli.Op.Credentials;
using Gtc.Cli.Op.Deploy;
using Gtc.Cli.Op.Deployments;
using Gtc.Cli.Op.EnvPacks;
using Gtc.Cli.Op.Environments;
using Gtc.Cli.Op.Messaging;
using Gtc.Cli.Op.Extensions;
using Gtc.Cli.Op.OperatorKeys;
using Gtc.Cli.Op.Revisions;
using Gtc.Cli.Op.Secrets;
using Gtc.Cli.Op.Traffic;
using Gtc.Cli.Op.TrustRoots;
using Gtc.Cli.Op.Usage;
using Gtc.Cli.Verbs;

namespace Gtc.Cli.Op;

/// <summary><c>gtc op</c>: author and inspect environments.</summary>
internal static class OpCommand
{
    /// <summary>What it is.</summary>
    public const string Purpose = "Author and inspect environments";

    /// <summary>Builds the command.</summary>
    public static Command Create(CliContext context)
    {
        var command = new Command("op", Purpose);
        var flags = VerbFlags.AddForOp(command);
        CommandGroup.AddTo(command, Nouns(flags), context);
        return command;
    }

    private static ImmutableArray<CommandGroup> Nouns(VerbFlags flags) =>
    [
        new("env", EnvironmentNoun.Purpose, context => EnvironmentNoun.Create(context, flags)),
        new(EnvPacksNoun.Name, EnvPacksNoun.Purpose, context => EnvPacksNoun.Create(context, flags)),
        new(CredentialsNoun.Name, CredentialsNoun.Purpose, context => CredentialsNoun.Create(context, flags)),
        new(ExtensionsNoun.Name, ExtensionsNoun.Purpose, context => ExtensionsNoun.Create(context, flags)),
        new("config", ConfigNoun.Purpose, context => ConfigNoun.Create(context, flags)),
        new("plan", ApplyCommand.PlanPurpose, context => ApplyCommand.CreatePlan(context, flags)),
        new("deploy", () => DeployVerb.Purpose, context => DeployVerb.Create(context, flags)),
        new("trust-root", TrustRootNoun.Purpose, context => TrustRootNoun.Create(context, flags)),
        new("operator-key", OperatorKeyNoun.Purpose, context => OperatorKeyNoun.Create(context, flags)),
        new("bundles", DeploymentNoun.Purpose, context => DeploymentNoun.Create(context, flags)),
        new("revisions", RevisionNoun.Purpose, context => RevisionNoun.Create(context, flags)),
        new("secrets", SecretsNoun.Purpose, context => SecretsNoun.Create(context, flags)),
        new("audit", AuditNoun.Purpose, context => AuditNoun.Create(context, flags)),
        new(BackupsNoun.Name, BackupsNoun.Purpose, context => BackupsNoun.Create(context, flags)),
        new("messaging", MessagingNoun.Purpose, context => MessagingNoun.Create(context, flags)),
        new("usage", UsageNoun.Purpose, context => UsageNoun.Create(context, flags)),
        new("traffic", TrafficNoun.Purpose, context => TrafficNoun.Create(context, flags)),
    ];
}
