using System.Security.Cryptography;
using System.Text;
using System.Text.Unicode;
using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.EnvPacks;
using Gtc.Model;
using Gtc.Store;

namespace Gtc.Cli.Op.Credentials;

/// <summary><c>gtc op credentials bootstrap</c>: describes a minimal identity for the deployer with the rights of an administrator (credentials.md §5).</summary>
internal static class CredentialsBootstrapVerb
{
    private const int MaxMaterial = 64 * 1024;
    private const string Pending = "credentials.bind-pending";

    /// <summary>The verb.</summary>
    public static Verb<BootstrapPayload> Verb => new()
    {
        Noun = CredentialsNoun.Name,
        Name = "bootstrap",
        Purpose = "Describe a minimal identity for the deployer, with the rights of an administrator",
        Remark = "The administrator's credentials are used once and kept nowhere. A deployer that needs none, or that this version cannot make one for, refuses.",
        Examples = ["op credentials bootstrap staging admin_profile=ops-admin admin_material_path=admin.json"],
        Payload = CredentialsJson.Default.BootstrapPayload,
        Fields =
        [
            PayloadField.Environment,
            new("admin_profile", "the handle of the administrator's identity; the only part of it that is recorded", "--admin-profile", "NAME"),
            new("admin_material_path", "the file with the administrator's credentials", "--admin-material", "FILE"),
            new("admin_material_inline", "the credentials themselves; only from an answers file or standard input"),
            new("bind", "make the identity too, instead of only describing it", "--bind"),
            PayloadField.AuditKey,
        ],
        ReadWords = words => words.Any(word => word.Segments[0] == "admin_material_inline")
            ? new Refusal.InvalidArgument("credentials are not taken on the command line, which process lists and shell histories keep: use admin_material_path")
            : words,
        RunAsync = RunAsync,
    };

    private static async Task<Outcome<Answer>> RunAsync(BootstrapPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        if (!OpStore.Open(call, payload.EnvironmentId).TryGet(out var at, out var refusal))
        {
            return refusal;
        }

        var intent = OpStore.Intent(at.Environment, CredentialsNoun.Name, "bootstrap", ("admin_profile", payload.AdminProfile), ("bind", payload.Bind ? "true" : "false"));
        if (!call.IdempotencyKey(payload.IdempotencyKey).TryGet(out var key, out refusal)
            || !(await DescribedAsync(payload, at, call, cancellationToken)).TryGet(out var found, out refusal))
        {
            return await at.RefuseAsync(intent, refusal, cancellationToken);
        }

        var done = await at.Store.MutateAsync<BootstrapReport>(
            intent with { IdempotencyKey = key },
            change => change.Required(at.Environment).Then(document => document.CredentialsRef is null
                ? Write(change, found.Deployer, found.Rules)
                : Bound(at.Environment, document.CredentialsRef)),
            cancellationToken);
        return done.Then<Answer>(report => Answer.Of(report, CredentialsJson.Default.BootstrapReport, screen =>
        {
            screen.Say($"An identity for {report.DeployerKind} is described; nothing is bound yet.");
            screen.Facts(("review and apply", Path.Combine(at.Layout.Folder, report.RulesPackRef)), ("next", $"gtc op credentials bind {report.EnvironmentId} --from-file FILE"));
        }));
    }

    private static async Task<Outcome<(BoundDeployer Deployer, BootstrapResult.Described Rules)>> DescribedAsync(BootstrapPayload payload, OpPlace at, VerbCall call, CancellationToken cancellationToken)
    {
        if (!(await BoundDeployer.FindAsync(at, call, cancellationToken)).TryGet(out var deployer, out var refusal))
        {
            return refusal;
        }

        if (deployer.CredentialsRef is { } bound)
        {
            return Bound(at.Environment, bound);
        }

        if (payload.Bind)
        {
            return new Refusal.Conflict($"{deployer.Kind} cannot be given an identity by this version of gtc; without bind it is only described");
        }

        if (!(await MaterialAsync(payload, call, cancellationToken)).TryGet(out var admin, out refusal))
        {
            return refusal;
        }

        using (admin)
        {
            return await deployer.Contract.BootstrapAsync(new(deployer.Setting, payload.AdminProfile, admin, payload.Bind), cancellationToken) switch
            {
                BootstrapResult.Described described => (deployer, described),
                BootstrapResult.NotApplicable nothing => new Refusal.Conflict($"there is nothing to bootstrap for {deployer.Kind}: {nothing.Why}"),
                BootstrapResult.AdminRejected rejected => new Refusal.Conflict($"the administrator's credentials were not accepted: {rejected.Why}"),
                BootstrapResult.ProvisioningFailed failed => new Refusal.Conflict($"step `{failed.Step}` failed: {failed.Why}"),
                var other => throw new InvalidOperationException($"{other} is no result of a bootstrap."),
            };
        }
    }

    private static Refusal.Conflict Bound(EnvId environment, string reference) => new($"environment `{environment}` has credentials already: {reference}") { Next = $"gtc op credentials unbind {environment}" };

    private static Outcome<Mutation<BootstrapReport>> Write(MutationContext change, BoundDeployer deployer, BootstrapResult.Described described)
    {
        var environment = change.Files.Layout.Id;
        var reference = $"{References.SecretScheme}{environment}/{deployer.Kind.Path}/bootstrap-incomplete";
        var document = new CredentialsDocument
        {
            Schema = CredentialsDocument.SchemaId,
            EnvId = environment,
            DeployerKind = deployer.Kind,
            Mode = CredentialsDocument.BootstrapMode,
            ProvidedCredentialsRef = reference,
            Validation = new(change.Now, "fail", [Pending]),
            Bootstrap = new(change.Now, RulesPack.Reference(deployer.Kind), reference),
        };
        if (!RulesPack.Plan(change.EnvironmentFolder, deployer.Kind, described.Rules).TryGet(out var rules, out var refusal))
        {
            return refusal;
        }

        foreach (var file in rules.Write.Append(new(CredentialsDocument.FileName, document.ToFile())))
        {
            if (change.Files.Write(file.Reference, file.Content) is { } unwritten)
            {
                return unwritten;
            }
        }

        foreach (var gone in rules.Remove)
        {
            if (change.Files.Delete(gone) is { } kept)
            {
                return kept;
            }
        }

        return new Mutation<BootstrapReport>(new()
        {
            EnvironmentId = environment.ToString(),
            DeployerKind = deployer.Kind.ToString(),
            Mode = CredentialsDocument.BootstrapMode,
            Bound = false,
            CredentialsRef = reference,
            ExpiresAt = null,
            RulesPackRef = RulesPack.Reference(deployer.Kind),
            AdminCredentialConsumedAt = change.Now,
        });
    }

    private static async Task<Outcome<CredentialMaterial>> MaterialAsync(BootstrapPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        var buffer = GC.AllocateArray<byte>(MaxMaterial + 1, pinned: true);
        try
        {
            int length;
            switch (payload.AdminMaterialPath, payload.AdminMaterialInline)
            {
                case ({ } path, null):
                    await using (var file = File.OpenRead(call.Context.PathOf(path)))
                    {
                        length = await file.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
                    }

                    break;
                case (null, { } inline) when Encoding.UTF8.GetByteCount(inline) <= MaxMaterial:
                    length = Encoding.UTF8.GetBytes(inline, buffer);
                    break;
                case (null, not null):
                    length = buffer.Length;
                    break;
                default:
                    return new Refusal.Conflict("the administrator's credentials are needed, once: admin_material_path or admin_material_inline");
            }

            return length is > 0 and <= MaxMaterial && Utf8.IsValid(buffer.AsSpan(0, length))
                ? new CredentialMaterial(buffer.AsSpan(0, length))
                : new Refusal.Conflict($"the administrator's credentials must be UTF-8 text of 1 to {MaxMaterial} bytes");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return new Refusal.Conflict($"the administrator's credentials cannot be read: {error.Message.TrimEnd('.')}");
        }
        finally
        {
            CryptographicOperations.ZeroMemory(buffer);
        }
    }
}
