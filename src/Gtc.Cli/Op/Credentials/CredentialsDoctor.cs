using Gtc.Cli.Verbs;
using Gtc.EnvPacks;
using Gtc.Model;

namespace Gtc.Cli.Op.Credentials;

/// <summary>What <c>env doctor</c> says of the credentials that an environment's deployer has.</summary>
internal static class CredentialsDoctor
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>What is wrong, sentences. An environment without credentials of its own is not asked about, nor is a platform that is never called.</summary>
    public static async Task<IReadOnlyList<string>> ProblemsAsync(OpPlace at, VerbCall call, CancellationToken cancellationToken)
    {
        if (!(await BoundDeployer.FindAsync(at, call, cancellationToken)).TryGet(out var deployer, out _) || deployer is not { Contract.MakesIdentities: true, CredentialsRef: { } reference })
        {
            return [];
        }

        if (!(await StoredCredentials.ReadAsync(at, reference, call, cancellationToken)).TryGet(out var material, out var refusal))
        {
            return [$"credentials: {refusal.Message}"];
        }

        using (material)
        {
            var findings = await deployer.Contract.ValidateAsync(deployer.Setting with { Material = material, Reference = reference, Timeout = Patience }, cancellationToken);
            return [.. Problems(findings, at.Environment, call.Context.Time.GetUtcNow())];
        }
    }

    private static IEnumerable<string> Problems(CredentialsFindings findings, EnvId environment, DateTimeOffset now)
    {
        if (findings.Checks[0] is { Status: not CapabilityStatus.Pass } first)
        {
            yield return $"credentials: {first.Reason}";
            yield break;
        }

        if (findings.Checks.Where(check => check.Status != CapabilityStatus.Pass).Select(check => check.Id).ToList() is { Count: > 0 } missing)
        {
            yield return $"credentials: what the deployer needs is not allowed: {string.Join(", ", missing)}; `gtc op credentials rotate {environment} admin_profile=CONTEXT` applies the rules again";
        }

        if (!findings.Excess.IsEmpty)
        {
            yield return $"credentials: what the deployer never needs is allowed: {string.Join(", ", findings.Excess)}";
        }

        if (findings.Expiry is { RotateAt: { } due } expiry && due <= now)
        {
            yield return $"credentials: the token ends at {expiry.ExpiresAt:u}; `gtc op credentials rotate {environment} admin_profile=CONTEXT` replaces it";
        }
    }
}
