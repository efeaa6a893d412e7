using System.Collections.Immutable;
using Gtc.Cli.Op.Secrets;
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
        Fields = [PayloadField.Environment, new("list_only", "only list what is needed; check and keep nothing", "--list")],
        ReportsFindings = true,
        RunAsync = RunAsync,
    };

    /// <summary>The report of checks.</summary>
    public static RequirementsReport Report(OpPlace at, BoundDeployer deployer, string? reference, ImmutableArray<CapabilityCheck> checks, DateTimeOffset now)
    {
        var validation = CredentialsValidation.Of(checks, now);
        return new()
        {
            EnvironmentId = at.Environment.ToString(),
            DeployerKind = deployer.Kind.ToString(),
            CredentialsRef = reference,
            Mode = CredentialsDocument.RequirementsMode,
            Result = validation.Result,
            MissingCapabilities = validation.MissingCapabilities,
            Checks = checks,
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
    }

    private static async Task<Outcome<Answer>> RunAsync(RequirementsPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        if (!OpStore.Open(call, payload.EnvironmentId).TryGet(out var at, out var refusal) || !(await BoundDeployer.FindAsync(at, call, cancellationToken)).TryGet(out var deployer, out refusal))
        {
            return refusal;
        }

        var now = call.Context.Time.GetUtcNow();
        if (payload.ListOnly)
        {
            return Answered(Report(at, deployer, deployer.CredentialsRef, [.. deployer.Contract.Capabilities.Select(capability => CapabilityCheck.Skipped(capability, "not checked, only listed"))], now), call);
        }

        if (deployer is { Contract.RequiresMaterial: true, CredentialsRef: null })
        {
            return new Refusal.Conflict($"environment `{at.Environment}` has no credentials for {deployer.Kind}") { Next = $"gtc op credentials bind {at.Environment} --from-file FILE" };
        }

        var reference = deployer.CredentialsRef ?? deployer.Contract.CanonicalRef(at.Environment);
        if (!(await MaterialAsync(at, deployer, reference, call, cancellationToken)).TryGet(out var material, out refusal))
        {
            return refusal;
        }

        using (material)
        {
            var report = Report(at, deployer, reference, await deployer.Contract.ValidateAsync(deployer.Setting with { Material = material }, cancellationToken), now);
            if (await KeepAsync(at, deployer, reference, report, cancellationToken) is { } unkept)
            {
                call.Warn($"the result was not kept: {unkept.Message}");
            }

            return Answered(report, call);
        }
    }

    private static Outcome<Answer> Answered(RequirementsReport report, VerbCall call) =>
        Answer.Of(report with { Warnings = call.Warnings }, CredentialsJson.Default.RequirementsReport, screen => Show(report, screen)) with { HasFindings = report.Result == "fail" };

    /// <summary>What the reference stands for, out of the environment's secrets.</summary>
    private static async Task<Outcome<CredentialMaterial?>> MaterialAsync(OpPlace at, BoundDeployer deployer, string reference, VerbCall call, CancellationToken cancellationToken)
    {
        if (!deployer.Contract.RequiresMaterial)
        {
            return (CredentialMaterial?)null;
        }

        var reading = (await at.Store.LoadAsync(at.Environment, cancellationToken))
            .Then(document => SecretsNoun.Open(document, at, call))
            .Then(secrets => SecretUri.Parse(reference).Then(uri => secrets.Get(uri, null)));
        if (!reading.TryGet(out var found, out var refusal))
        {
            return refusal;
        }

        if (found is not SecretReading.Found secret)
        {
            return (CredentialMaterial?)null;
        }

        using (secret.Value)
        {
            return new CredentialMaterial(secret.Value.Bytes);
        }
    }

    private static async Task<Refusal?> KeepAsync(OpPlace at, BoundDeployer deployer, string reference, RequirementsReport report, CancellationToken cancellationToken)
    {
        var document = Document(at, deployer, reference, report);
        if (document.Validate() is { } invalid)
        {
            return invalid;
        }

        var intent = OpStore.Intent(at.Environment, CredentialsNoun.Name, "requirements", ("deployer_kind", deployer.Kind.ToString()));
        return (await at.Store.MutateAsync<bool>(
            intent, change => change.Files.Write(CredentialsDocument.FileName, document.ToFile()) is { } unwritten ? unwritten : new Mutation<bool>(true), cancellationToken)).Refusal;
    }
}
