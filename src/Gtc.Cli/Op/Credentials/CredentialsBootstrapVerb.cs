using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.EnvPacks;
using Gtc.Model;
using Gtc.Store;

namespace Gtc.Cli.Op.Credentials;

/// <summary><c>gtc op credentials bootstrap</c>: describes, or makes, a minimal identity for the deployer with the rights of an administrator (credentials.md §5).</summary>
internal static class CredentialsBootstrapVerb
{
    private const string Pending = "credentials.bind-pending";

    /// <summary>The verb.</summary>
    public static Verb<BootstrapPayload> Verb => new()
    {
        Noun = CredentialsNoun.Name,
        Name = "bootstrap",
        Purpose = "Describe, or make, a minimal identity for the deployer, with the rights of an administrator",
        Remark = "Without bind, files to review and apply are written and nothing else happens. With bind, the identity is made and its credentials are kept. The administrator's credentials are used once and kept nowhere.",
        Examples = ["op credentials bootstrap staging admin_profile=ops-admin", "op credentials bootstrap staging admin_profile=ops-admin --bind", "op credentials bootstrap staging admin_profile=ops-admin admin_material_path=admin.json"],
        Payload = CredentialsJson.Default.BootstrapPayload,
        Fields =
        [
            PayloadField.Environment,
            .. AdminMaterial.Fields,
            new("bind", "make the identity too, instead of only describing it", "--bind"),
            PayloadField.AuditKey,
        ],
        ReadWords = AdminMaterial.ReadWords,
        RunAsync = RunAsync,
    };

    private static async Task<Outcome<Answer>> RunAsync(BootstrapPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        if (!OpStore.OpenLocal(call, payload.EnvironmentId).TryGet(out var at, out var refusal))
        {
            return refusal;
        }

        var intent = OpStore.Intent(at.Environment, CredentialsNoun.Name, "bootstrap", ("admin_profile", payload.AdminProfile), ("bind", payload.Bind ? "true" : "false"));
        if (!call.IdempotencyKey(payload.IdempotencyKey).TryGet(out var key, out refusal)
            || !(await BootstrapAsync(payload, at, call, cancellationToken)).TryGet(out var found, out refusal))
        {
            return await at.RefuseAsync(intent, refusal, cancellationToken);
        }

        intent = intent with { IdempotencyKey = key };
        if (found.Result is not BootstrapResult.Minted minted)
        {
            return Answered(await SaveAsync((change, _) => Describe(change, found.Deployer, (BootstrapResult.Described)found.Result)), at, call);
        }

        using (minted.Credentials)
        {
            return Answered(await MintedCredentials.KeepAsync(minted.Credentials, () => SaveAsync((change, current) => Bind(change, current, found.Deployer, minted, at, call)), call, cancellationToken), at, call);
        }

        Task<Outcome<BootstrapReport>> SaveAsync(Func<MutationContext, EnvironmentDocument, Outcome<Mutation<BootstrapReport>>> save) => at.Store.MutateAsync<BootstrapReport>(
            intent,
            change => change.Required(at.Environment).Then(document => document.CredentialsRef is { } bound ? Bound(at.Environment, bound) : save(change, document)),
            cancellationToken);
    }

    private static async Task<Outcome<(BoundDeployer Deployer, BootstrapResult Result)>> BootstrapAsync(BootstrapPayload payload, LocalPlace at, VerbCall call, CancellationToken cancellationToken)
    {
        if (!(await BoundDeployer.FindAsync(at, call, cancellationToken)).TryGet(out var deployer, out var refusal)
            || !AdminMaterial.Lifetime(payload.TokenTtlSecs).TryGet(out var lifetime, out refusal))
        {
            return refusal;
        }

        if (deployer.CredentialsRef is { } bound)
        {
            return Bound(at.Environment, bound);
        }

        if (payload.Bind && !deployer.Contract.MakesIdentities)
        {
            return new Refusal.Conflict($"{deployer.Kind} cannot be given an identity by this version of gtc; without bind it is only described");
        }

        if (payload.Bind && await StoredCredentials.WhyNotKeptAsync(at, call, cancellationToken) is { } nowhere)
        {
            return nowhere;
        }

        var read = await AdminMaterial.ReadAsync(payload.AdminMaterialPath, payload.AdminMaterialInline, deployer.Contract, call, cancellationToken);
        using var admin = read.IsOk ? read.Value : null;
        if (read.Refusal is { } unread)
        {
            return unread;
        }

        var result = await deployer.Contract.BootstrapAsync(new(deployer.Setting, payload.AdminProfile, admin, payload.Bind) { Lifetime = lifetime }, cancellationToken);
        return result is BootstrapResult.Described or BootstrapResult.Minted ? (deployer, result) : AdminMaterial.Refused(result, deployer.Kind);
    }

    private static Refusal.Conflict Bound(EnvId environment, string reference) => new($"environment `{environment}` has credentials already: {reference}")
    {
        Details = [new("to replace them", $"gtc op credentials rotate {environment}, or unbind them first")],
        Next = $"gtc op credentials unbind {environment}",
    };

    private static Outcome<Mutation<BootstrapReport>> Describe(MutationContext change, BoundDeployer deployer, BootstrapResult.Described described)
    {
        var reference = $"{References.SecretScheme}{change.Files.Layout.Id}/{deployer.Kind.Path}/bootstrap-incomplete";
        var document = MintedCredentials.Document(change, deployer, reference, new(change.Now, "fail", [Pending]));
        return MintedCredentials.WriteRules(change, deployer, described.Rules, document) is { } unwritten ? unwritten : new Mutation<BootstrapReport>(Report(change, deployer, reference, null));
    }

    private static Outcome<Mutation<BootstrapReport>> Bind(MutationContext change, EnvironmentDocument current, BoundDeployer deployer, BootstrapResult.Minted minted, LocalPlace at, VerbCall call)
    {
        var reference = deployer.Contract.CanonicalRef(at.Environment);
        return MintedCredentials.Save(change, current, deployer, reference, minted, at, call).Then<Mutation<BootstrapReport>>(document =>
            new Mutation<BootstrapReport>(Report(change, deployer, reference, minted.Credentials.Expiry.ExpiresAt)) { Document = document });
    }

    private static BootstrapReport Report(MutationContext change, BoundDeployer deployer, string reference, DateTimeOffset? expires) => new()
    {
        EnvironmentId = change.Files.Layout.Id.ToString(),
        DeployerKind = deployer.Kind.ToString(),
        Mode = CredentialsDocument.BootstrapMode,
        Bound = expires is not null,
        CredentialsRef = reference,
        ExpiresAt = expires,
        RulesPackRef = RulesPack.Reference(deployer.Kind),
        AdminCredentialConsumedAt = change.Now,
    };

    private static Outcome<Answer> Answered(Outcome<BootstrapReport> done, LocalPlace at, VerbCall call) => done.Then<Answer>(report => Answer.Of(report with { Warnings = call.Warnings }, CredentialsJson.Default.BootstrapReport, screen =>
    {
        var rules = Path.Combine(at.Layout.Folder, report.RulesPackRef);
        if (report.Bound)
        {
            screen.Say($"{report.DeployerKind} has an identity of its own, and environment {report.EnvironmentId} its credentials.");
            screen.Facts(("expires", report.ExpiresAt!.Value.ToString("u")), ("what it allows", rules), ("next", $"gtc op credentials requirements {report.EnvironmentId}"));
        }
        else
        {
            screen.Say($"An identity for {report.DeployerKind} is described; nothing is bound yet.");
            screen.Facts(("review and apply", rules), ("next", $"gtc op credentials bind {report.EnvironmentId} --from-file FILE"));
        }
    }));
}
