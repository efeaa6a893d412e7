using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Gtc.Model;
using Gtc.Signing;

namespace Gtc.Store;

/// <summary>Makes the next signed policy of a deployment (trust-and-signing.md §5.2). Pure: time and keys are given, nothing is written.</summary>
public static class RevenuePolicyBuilder
{
    private const int MaxSegmentBytes = 255;

    /// <summary>Builds and signs the policy that follows the deployment's committed one, and checks it as a reader would.</summary>
    /// <param name="deployment">The deployment with its committed <c>revenue_policy_ref</c> and the shares to sign.</param>
    /// <param name="now">The time of signing.</param>
    /// <param name="key">The operator's key; it must be trusted already.</param>
    /// <param name="trust">The environment's trust root.</param>
    public static Outcome<SignedRevenuePolicy> Build(BundleDeployment deployment, DateTimeOffset now, PrivateKey key, TrustRoot trust)
    {
        ArgumentNullException.ThrowIfNull(deployment);
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(trust);
        if (trust.Find(key.PublicKey.KeyId) is not { } entry)
        {
            return NotTrusted($"operator key {key.PublicKey.KeyId} is not in the trust root of environment `{deployment.EnvId}`; trust-root bootstrap grants it", deployment.EnvId);
        }

        if (entry.WhyNotFor(KeyPurpose.RevenuePolicy, now) is { } why)
        {
            return NotTrusted(why, deployment.EnvId);
        }

        if ((CheckSegment("bundle_id", deployment.BundleId) ?? CheckSegment("customer_id", deployment.CustomerId)) is { } unsafeSegment)
        {
            return unsafeSegment;
        }

        if (NextVersion(deployment.RevenuePolicyRef) is not { } version)
        {
            return Failed("VersionOverflow", $"there is no policy version after `{deployment.RevenuePolicyRef}`");
        }

        return DeploymentRules.ValidateShares(deployment.RevenueShare) is { } broken
            ? Failed("Spec", broken.Message)
            : Sign(Document(deployment, version, now), key, trust);
    }

    internal static Refusal.RevenuePolicyFailed Failed(string rule, string message) => new(message) { Details = [new("rule", rule)] };

    private static Refusal.RevenuePolicyFailed NotTrusted(string why, EnvId environment) => Failed("OperatorKeyNotTrusted", why) with
    {
        Next = $"gtc op trust-root bootstrap {environment}",
    };

    private static Refusal.RevenuePolicyFailed? CheckSegment(string member, string value) =>
        value is "" or "." or ".." || value.AsSpan().ContainsAny("/\\\0") || Encoding.UTF8.GetByteCount(value) > MaxSegmentBytes
            ? Failed("UnsafeSegment", $"{member} `{value}` cannot be the name of a folder")
            : null;

    /// <summary>Where a version's document lies, relative to the environment's folder; its signature has <c>.sig</c> appended.</summary>
    internal static string Ref(string bundle, string customer, ulong version) =>
        string.Create(CultureInfo.InvariantCulture, $"billing-policies/{bundle}/{customer}/v{version}.json");

    /// <summary>The version that a reference names, or null when it names none.</summary>
    internal static ulong? Version(string reference) =>
        Digits(reference) is { } digits && ulong.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var version) && version > 0 ? version : null;

    internal static RevenuePolicyPredicate Predicate(RevenuePolicyDocument document) => new()
    {
        Schema = Schemas.RevenuePolicyPredicate,
        DeploymentId = document.DeploymentId,
        EnvId = document.EnvId,
        BundleId = document.BundleId,
        CustomerId = document.CustomerId,
        Version = document.Version,
        PreviousVersionRef = document.PreviousVersionRef,
        SignedAt = document.CreatedAt,
    };

    /// <summary>Follows the committed reference only, never what lies in the folder: a failed attempt is overwritten by the next.</summary>
    private static ulong? NextVersion(string committedRef)
    {
        if (Digits(committedRef) is not { } digits)
        {
            return 1;
        }

        var isInRange = ulong.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var present) && present < ulong.MaxValue;
        return isInRange ? present + 1 : null;
    }

    /// <summary>What stands between <c>v</c> and <c>.json.sig</c> in a reference's file name, when these are digits.</summary>
    private static string? Digits(string reference)
    {
        var name = reference.AsSpan(reference.LastIndexOf('/') + 1);
        if (!name.StartsWith("v", StringComparison.Ordinal) || !name.EndsWith(".json.sig", StringComparison.Ordinal))
        {
            return null;
        }

        var digits = name[1..^".json.sig".Length];
        return digits.IsEmpty || digits.ContainsAnyExceptInRange('0', '9') ? null : digits.ToString();
    }

    private static RevenuePolicyDocument Document(BundleDeployment deployment, ulong version, DateTimeOffset now) => new()
    {
        Schema = Schemas.RevenuePolicy,
        Version = version,
        DeploymentId = deployment.DeploymentId,
        EnvId = deployment.EnvId,
        BundleId = deployment.BundleId,
        CustomerId = deployment.CustomerId,
        RevenueShare = deployment.RevenueShare,
        CreatedAt = now,
        PreviousVersionRef = version == 1 ? null : Ref(deployment.BundleId, deployment.CustomerId, version - 1) + ".sig",
    };

    private static Outcome<SignedRevenuePolicy> Sign(RevenuePolicyDocument document, PrivateKey key, TrustRoot trust)
    {
        var bytes = RevenueFormat.ToBytes(document);
        var sha256 = Convert.ToHexStringLower(SHA256.HashData(bytes));
        var documentRef = Ref(document.BundleId, document.CustomerId, document.Version);
        var statement = new InTotoStatement
        {
            Subjects = [new StatementSubject(documentRef[(documentRef.LastIndexOf('/') + 1)..], sha256)],
            PredicateType = Schemas.RevenuePolicyPredicate,
            Predicate = RevenueFormat.ToElement(Predicate(document)),
        };
        var envelope = Dsse.Sign(statement.ToBytes(), key).ToPrettyBytes();
        if (Dsse.VerifyArtifact(envelope, sha256, trust.Keys).Error is { } error)
        {
            return Failed(error.Kind, $"the signed policy does not verify: {error.Message}");
        }

        return new SignedRevenuePolicy
        {
            Version = document.Version,
            DocumentRef = documentRef,
            PolicyRef = documentRef + ".sig",
            Document = [.. bytes],
            Envelope = [.. envelope],
            DocumentSha256 = sha256,
            KeyId = key.PublicKey.KeyId,
        };
    }
}
