using System.Collections.Immutable;
using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.Model;
using Gtc.Signing;
using Gtc.Store;

namespace Gtc.Cli.Op.Deployments;

/// <summary>One verified version of a revenue policy.</summary>
internal sealed record VerifiedPolicy(ulong Version, string Ref, IReadOnlyList<string> KeyIds);

/// <summary>What <c>bundles verify-policy</c> answers: every version holds; otherwise it is refused.</summary>
internal sealed record VerifiedPolicies(string EnvironmentId, string DeploymentId, string RevenuePolicyRef, IReadOnlyList<VerifiedPolicy> Versions);

/// <summary><c>gtc op bundles verify-policy</c>: verify the signed revenue policies of a deployment (trust-and-signing.md §5.6).</summary>
internal static class PolicyVerify
{
    /// <summary>One line.</summary>
    public const string Purpose = "Verify the signed revenue policies of a deployment, from the present one down to the first";

    /// <summary>The verb.</summary>
    public static Verb<DeploymentPayload> Verb => new()
    {
        Noun = "bundles",
        Name = "verify-policy",
        Purpose = Purpose,
        Remark = "Each document is compared with its signature, what was signed with the deployment, the versions with each other, and the newest with the deployment's shares.",
        Examples = ["op bundles verify-policy", "op bundles verify-policy prod deployment_id=checkout"],
        Payload = OpJson.Default.DeploymentPayload,
        Fields = [PayloadField.Environment, new("deployment_id", "the deployment, a prefix of its id, or its bundle; the only one when not given", "--deployment", "ID")],
        RunAsync = RunAsync,
    };

    private static async Task<Outcome<Answer>> RunAsync(DeploymentPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        if (!OpStore.Open(call, payload.EnvironmentId).TryGet(out var at, out var refusal)
            || !(await at.LoadAsync(cancellationToken)).TryGet(out var document, out refusal)
            || !Choice.Deployment(document, payload.DeploymentId).TryGet(out var deployment, out refusal)
            || !(await at.LoadTrustRootAsync(cancellationToken)).TryGet(out var root, out refusal)
            || !(await at.FilesAsync(document, RevenuePolicyHistory.Files(deployment), cancellationToken)).TryGet(out var files, out refusal)
            || !RevenuePolicyHistory.Verify(files, deployment, root, call.Context.Time.GetUtcNow()).TryGet(out var history, out refusal))
        {
            return refusal;
        }

        if (!history.Holds)
        {
            var broken = history.Versions.Where(version => version.Problem is not null).ToImmutableArray();
            return new Refusal.RevenuePolicyFailed($"{broken.Length} of {history.Versions.Length} revenue policies of deployment {deployment.DeploymentId} do not hold")
            {
                Details = [.. broken.Select(version => new RefusalDetail($"v{version.Version}", $"{version.Problem!.Rule}: {version.Problem.Reason}"))],
                Next = $"gtc op trust-root list {at.Environment}",
            };
        }

        var result = new VerifiedPolicies(
            at.Environment.ToString(),
            deployment.DeploymentId.ToString(),
            history.PolicyRef,
            [.. history.Versions.Select(version => new VerifiedPolicy(version.Version, version.Ref, version.KeyIds))]);
        return Answer.Of(result, OpJson.Default.VerifiedPolicies, screen =>
        {
            screen.Say($"{result.Versions.Count} revenue policies of {deployment.BundleId} hold, and the newest is what the deployment says.");
            screen.Table(
                new([new("version"), new("signed by"), new("file", 1)], [.. result.Versions.Select(one => (ImmutableArray<string>)[$"{one.Version}", string.Join(", ", one.KeyIds), one.Ref])]),
                "It has none.");
        });
    }
}
