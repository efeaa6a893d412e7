using System.Collections.Immutable;
using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.EnvPacks;
using Gtc.Model;
using Gtc.Store;

namespace Gtc.Cli.Op.Credentials;

/// <summary><c>gtc op credentials requirements</c>: whether the deployer may do what it has to (credentials.md §4).</summary>
internal static class CredentialsRequirements
{
    /// <summary>The verb.</summary>
    public static Verb<RequirementsPayload> Verb => new()
    {
        Noun = CredentialsNoun.Name,
        Name = "requirements",
        Purpose = "Check whether the deployer may do what it has to, and keep the result",
        Examples = ["op credentials requirements", "op credentials requirements staging --list", "op credentials requirements --fail-on-findings"],
        Payload = CredentialsJson.Default.RequirementsPayload,
        Fields =
        [
            PayloadField.Environment,
            new("list_only", "only list what is needed; check and keep nothing", "--list"),
            new("ambient", "check the identity that this machine has anyway, bound or not; keep nothing", "--ambient"),
        ],
        ReportsFindings = true,
        RunAsync = RunAsync,
    };

    /// <summary>The report of checks.</summary>
    public static RequirementsReport Report(OpPlace at, BoundDeployer deployer, string? reference, CredentialsFindings findings, DateTimeOffset now)
    {
        var validation = CredentialsValidation.Of(findings.Checks, now);
        return new()
        {
            EnvironmentId = at.Environment.ToString(),
            DeployerKind = deployer.Kind.ToString(),
            CredentialsRef = reference,
            Mode = CredentialsDocument.RequirementsMode,
            Result = validation.Result,
            MissingCapabilities = validation.MissingCapabilities,
            Checks = findings.Checks,
            ExcessPermissions = findings.Excess,
            ExpiresAt = findings.Expiry?.ExpiresAt,
            RotateAt = findings.Expiry?.RotateAt,
            LastRunAt = now,
        };
    }

    /// <summary>The document that keeps a report.</summary>
    public static CredentialsDocument Document(OpPlace at, BoundDeployer deployer, string reference, RequirementsReport report) => new()
    {
        Schema = CredentialsDocument.SchemaId,
        EnvId = at.Environment,
        DeployerKind = deployer.Kind,
        Mode = CredentialsDocument.RequirementsMode,
        ProvidedCredentialsRef = reference,
        Validation = new(report.LastRunAt, report.Result, report.MissingCapabilities),
        Expiry = report.ExpiresAt is { } expires ? new(expires, report.RotateAt) : null,
    };

    /// <summary>The report for people.</summary>
    public static void Show(RequirementsReport report, Screen screen)
    {
        screen.Say(report.Result == "pass" && report.MissingCapabilities.IsEmpty
            ? $"{report.DeployerKind} may do what it has to."
            : $"{report.DeployerKind}: {report.MissingCapabilities.Length} of {report.Checks.Length} capabilities do not stand.");
        screen.Table(
            new([new("capability"), new("status"), new("why", 1)], [.. report.Checks.Select(check => (ImmutableArray<string>)[check.Id, check.Status.ToString().ToLowerInvariant(), check.Reason ?? ""])]),
            "It needs nothing.");
        screen.Facts(("expires", report.ExpiresAt?.ToString("u")));
        foreach (var excess in report.ExcessPermissions)
        {
            screen.Say($"  allowed, but never needed: {excess}");
        }
    }

    /// <summary>Warns of what was not found out, and of credentials that end soon.</summary>
    public static void Warn(CredentialsFindings findings, EnvId environment, VerbCall call)
    {
        foreach (var note in findings.Notes)
        {
            call.Warn(note);
        }

        if (findings.Expiry is { RotateAt: { } due } expiry && due <= call.Context.Time.GetUtcNow())
        {
            call.Warn($"the credentials end at {expiry.ExpiresAt:u}: `gtc op credentials rotate {environment}` replaces them");
        }
    }

    private static async Task<Outcome<Answer>> RunAsync(RequirementsPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        if (!OpStore.Open(call, payload.EnvironmentId).TryGet(out var at, out var refusal) || !(await BoundDeployer.FindAsync(at, call, cancellationToken)).TryGet(out var deployer, out refusal))
        {
            return refusal;
        }

        var now = call.Context.Time.GetUtcNow();
        if (payload is { ListOnly: true, Ambient: true })
        {
            return new Refusal.InvalidArgument("list_only and ambient exclude each other");
        }

        if (payload.ListOnly)
        {
            return Answered(Report(at, deployer, deployer.CredentialsRef, new([.. deployer.Contract.CapabilitiesFor(deployer.Setting.Answers).Select(capability => CapabilityCheck.Skipped(capability, "not checked, only listed"))]), now), call);
        }

        if (payload.Ambient)
        {
            var ambient = await deployer.Contract.ValidateAsync(deployer.Setting, cancellationToken);
            Warn(ambient, at.Environment, call);
            return Answered(Report(at, deployer, null, ambient, now), call);
        }

        if (deployer is { Contract.RequiresMaterial: true, CredentialsRef: null })
        {
            return new Refusal.Conflict($"environment `{at.Environment}` has no credentials for {deployer.Kind}")
            {
                Next = deployer.Contract.MakesIdentities ? $"gtc op credentials bootstrap {at.Environment} admin_profile=CONTEXT" : $"gtc op credentials bind {at.Environment} --from-file FILE",
            };
        }

        var reference = deployer.CredentialsRef ?? deployer.Contract.CanonicalRef(at.Environment);
        if (!(await StoredCredentials.ReadAsync(at, reference, call, cancellationToken)).TryGet(out var material, out refusal))
        {
            return refusal;
        }

        using (material)
        {
            var findings = await deployer.Contract.ValidateAsync(deployer.Setting with { Material = material, Reference = reference }, cancellationToken);
            var report = Report(at, deployer, reference, findings, now);
            Warn(findings, at.Environment, call);
            if (await KeepAsync(at, deployer, reference, report, call, cancellationToken) is { } unkept)
            {
                call.Warn($"the result was not kept: {unkept.Message}");
            }

            return Answered(report, call);
        }
    }

    private static Outcome<Answer> Answered(RequirementsReport report, VerbCall call) =>
        Answer.Of(report with { Warnings = call.Warnings }, CredentialsJson.Default.RequirementsReport, screen => Show(report, screen)) with { HasFindings = report.Result == "fail" || !report.ExcessPermissions.IsEmpty };

    private static async Task<Refusal?> KeepAsync(OpPlace at, BoundDeployer deployer, string reference, RequirementsReport report, VerbCall call, CancellationToken cancellationToken)
    {
        var document = Document(at, deployer, reference, report);
        if (document.Validate() is { } invalid)
        {
            return invalid;
        }

        var intent = OpStore.Intent(at.Environment, CredentialsNoun.Name, "requirements", ("deployer_kind", deployer.Kind.ToString()));
        var change = new CredentialsChange<bool>(intent)
        {
            Route = (HttpMethod.Post, "requirements"),
            Plan = current => new CredentialsKept<bool>(current.CredentialsRef, _ => true) { Document = document },
        };
        return (await change.RunAsync(at, call, cancellationToken)).Refusal;
    }
}
