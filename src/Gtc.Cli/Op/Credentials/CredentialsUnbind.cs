using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.EnvPacks;
using Gtc.Model;
using Gtc.Store;

namespace Gtc.Cli.Op.Credentials;

/// <summary><c>gtc op credentials unbind</c>: the deployer has none any more (credentials.md §5, §13).</summary>
internal static class CredentialsUnbind
{
    public static Verb<UnbindCredentialsPayload> Verb => new()
    {
        Noun = CredentialsNoun.Name,
        Name = "unbind",
        Purpose = "Take the deployer's credentials away and delete them",
        Remark = "Where the platform can be reached it forgets them too; a warning says what stays valid. With delete_identity an administrator, who is asked once and kept nowhere, also removes\n"
            + "the identity itself: in a cluster its ServiceAccount, Role and RoleBinding, and every token with them.",
        Examples = ["op credentials unbind staging", "op credentials unbind staging --delete-identity --admin-profile kind-admin"],
        Payload = CredentialsJson.Default.UnbindCredentialsPayload,
        Fields =
        [
            PayloadField.Environment,
            new("delete_identity", "remove the identity of the platform too; it takes admin_profile", "--delete-identity"),
            .. AdminMaterial.Fields[..^1],
            PayloadField.AuditKey,
        ],
        ReadWords = AdminMaterial.ReadWords,
        RunAsync = RunAsync,
    };

    private static async Task<Outcome<Answer>> RunAsync(UnbindCredentialsPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        if (!OpStore.Open(call, payload.EnvironmentId).TryGet(out var at, out var refusal))
        {
            return refusal;
        }

        var intent = OpStore.Intent(at.Environment, CredentialsNoun.Name, "unbind", ("delete_identity", payload.DeleteIdentity ? "true" : null), ("admin_profile", payload.AdminProfile));
        var found = await BoundDeployer.FindAsync(at, call, cancellationToken);
        if (!call.AuditKey(payload.IdempotencyKey).TryGet(out var key, out refusal) || (refusal = WhyNot(payload, found)) is not null)
        {
            return await at.RefuseAsync(intent, refusal, cancellationToken);
        }

        var deployer = found.IsOk ? found.Value : null;
        var read = payload.DeleteIdentity
            ? await AdminMaterial.ReadAsync(payload.AdminMaterialPath, payload.AdminMaterialInline, deployer!.Contract, call, cancellationToken)
            : (CredentialMaterial?)null;
        using var admin = read.IsOk ? read.Value : null;
        if (read.Refusal is { } unread)
        {
            return await at.RefuseAsync(intent, unread, cancellationToken);
        }

        // Read before it is deleted: with it the platform is asked to forget it.
        var stored = deployer?.CredentialsRef is { } bound ? await StoredCredentials.ReadAsync(at, bound, call, cancellationToken) : (CredentialMaterial?)null;
        using var material = stored.IsOk ? stored.Value : null;
        var change = new CredentialsChange<CredentialsUnbound>(intent with { IdempotencyKey = key })
        {
            Route = (HttpMethod.Delete, null),
            TouchesSecrets = true,
            AdminProfile = payload.AdminProfile,
            Plan = static document => Take(document),
        };
        var done = await change.RunAsync(at, call, cancellationToken);
        if (done.Refusal is { MayStand: true } lost && deployer?.CredentialsRef is { } last)
        {
            done = await FoundAsync(at, deployer, last, material, lost);
        }

        // Once they are bound no longer nobody finds them again: whoever leaves now must not leave them behind.
        var left = !done.Stands() || deployer is null ? []
            : payload.DeleteIdentity ? await deployer.Contract.DeleteIdentityAsync(new(deployer.Setting, payload.AdminProfile!, admin, Bind: true), cancellationToken)
            : deployer is { Contract.RequiresMaterial: true, CredentialsRef: { } reference } ? await deployer.Contract.RevokeAsync(deployer.Setting with { Material = material, Reference = reference }, CancellationToken.None)
            : [];
        foreach (var what in left)
        {
            call.Warn(what);
        }

        return done.TryGet(out var unbound, out refusal)
            ? Unbound(unbound with { IdentityDeleted = payload.DeleteIdentity && left.IsEmpty, Warnings = call.Warnings })
            : refusal with { Details = [.. refusal.Details, .. left.Select(what => new RefusalDetail("left behind", what))] };
    }

    private static Answer Unbound(CredentialsUnbound unbound) => Answer.Of(
        unbound,
        CredentialsJson.Default.CredentialsUnbound,
        screen => screen.Say($"{(unbound.CredentialsRef is null ? $"Environment {unbound.EnvironmentId} has no credentials; nothing changed there" : $"{unbound.CredentialsRef} is bound no longer{(unbound.MaterialDeleted ? ", and deleted" : "")}")}{(unbound.IdentityDeleted ? "; the identity is removed" : "")}."));

    /// <summary>What became of a change whose answer was lost: the environment itself says so, where it can be asked.</summary>
    private static async Task<Outcome<CredentialsUnbound>> FoundAsync(OpPlace at, BoundDeployer deployer, string reference, CredentialMaterial? material, Refusal lost)
    {
        var found = await at.LoadAsync(CancellationToken.None);
        if (found.IsOk && found.Value.CredentialsRef is null)
        {
            return new CredentialsUnbound(at.Environment.ToString(), reference, material is not null);
        }

        return !deployer.Contract.RequiresMaterial ? lost : lost with
        {
            Details =
            [
                .. lost.Details,
                new("left behind", $"{deployer.Contract.Describe(deployer.Setting with { Material = material })}; the same command again ends it, or where the environment has no credentials then, one with delete_identity"),
            ],
        };
    }

    private static Refusal? WhyNot(UnbindCredentialsPayload payload, Outcome<BoundDeployer> found) => (payload.DeleteIdentity, payload.AdminProfile) switch
    {
        (false, null) => (payload.AdminMaterialPath ?? payload.AdminMaterialInline) is null ? null : new Refusal.InvalidArgument("an administrator's credentials are for delete_identity only"),
        (false, _) => new Refusal.InvalidArgument("admin_profile is for delete_identity only"),
        (true, null) => new Refusal.InvalidArgument("delete_identity needs the handle of an administrator, admin_profile"),
        (true, _) => found.Refusal ?? (found.Value.Contract.MakesIdentities ? null : new Refusal.Conflict($"the identity of {found.Value.Kind} was made elsewhere, and is removed there")),
    };

    private static CredentialsKept<CredentialsUnbound> Take(EnvironmentDocument document)
    {
        var reference = document.CredentialsRef;
        var isKept = document.Packs.Any(pack => pack.Slot == CapabilitySlot.Secrets) && reference is not null && SecretUri.Parse(reference).IsOk;
        return new(null, isDeleted => new(document.EnvironmentId.ToString(), reference, isDeleted))
        {
            Secret = isKept ? secrets => SecretUri.Parse(reference!).Then(uri => secrets.Delete(uri)).Then<bool>(tombstone => tombstone is not null) : null,
        };
    }
}
