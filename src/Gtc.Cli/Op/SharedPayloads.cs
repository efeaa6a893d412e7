namespace Gtc.Cli.Op;

/// <summary>The payload of a verb that takes nothing.</summary>
internal sealed record NoPayload;

/// <summary>The payload of a verb that takes an environment only.</summary>
internal sealed record EnvironmentPayload
{
    /// <summary>The environment.</summary>
    public string? EnvironmentId { get; init; }
}

/// <summary>The payload of a verb that takes one deployment.</summary>
internal sealed record DeploymentPayload
{
    /// <summary>The environment.</summary>
    public string? EnvironmentId { get; init; }

    /// <summary>The deployment, a prefix of its id, or its bundle; the only one when absent.</summary>
    public string? DeploymentId { get; init; }
}
