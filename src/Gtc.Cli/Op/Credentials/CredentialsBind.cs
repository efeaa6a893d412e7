using Gtc.Cli.Op.Secrets;
using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.EnvPacks;
using Gtc.Model;
using Gtc.Store;

namespace Gtc.Cli.Op.Credentials;

/// <summary><c>gtc op credentials bind</c>: which credentials the deployer uses (credentials.md §5).</summary>
internal static class CredentialsBind
{
    public static Verb<BindCredentialsPayload> Bind => new()
    {
        Noun = CredentialsNoun.Name,
        Name = "bind",
        Purpose = "Give the deployer its credentials, when they work",
        Remark = "They are checked first; force keeps them all the same, e.g. where the platform cannot be reached from here.",
        Examples = ["op credentials bind staging --from-file token", "op credentials bind credentials_ref=secret://local/local-process/no-material-required"],
        Payload = CredentialsJson.Default.BindCredentialsPayload,
        Fields =
        [
            PayloadField.Environment,
            new("credentials_ref", "credentials that are kept already, secret://<env>/…; excludes a value", "--credentials-ref", "REF"),
            .. SecretInput.Fields,
            new("replace", "replace the present credentials", "--replace"),
            new("force", "keep them although the check failed", "--force"),
            PayloadField.AuditKey,
        ],
        ReadWords = SecretInput.ReadWords,
        Forbid = SecretInput.Forbid,
        RunAsync = BindAsync,
    };

    private static async Task<Outcome<Answer>> BindAsync(BindCredentialsPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        if (!OpStore.Open(call, payload.EnvironmentId).TryGet(out var at, out var refusal))
        {
            return refusal;
        }

        var intent = OpStore.Intent(at.Environment, CredentialsNoun.Name, "bind", ("credentials_ref", payload.CredentialsRef));
        if (!call.AuditKey(payload.IdempotencyKey).TryGet(out var key, out refusal) || !(await BoundDeployer.FindAsync(at, call, cancellationToken)).TryGet(out var deployer, out refusal))
        {
            return await at.RefuseAsync(intent, refusal, cancellationToken);
        }

        var read = await ValueAsync(payload, deployer, call, cancellationToken);
        using var value = read.IsOk ? read.Value : null;
        if (read.Refusal is { } unread)
        {
            return await at.RefuseAsync(intent, unread, cancellationToken);
        }

        var kept = value is null && payload.CredentialsRef is { } named ? await StoredCredentials.ReadAsync(at, named, call, cancellationToken) : (CredentialMaterial?)null;
        using var material = value is not null ? new CredentialMaterial(value.Bytes) : kept.IsOk ? kept.Value : null;
        if (kept.Refusal is { } unkept)
        {
            return await at.RefuseAsync(intent, unkept, cancellationToken);
        }

        // A value is checked itself; a reference is followed as a live call would.
        var reference = payload.CredentialsRef ?? deployer.Contract.CanonicalRef(at.Environment);
        var findings = await deployer.Contract.ValidateAsync(deployer.Setting with { Material = material, Reference = value is null ? reference : null }, cancellationToken);
        CredentialsRequirements.Warn(findings, at.Environment, call);
        var report = CredentialsRequirements.Report(at, deployer, reference, findings, call.Context.Time.GetUtcNow());
        var document = CredentialsRequirements.Document(at, deployer, reference, report);
        var change = new CredentialsChange<RequirementsReport>(intent with { IdempotencyKey = key, Target = OpStore.Target(("credentials_ref", reference)) })
        {
            Route = (HttpMethod.Put, null),
            TouchesSecrets = value is not null,
            Plan = current => ((Refusal?)document.Validate() ?? WhyNot(payload, current, findings.Checks[0])) is { } no ? no : new CredentialsKept<RequirementsReport>(reference, _ => report)
            {
                Document = document,
                Secret = value is null ? null : secrets => SecretUri.Parse(reference).Then(uri => secrets.Put(uri, value)).Then<bool>(_ => true),
            },
        };
        var done = await change.RunAsync(at, call, cancellationToken);
        return done.Then<Answer>(bound => Answer.Of(bound with { Warnings = call.Warnings }, CredentialsJson.Default.RequirementsReport, screen => CredentialsRequirements.Show(bound, screen)));
    }

    private static async Task<Outcome<SecretValue?>> ValueAsync(BindCredentialsPayload payload, BoundDeployer deployer, VerbCall call, CancellationToken cancellationToken)
    {
        var hasValue = payload.ValueFromEnv is not null || payload.ValueFromFile is not null;
        if (payload.CredentialsRef is not null)
        {
            return hasValue ? new Refusal.InvalidArgument("credentials_ref and a value exclude each other") : (SecretValue?)null;
        }

        if (!deployer.Contract.RequiresMaterial)
        {
            return hasValue ? new Refusal.Conflict($"{deployer.Kind} needs no credentials") : (SecretValue?)null;
        }

        var read = await SecretInput.ReadAsync(payload.ValueFromEnv, payload.ValueFromFile, $"Credentials of {deployer.Kind} (not shown): ", call, cancellationToken);
        return read.Then(value => value is null ? new Refusal.InvalidArgument("there are no credentials: they come --from-env VAR, --from-file FILE, or are kept already (credentials_ref)") : (Outcome<SecretValue?>)value);
    }

    /// <summary>The first capability is always whether the platform accepts the caller at all.</summary>
    private static Refusal.Conflict? WhyNot(BindCredentialsPayload payload, EnvironmentDocument current, CapabilityCheck first)
    {
        if (current.CredentialsRef is { } present && !payload.Replace)
        {
            return new($"environment `{current.EnvironmentId}` has credentials already: {present}") { Details = [new("to replace them", "replace=true")] };
        }

        return first.Status == CapabilityStatus.Pass || payload.Force
            ? null
            : new($"the credentials do not work: {first.Id}: {first.Reason}") { Details = [new("to keep them all the same", "force=true")] };
    }
}
