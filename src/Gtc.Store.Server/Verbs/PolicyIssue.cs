using Gtc.Model;

namespace Gtc.Store.Server;

/// <summary>A deployment whose revenue policy the server signed.</summary>
/// <param name="Deployment">The deployment, with its reference to the policy.</param>
/// <param name="Policy">The policy.</param>
internal sealed record PolicyIssue(BundleDeployment Deployment, SignedRevenuePolicy Policy)
{
    /// <summary>The rule that is broken where there is no key, which the caller can help.</summary>
    public const string NoKey = "NoOperatorKey";

    /// <summary>Only what the trust root lets the server's key sign is issued.</summary>
    public static Outcome<PolicyIssue> Of(OperatorKeyFile operatorKey, ChangeContext context, BundleDeployment deployment)
    {
        if (!operatorKey.LoadIfPresent().TryGet(out var key, out var refusal))
        {
            return refusal;
        }

        using (key)
        {
            return key is null
                ? new Refusal.OperatorKeyFailed("the server has no operator key yet, so it cannot sign a revenue policy; trust-root bootstrap makes it and trusts it")
                {
                    Details = [new("rule", NoKey)],
                    Next = "gtc op trust-root bootstrap",
                }
                : RevenuePolicyBuilder.Build(deployment, context.Now, key.Key, context.TrustRoot ?? Signing.TrustRoot.Empty)
                    .Then<PolicyIssue>(policy => new PolicyIssue(deployment with { RevenuePolicyRef = policy.PolicyRef }, policy));
        }
    }
}
