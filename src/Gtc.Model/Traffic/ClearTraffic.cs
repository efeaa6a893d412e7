namespace Gtc.Model;

/// <summary>What <c>traffic clear</c> asks for.</summary>
/// <param name="DeploymentId">The deployment.</param>
/// <param name="UpdatedBy">Who clears it.</param>
/// <param name="IdempotencyKey">The key under which the same request is answered again instead of done again.</param>
public sealed record ClearTraffic(DeploymentId DeploymentId, string UpdatedBy, string IdempotencyKey);

/// <summary>How taking a deployment out of routing, or bringing it back, ended.</summary>
/// <param name="Document">The document after; the same as before on a replay.</param>
/// <param name="Split">The split in force, or null when the deployment is out of routing.</param>
/// <param name="PreviousGeneration">The dial's generation before, null on a replay.</param>
/// <param name="NewGeneration">The dial's generation after, null on a replay, which is not to be saved.</param>
public sealed record DialChange(EnvironmentDocument Document, TrafficSplit? Split, ulong? PreviousGeneration, ulong? NewGeneration);
