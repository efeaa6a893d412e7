namespace Gtc.Model;

/// <summary>Why a deployer did not do what it was asked; a closed family of four (deployers-and-conformance.md §1).</summary>
/// <param name="Message">One sentence without a final full stop. Never holds a secret.</param>
public abstract record DeployerRefusal(string Message) : Refusal(Message)
{
    /// <summary>The revision is not in the environment.</summary>
    /// <param name="Environment">The environment.</param>
    /// <param name="Revision">The revision.</param>
    public sealed record RevisionNotFound(EnvId Environment, RevisionId Revision) : DeployerRefusal($"revision `{Revision}` is not in environment `{Environment}`");

    /// <summary>No shares are recorded for the deployment.</summary>
    /// <param name="Environment">The environment.</param>
    /// <param name="Deployment">The deployment.</param>
    public sealed record SplitNotFound(EnvId Environment, DeploymentId Deployment) : DeployerRefusal($"deployment `{Deployment}` has no traffic split in environment `{Environment}`");

    /// <summary>The recorded shares are not the whole.</summary>
    /// <param name="Deployment">The deployment.</param>
    /// <param name="Sum">What they sum to, in basis points.</param>
    public sealed record InvalidSplit(DeploymentId Deployment, ulong Sum) : DeployerRefusal($"the traffic split of deployment `{Deployment}` sums to {Sum} basis points, {TrafficSplit.Whole} were expected");

    /// <summary>The provider failed, could not be reached or took too long; or its client is not configured. Trying again may help.</summary>
    /// <param name="Message">What it said.</param>
    public sealed record Provider(string Message) : DeployerRefusal(Message);
}
