using System.CommandLine;
using Gtc.Cli.Verbs;

namespace Gtc.Cli.Op.Credentials;

/// <summary><c>gtc op credentials</c>.</summary>
internal static class CredentialsNoun
{
    /// <summary>The noun's label.</summary>
    public const string Name = "credentials";

    /// <summary>What it is.</summary>
    public const string Purpose = "What the deployer may do, and as whom";

    /// <summary>Builds the noun.</summary>
    public static Command Create(CliContext context, VerbFlags flags) => NounCommand.Create(Name, Purpose, context,
    [
        new("requirements", () => CredentialsRequirements.Verb.Purpose, inner => CredentialsRequirements.Verb.Create(inner, flags)),
        new("bootstrap", () => CredentialsBootstrapVerb.Verb.Purpose, inner => CredentialsBootstrapVerb.Verb.Create(inner, flags)),
        new("rotate", () => CredentialsRotate.Verb.Purpose, inner => CredentialsRotate.Verb.Create(inner, flags)),
        new("bind", CredentialsBind.Bind.Purpose, inner => CredentialsBind.Bind.Create(inner, flags)),
        new("unbind", CredentialsUnbind.Verb.Purpose, inner => CredentialsUnbind.Verb.Create(inner, flags)),
    ]);
}
