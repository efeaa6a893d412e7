using System.Security.Cryptography;
using Gtc.Model;
using Gtc.Signing;

namespace Gtc.Store;

/// <summary>Issues signed policies into a local environment (trust-and-signing.md §5.4).</summary>
/// <param name="operatorKey">The operator's key; it is never made here.</param>
public sealed class RevenuePolicies(OperatorKeyFile operatorKey)
{
    /// <summary>
    /// Signs the shares of a deployment, writes document and signature, reads both back and verifies them. Call it inside the
    /// change that adds the deployment or its shares, after every other check.
    /// </summary>
    /// <param name="context">The running change.</param>
    /// <param name="deployment">The deployment with its committed <c>revenue_policy_ref</c>, empty for a new one.</param>
    /// <returns>The deployment with its new <c>revenue_policy_ref</c>, to be saved.</returns>
    public Outcome<BundleDeployment> Issue(MutationContext context, BundleDeployment deployment)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(deployment);
        if (!operatorKey.LoadExisting().TryGet(out var key, out var noKey))
        {
            return noKey;
        }

        using (key)
        {
            if (!new TrustRootFile(context.Files).Load().TryGet(out var root, out var noRoot))
            {
                return noRoot;
            }

            var trust = root ?? TrustRoot.Empty;
            return RevenuePolicyBuilder.Build(deployment, context.Now, key.Key, trust)
                .Then(policy => Write(context.Files, policy, trust))
                .Then<BundleDeployment>(policy => deployment with { RevenuePolicyRef = policy.PolicyRef });
        }
    }

    private static Outcome<SignedRevenuePolicy> Write(EnvironmentFiles files, SignedRevenuePolicy policy, TrustRoot trust)
    {
        if ((files.Write(policy.DocumentRef, policy.Document.AsSpan()) ?? files.Write(policy.PolicyRef, policy.Envelope.AsSpan())) is { } unwritten)
        {
            return Failed(unwritten);
        }

        if (!files.Read(policy.DocumentRef, policy.Document.Length).TryGet(out var document, out var unreadable)
            || !files.Read(policy.PolicyRef, policy.Envelope.Length).TryGet(out var envelope, out unreadable))
        {
            return Failed(unreadable);
        }

        var actual = Convert.ToHexStringLower(SHA256.HashData(document ?? []));
        if (actual != policy.DocumentSha256)
        {
            return RevenuePolicyBuilder.Failed("DocCorruptedAfterWrite", $"{policy.DocumentRef} does not hold what was written") with
            {
                Details = [new("rule", "DocCorruptedAfterWrite"), new("expected", policy.DocumentSha256), new("found", actual)],
            };
        }

        return Dsse.VerifyArtifact(envelope ?? [], actual, trust.Keys).Error is { } error
            ? RevenuePolicyBuilder.Failed(error.Kind, $"{policy.PolicyRef} does not verify: {error.Message}")
            : policy;
    }

    private static Refusal.RevenuePolicyFailed Failed(Refusal cause) => new(cause.Message) { Details = cause.Details, Next = cause.Next };
}
