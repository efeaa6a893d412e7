namespace Gtc.Model;

/// <summary>What a caller does while a deployment is applied, inside the same change. A refusal ends the step, and nothing of it stands.</summary>
public sealed record DeployEffects
{
    /// <summary>Nothing: shares need no policy, revisions no signature, and every health gate is passed. For plans.</summary>
    public static DeployEffects None { get; } = new();

    /// <summary>Issues the revenue policy of a deployment that is new or whose shares changed; the deployment comes back with its reference.</summary>
    public Func<BundleDeployment, Outcome<BundleDeployment>> Issue { get; init; } = static deployment => deployment;

    /// <summary>Signs a revision that was just staged; the document comes back with the signature.</summary>
    public Func<EnvironmentDocument, Revision, Outcome<EnvironmentDocument>> Sign { get; init; } = static (document, _) => document;

    /// <summary>What the health gate finds for a revision that was just signed.</summary>
    public Func<EnvironmentDocument, Revision, Outcome<HealthGate>> Gate { get; init; } = static (_, _) => HealthGate.Passed;
}
