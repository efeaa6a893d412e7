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
        if (!OpStore.Open(call, payload.EnvironmentId).TryGet(out var at, out var refusal))
        {
            return refusal;
        }

        var intent = OpStore.Intent(at.Environment, CredentialsNoun.Name, "bootstrap", ("admin_profile", payload.AdminProfile), ("bind", payload.Bind ? "true" : "false"));
        if (!call.AuditKey(payload.IdempotencyKey).TryGet(out var key, out refusal)
            || !(await BootstrapAsync(payload, at, call, cancellationToken)).TryGet(out var found, out refusal))
        {
            return await at.RefuseAsync(intent, refusal, cancellationToken);
        }

        intent = intent with { IdempotencyKey = key };
        var now = call.Context.Time.GetUtcNow();
        if (found.Result is not BootstrapResult.Minted minted)
        {
            return Answered(await Change(current => Described(current, found.Deployer, (BootstrapResult.Described)found.Result, now), touchesSecrets: false).RunAsync(at, call, cancellationToken), at, call);
        }

        using (minted.Credentials)
        {
            var reference = found.Deployer.Contract.CanonicalRef(at.Environment);
            var kept = MintedCredentials.Kept(found.Deployer, reference, minted, at.Environment, now, Report(at.Environment, found.Deployer, reference, minted.Credentials.Expiry.ExpiresAt, now));
            var saved = Change(_ => kept, touchesSecrets: true);
            return Answered(await MintedCredentials.KeepAsync(found.Deployer, minted.Credentials, () => saved.RunAsync(at, call, cancellationToken), call), at, call);
        }

        CredentialsChange<BootstrapReport> Change(Func<EnvironmentDocument, CredentialsKept<BootstrapReport>> keep, bool touchesSecrets) => new(intent)
        {
            Route = (HttpMethod.Post, "bootstrap"),
            RulesOf = found.Deployer.Kind,
            TouchesSecrets = touchesSecrets,
            AdminProfile = payload.AdminProfile,
            Plan = current => current.CredentialsRef is { } bound ? Bound(at.Environment, bound) : keep(current),
        };
    }

    private static async Task<Outcome<(BoundDeployer Deployer, BootstrapResult Result)>> BootstrapAsync(BootstrapPayload payload, OpPlace at, VerbCall call, CancellationToken cancellationToken)
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

    private static CredentialsKept<BootstrapReport> Described(EnvironmentDocument current, BoundDeployer deployer, BootstrapResult.Described described, DateTimeOffset now)
    {
        var reference = $"{References.SecretScheme}{current.EnvironmentId}/{deployer.Kind.Path}/bootstrap-incomplete";
        return new(current.CredentialsRef, _ => Report(current.EnvironmentId, deployer, reference, null, now))
        {
            Document = MintedCredentials.Document(deployer, reference, new(now, "fail", [Pending]), current.EnvironmentId, now),
            Rules = described.Rules,
        };
    }

    private static BootstrapReport Report(EnvId environment, BoundDeployer deployer, string reference, DateTimeOffset? expires, DateTimeOffset now) => new()
    {
        EnvironmentId = environment.ToString(),
        DeployerKind = deployer.Kind.ToString(),
        Mode = CredentialsDocument.BootstrapMode,
        Bound = expires is not null,
        CredentialsRef = reference,
        ExpiresAt = expires,
        RulesPackRef = RulesPack.Reference(deployer.Kind),
        AdminCredentialConsumedAt = now,
    };

    private static Outcome<Answer> Answered(Outcome<BootstrapReport> done, OpPlace at, VerbCall call) => done.Then<Answer>(report => Answer.Of(report with { Warnings = call.Warnings }, CredentialsJson.Default.BootstrapReport, screen =>
    {
        var rules = at is LocalPlace local ? Path.Combine(local.Layout.Folder, report.RulesPackRef) : $"{at.Shown}environments/{at.Environment}/files?name={report.RulesPackRef}/{RulesPack.IndexName}";
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
