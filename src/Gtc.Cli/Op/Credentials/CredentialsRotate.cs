using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.EnvPacks;
using Gtc.Model;

namespace Gtc.Cli.Op.Credentials;

/// <summary><c>gtc op credentials rotate</c>: new credentials for the deployer's identity; the old ones end (credentials.md §7).</summary>
internal static class CredentialsRotate
{
    /// <summary>The verb.</summary>
    public static Verb<RotateCredentialsPayload> Verb => new()
    {
        Noun = CredentialsNoun.Name,
        Name = "rotate",
        Purpose = "Replace the deployer's credentials by new ones, with the rights of an administrator; the old ones end",
        Remark = "Once four fifths of their life are over, credentials are due; if_needed does nothing before. The rules of the identity are applied again, so that they are this version's.",
        Examples = ["op credentials rotate staging admin_profile=ops-admin", "op credentials rotate staging admin_profile=ops-admin --if-needed"],
        Payload = CredentialsJson.Default.RotateCredentialsPayload,
        Fields =
        [
            PayloadField.Environment,
            .. AdminMaterial.Fields,
            new("if_needed", "only when they are due", "--if-needed"),
            PayloadField.AuditKey,
        ],
        ReadWords = AdminMaterial.ReadWords,
        RunAsync = RunAsync,
    };

    private static async Task<Outcome<Answer>> RunAsync(RotateCredentialsPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        if (!OpStore.Open(call, payload.EnvironmentId).TryGet(out var at, out var refusal))
        {
            return refusal;
        }

        var intent = OpStore.Intent(at.Environment, CredentialsNoun.Name, "rotate", ("admin_profile", payload.AdminProfile), ("if_needed", payload.IfNeeded ? "true" : "false"));
        if (!call.AuditKey(payload.IdempotencyKey).TryGet(out var key, out refusal)
            || !(await FindAsync(at, call, cancellationToken)).TryGet(out var found, out refusal)
            || !(await MintAsync(payload, found, at, call, cancellationToken)).TryGet(out var minted, out refusal))
        {
            return await at.RefuseAsync(intent, refusal, cancellationToken);
        }

        intent = intent with { IdempotencyKey = key };
        if (minted is null)
        {
            return Answered(await Change(Stays(found.Reference, at.Environment)).RunAsync(at, call, cancellationToken), call);
        }

        using (minted.Credentials)
        {
            var saved = Change(MintedCredentials.Kept(found.Deployer, found.Reference, minted, at.Environment, call.Context.Time.GetUtcNow(), Rotated(found.Reference, minted, at.Environment)));
            return Answered(await MintedCredentials.KeepAsync(found.Deployer, minted.Credentials, () => saved.RunAsync(at, call, cancellationToken), call), call);
        }

        CredentialsChange<RotationReport> Change(CredentialsKept<RotationReport> kept) => new(intent)
        {
            Route = (HttpMethod.Post, "rotate"),
            RulesOf = found.Deployer.Kind,
            TouchesSecrets = kept.Secret is not null,
            AdminProfile = payload.AdminProfile,
            Plan = current => current.CredentialsRef == found.Reference ? kept : new Refusal.Conflict($"environment `{at.Environment}` was bound to other credentials meanwhile"),
        };
    }

    private static CredentialsKept<RotationReport> Stays(string reference, EnvId environment) =>
        new(reference, _ => new(environment.ToString(), false) { Reason = "the credentials are not due yet", CredentialsRef = reference });

    private static RotationReport Rotated(string reference, BootstrapResult.Minted minted, EnvId environment) =>
        new(environment.ToString(), true) { CredentialsRef = reference, ExpiresAt = minted.Credentials.Expiry.ExpiresAt, RotateAt = minted.Credentials.Expiry.RotateAt };

    private static async Task<Outcome<(BoundDeployer Deployer, string Reference)>> FindAsync(OpPlace at, VerbCall call, CancellationToken cancellationToken)
    {
        if (!(await BoundDeployer.FindAsync(at, call, cancellationToken)).TryGet(out var deployer, out var refusal))
        {
            return refusal;
        }

        return (deployer.Contract.MakesIdentities, deployer.CredentialsRef) switch
        {
            (false, _) => new Refusal.Conflict($"credentials of {deployer.Kind} are not rotated: it makes none itself") { Next = $"gtc op credentials bind {at.Environment} --from-file FILE --replace" },
            (_, null) => new Refusal.Conflict($"environment `{at.Environment}` has no credentials to rotate") { Next = $"gtc op credentials bootstrap {at.Environment} admin_profile=CONTEXT --bind" },
            (_, { } reference) => (deployer, reference),
        };
    }

    /// <summary>New credentials; null when the present ones will do, which costs no call of the platform.</summary>
    private static async Task<Outcome<BootstrapResult.Minted?>> MintAsync(
        RotateCredentialsPayload payload, (BoundDeployer Deployer, string Reference) found, OpPlace at, VerbCall call, CancellationToken cancellationToken)
    {
        var (deployer, reference) = found;
        if (!AdminMaterial.Lifetime(payload.TokenTtlSecs).TryGet(out var lifetime, out var refusal))
        {
            return refusal;
        }

        if (payload.IfNeeded)
        {
            var stored = await StoredCredentials.ReadAsync(at, reference, call, cancellationToken);
            using var present = stored.IsOk ? stored.Value : null;
            if (present is not null && !deployer.Contract.IsRotationDue(present, call.Context.Time.GetUtcNow()))
            {
                return (BootstrapResult.Minted?)null;
            }
        }

        if (await StoredCredentials.WhyNotKeptAsync(at, call, cancellationToken) is { } nowhere)
        {
            return nowhere;
        }

        var read = await AdminMaterial.ReadAsync(payload.AdminMaterialPath, payload.AdminMaterialInline, deployer.Contract, call, cancellationToken);
        using var admin = read.IsOk ? read.Value : null;
        if (read.Refusal is { } unread)
        {
            return unread;
        }

        var result = await deployer.Contract.RotateAsync(new(deployer.Setting, payload.AdminProfile, admin, Bind: true) { Lifetime = lifetime }, cancellationToken);
        return result is BootstrapResult.Minted minted ? minted : AdminMaterial.Refused(result, deployer.Kind);
    }

    private static Outcome<Answer> Answered(Outcome<RotationReport> done, VerbCall call) => done.Then<Answer>(report => Answer.Of(report with { Warnings = call.Warnings }, CredentialsJson.Default.RotationReport, screen =>
    {
        screen.Say(report.Rotated ? $"The credentials of environment {report.EnvironmentId} are new; those before have ended." : $"Nothing is rotated: {report.Reason}.");
        screen.Facts(("expires", report.ExpiresAt?.ToString("u")), ("due", report.RotateAt?.ToString("u")));
    }));
}
