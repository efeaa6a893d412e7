using System.Collections.Immutable;
using Gtc.Cli.Op.Secrets;
using Gtc.Cli.Verbs;
using Gtc.EnvPacks;
using Gtc.Model;
using Gtc.Store;

namespace Gtc.Cli.Op.Credentials;

/// <summary>Takes new credentials into an environment: material first, then the reference; when that fails, the platform forgets them (credentials.md §5).</summary>
internal static class MintedCredentials
{
    /// <summary>The id of what is missing until the credentials were checked once.</summary>
    private const string Unchecked = "credentials.not-checked-yet";

    /// <summary>Saves and settles, or withdraws.</summary>
    /// <param name="minted">The credentials.</param>
    /// <param name="save">Changes the environment.</param>
    /// <param name="call">The call, which is warned of what stays behind.</param>
    /// <param name="cancellationToken">Stops it; what was made is withdrawn all the same.</param>
    public static async Task<Outcome<T>> KeepAsync<T>(IMintedCredentials minted, Func<Task<Outcome<T>>> save, VerbCall call, CancellationToken cancellationToken)
    {
        var isKept = false;
        try
        {
            var done = await save();

            // An audit line that could not be written does not undo the change.
            isKept = done.IsOk || done.Refusal is Refusal.AuditFailed;
            if (isKept && await minted.SettleAsync(cancellationToken) is { } unsettled)
            {
                call.Warn(unsettled);
            }

            return done;
        }
        finally
        {
            if (!isKept && await minted.WithdrawAsync(CancellationToken.None) is { } left)
            {
                call.Warn(left);
            }
        }
    }

    /// <summary>The change itself.</summary>
    public static Outcome<EnvironmentDocument> Save(
        MutationContext change, EnvironmentDocument current, BoundDeployer deployer, string reference, BootstrapResult.Minted minted, LocalPlace at, VerbCall call)
    {
        if (!SecretValue.Of(minted.Credentials.Material.Bytes).TryGet(out var value, out var refusal))
        {
            return refusal;
        }

        using (value)
        {
            var stored = SecretUri.Parse(reference).Then(uri => SecretsNoun.Open(current, at, call).Then(secrets => secrets.Put(uri, value)));
            if (stored.Refusal is { } unstored)
            {
                return unstored;
            }
        }

        return WriteRules(change, deployer, minted.Rules, Document(change, deployer, reference, new(change.Now, "fail", [Unchecked])) with { Expiry = minted.Credentials.Expiry }) is { } unwritten
            ? unwritten
            : current with { CredentialsRef = reference };
    }

    /// <summary>The document of a bootstrap.</summary>
    public static CredentialsDocument Document(MutationContext change, BoundDeployer deployer, string reference, CredentialsValidation validation) => new()
    {
        Schema = CredentialsDocument.SchemaId,
        EnvId = change.Files.Layout.Id,
        DeployerKind = deployer.Kind,
        Mode = CredentialsDocument.BootstrapMode,
        ProvidedCredentialsRef = reference,
        Validation = validation,
        Bootstrap = new(change.Now, RulesPack.Reference(deployer.Kind), reference),
    };

    /// <summary>Writes a rules pack and the document beside it.</summary>
    public static Refusal? WriteRules(MutationContext change, BoundDeployer deployer, ImmutableArray<RulesEntry> entries, CredentialsDocument document)
    {
        if (!RulesPack.Plan(change.EnvironmentFolder, deployer.Kind, entries).TryGet(out var rules, out var refusal))
        {
            return refusal;
        }

        return rules.Write.Append(new(CredentialsDocument.FileName, document.ToFile())).Select(file => change.Files.Write(file.Reference, file.Content))
            .Concat(rules.Remove.Select(change.Files.Delete))
            .FirstOrDefault(failure => failure is not null);
    }
}
