using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Gtc.Model;
using Gtc.Signing;

namespace Gtc.Store;

/// <summary>
/// Verifies the policies of a deployment from the committed one down to the first (trust-and-signing.md §5.6): every document against
/// its signature, what was signed against the document and the deployment, the chain of versions, and the present shares.
/// </summary>
public static class RevenuePolicyHistory
{
    /// <summary>The most versions that are followed.</summary>
    public const int MaxVersions = 10_000;

    private const int MaxDocumentBytes = 1 << 20;

    /// <summary>The documents and signatures of all versions, relative to the environment's folder.</summary>
    public static IEnumerable<string> Files(BundleDeployment deployment)
    {
        ArgumentNullException.ThrowIfNull(deployment);
        var latest = Math.Min(RevenuePolicyBuilder.Version(deployment.RevenuePolicyRef) ?? 0, MaxVersions);
        for (var version = 1ul; version <= latest; version++)
        {
            var signature = Ref(deployment, version);
            yield return signature;
            yield return signature[..^".sig".Length];
        }
    }

    /// <summary>Verifies. Every version is looked at, also below one that is broken, as long as its name can be told.</summary>
    /// <param name="files">The environment's files.</param>
    /// <param name="deployment">The deployment.</param>
    /// <param name="trust">The environment's trust root.</param>
    /// <param name="now">The verifier's time.</param>
    public static Outcome<PolicyHistory> Verify(EnvironmentFiles files, BundleDeployment deployment, TrustRoot trust, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(files);
        ArgumentNullException.ThrowIfNull(deployment);
        ArgumentNullException.ThrowIfNull(trust);
        if (RevenuePolicyBuilder.Version(deployment.RevenuePolicyRef) is not { } latest || deployment.RevenuePolicyRef != Ref(deployment, latest))
        {
            return RevenuePolicyBuilder.Failed("PolicyRef", $"revenue_policy_ref `{deployment.RevenuePolicyRef}` does not name a policy of this deployment");
        }

        if (latest > MaxVersions)
        {
            return RevenuePolicyBuilder.Failed("PolicyRef", $"revenue_policy_ref names version {latest}, the most that are verified are {MaxVersions:N0}");
        }

        var keys = trust.KeysFor(KeyPurpose.RevenuePolicy, now);
        var versions = ImmutableArray.CreateBuilder<PolicyVersion>();
        for (var version = latest; version >= 1; version--)
        {
            if (!Verify(files, deployment, version, version == latest, keys).TryGet(out var found, out var unreadable))
            {
                return unreadable;
            }

            versions.Add(found);
        }

        return new PolicyHistory(deployment.RevenuePolicyRef, versions.ToImmutable());
    }

    /// <summary>Adds a signature by a new key to every version that verifies.</summary>
    /// <returns>How many were signed; or why none was.</returns>
    internal static Outcome<int> Countersign(MutationContext context, BundleDeployment deployment, PrivateKey key, TrustRoot trust)
    {
        if (!Verify(context.Files, deployment, trust, context.Now).TryGet(out var history, out var refusal))
        {
            return refusal;
        }

        if (history.Versions[0].Problem is { } problem)
        {
            return RevenuePolicyBuilder.Failed(problem.Rule, problem.Reason);
        }

        var keep = trust.Keys.Select(trusted => trusted.KeyId).ToHashSet(StringComparer.Ordinal);
        var signed = 0;
        foreach (var version in history.Versions.Where(version => version.Problem is null))
        {
            if (!context.Files.Read(version.Ref, DsseEnvelope.MaxBytes).TryGet(out var bytes, out refusal))
            {
                return refusal;
            }

            if (!DsseEnvelope.Parse(bytes).Value.CountersignedBy(key, keep).TryGet(out var envelope, out var error))
            {
                return RevenuePolicyBuilder.Failed(error.Kind, error.Message);
            }

            if (context.Files.Write(version.Ref, envelope.ToPrettyBytes()) is { } unwritten)
            {
                return unwritten;
            }

            signed++;
        }

        return signed;
    }

    private static string Ref(BundleDeployment deployment, ulong version) => RevenuePolicyBuilder.Ref(deployment.BundleId, deployment.CustomerId, version) + ".sig";

    private static Outcome<PolicyVersion> Verify(EnvironmentFiles files, BundleDeployment deployment, ulong version, bool isLatest, ImmutableArray<TrustedKey> keys)
    {
        var reference = Ref(deployment, version);
        if (!RuntimeConfigRules.IsContained(reference))
        {
            return RevenuePolicyBuilder.Failed("UnsafeSegment", $"`{reference}` is not a path inside the environment's folder");
        }

        if (!files.Read(reference[..^".sig".Length], MaxDocumentBytes).TryGet(out var document, out var unreadable)
            || !files.Read(reference, DsseEnvelope.MaxBytes).TryGet(out var envelope, out unreadable))
        {
            return unreadable;
        }

        if (document is null || envelope is null)
        {
            return PolicyVersion.Broken(version, reference, "Missing", document is null ? "the document is missing" : "the signature is missing");
        }

        var sha256 = Convert.ToHexStringLower(SHA256.HashData(document));
        if (!Dsse.VerifyArtifact(envelope, sha256, keys).TryGet(out var verified, out var error))
        {
            return PolicyVersion.Broken(version, reference, error.Kind, error.Message);
        }

        if (!DsseEnvelope.Parse(envelope).Value.HasDerivedKeyIds)
        {
            return PolicyVersion.Broken(version, reference, "KeyIdMismatch", "a key id of the envelope is not in lower case, so it is not the envelope that was written");
        }

        return Contradiction(document, verified.Statement, deployment, version, isLatest) is { } contradiction
            ? PolicyVersion.Broken(version, reference, "PolicyMismatch", contradiction)
            : new PolicyVersion(version, reference, verified.KeyIds, null);
    }

    /// <summary>What was signed must be the document, and the document must be this version of this deployment.</summary>
    private static string? Contradiction(byte[] document, InTotoStatement statement, BundleDeployment deployment, ulong version, bool isLatest)
    {
        if (statement.PredicateType != Schemas.RevenuePolicyPredicate || statement.Predicate.ValueKind != JsonValueKind.Object)
        {
            return $"what is signed is a `{statement.PredicateType}`";
        }

        if (RevenueFormat.Read(document, statement.Predicate) is not var (policy, predicate))
        {
            return "the document or its predicate cannot be read";
        }

        var expected = RevenuePolicyBuilder.Predicate(policy);
        if (predicate != expected || policy.Schema != Schemas.RevenuePolicy)
        {
            return "what is signed is not what the document says";
        }

        if (policy.DeploymentId != deployment.DeploymentId || policy.EnvId != deployment.EnvId || policy.BundleId != deployment.BundleId || policy.CustomerId != deployment.CustomerId)
        {
            return "the policy belongs to another deployment";
        }

        if (policy.Version != version || policy.PreviousVersionRef != (version == 1 ? null : Ref(deployment, version - 1)))
        {
            return string.Create(CultureInfo.InvariantCulture, $"the chain is broken: version {policy.Version} after `{policy.PreviousVersionRef}` lies where version {version} belongs");
        }

        return isLatest && !policy.RevenueShare.Select(Share).SequenceEqual(deployment.RevenueShare.Select(Share))
            ? "the deployment's shares are not the signed ones"
            : null;
    }

    private static (string Party, uint Points) Share(RevenueShareEntry entry) => (entry.PartyId, entry.BasisPoints);
}

/// <summary>The verified policies of a deployment.</summary>
/// <param name="PolicyRef">The committed reference.</param>
/// <param name="Versions">From the newest to the first, at least one.</param>
public sealed record PolicyHistory(string PolicyRef, ImmutableArray<PolicyVersion> Versions)
{
    /// <summary>True when every version holds.</summary>
    public bool Holds => Versions.All(version => version.Problem is null);
}

/// <summary>One version of a policy.</summary>
/// <param name="Version">Its number.</param>
/// <param name="Ref">Its signature, relative to the environment's folder.</param>
/// <param name="KeyIds">The trusted keys that signed it; none when it does not hold.</param>
/// <param name="Problem">Why it does not hold, or null.</param>
public sealed record PolicyVersion(ulong Version, string Ref, ImmutableArray<string> KeyIds, PolicyProblem? Problem)
{
    internal static PolicyVersion Broken(ulong version, string reference, string rule, string reason) => new(version, reference, [], new PolicyProblem(rule, reason));
}

/// <summary>Why a version does not hold.</summary>
/// <param name="Rule">The rule, e.g. <c>SubjectDigestMismatch</c>.</param>
/// <param name="Reason">A clause for people.</param>
public sealed record PolicyProblem(string Rule, string Reason);
