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

    /// <summary>Saves and settles, or withdraws. Neither is broken off by whoever called: a token would go on that nobody holds, or one before it.</summary>
    /// <param name="deployer">Whose they are.</param>
    /// <param name="minted">The credentials.</param>
    /// <param name="save">Changes the environment.</param>
    /// <param name="call">The call, which is warned of what stays behind.</param>
    public static async Task<Outcome<T>> KeepAsync<T>(BoundDeployer deployer, IMintedCredentials minted, Func<Task<Outcome<T>>> save, VerbCall call)
    {
        var isSaved = false;
        try
        {
            var done = await save();
            isSaved = true;
            return await EndedAsync(deployer, minted, done, call);
        }
        finally
        {
            if (!isSaved && await minted.WithdrawAsync(CancellationToken.None) is { } left)
            {
                call.Warn(left);
            }
        }
    }

    /// <summary>Whether the change was made: an audit line that could not be written does not undo it.</summary>
    public static bool Stands<T>(this Outcome<T> done) => done.IsOk || done.Refusal is Refusal.AuditFailed;

    private static async Task<Outcome<T>> EndedAsync<T>(BoundDeployer deployer, IMintedCredentials minted, Outcome<T> done, VerbCall call)
    {
        if (done.Stands())
        {
            if (await minted.SettleAsync(CancellationToken.None) is { } unsettled)
            {
                call.Warn(unsettled);
            }

            return done;
        }

        // Of a change that a server may have made nobody knows: what it keeps must go on to work.
        var left = done.Refusal!.MayStand
            ? $"{deployer.Contract.Describe(deployer.Setting with { Material = minted.Material })}; whether the environment has it is not known: the same command again tells, and the next one that is bound ends it"
            : await minted.WithdrawAsync(CancellationToken.None);
        return left is null ? done : done.Refusal with { Details = [.. done.Refusal.Details, new("left behind", left)] };
    }

    /// <summary>What is kept of them.</summary>
    /// <param name="deployer">Whose they are.</param>
    /// <param name="reference">What they are kept as.</param>
    /// <param name="minted">They themselves, with the rules that they are under.</param>
    /// <param name="environment">The environment.</param>
    /// <param name="now">The time.</param>
    /// <param name="answer">What the verb answers.</param>
    public static CredentialsKept<T> Kept<T>(BoundDeployer deployer, string reference, BootstrapResult.Minted minted, EnvId environment, DateTimeOffset now, T answer) => new(reference, _ => answer)
    {
        Document = Document(deployer, reference, new(now, "fail", [Unchecked]), environment, now) with { Expiry = minted.Credentials.Expiry },
        Rules = minted.Rules,
        Secret = secrets => SecretValue.Of(minted.Credentials.Material.Bytes).Then(value =>
        {
            using (value)
            {
                return SecretUri.Parse(reference).Then(uri => secrets.Put(uri, value)).Then<bool>(_ => true);
            }
        }),
    };

    /// <summary>The document of a bootstrap.</summary>
    public static CredentialsDocument Document(BoundDeployer deployer, string reference, CredentialsValidation validation, EnvId environment, DateTimeOffset now) => new()
    {
        Schema = CredentialsDocument.SchemaId,
        EnvId = environment,
        DeployerKind = deployer.Kind,
        Mode = CredentialsDocument.BootstrapMode,
        ProvidedCredentialsRef = reference,
        Validation = validation,
        Bootstrap = new(now, RulesPack.Reference(deployer.Kind), reference),
    };
}
