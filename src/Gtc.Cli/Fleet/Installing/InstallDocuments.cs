using System.Collections.Immutable;

namespace Gtc.Cli.Fleet.Installing;

/// <summary>What <c>gtc fleet install</c> takes.</summary>
internal sealed record InstallPayload
{
    public string? Namespace { get; init; }

    public string? Image { get; init; }

    public string? NatsUrl { get; init; }

    public string? NatsCredsSecret { get; init; }

    public uint? Replicas { get; init; }

    public uint? ApiBudget { get; init; }

    public bool CrdsOnly { get; init; }

    public bool Print { get; init; }

    public uint? Wait { get; init; }

    public string? Kubeconfig { get; init; }

    public string? Context { get; init; }
}

/// <summary>What <c>gtc fleet nats install</c> takes.</summary>
internal sealed record NatsInstallPayload
{
    public string? Namespace { get; init; }

    public string? Name { get; init; }

    public string? Preset { get; init; }

    public string? Expose { get; init; }

    public uint? NodePort { get; init; }

    public string? Image { get; init; }

    public uint? Replicas { get; init; }

    public string? Size { get; init; }

    public string? StorageClass { get; init; }

    public bool NoJetstream { get; init; }

    public ImmutableArray<string> Gateway { get => field.IsDefault ? [] : field; init; }

    public string? Upstream { get; init; }

    public string? Domain { get; init; }

    public string? TlsSecret { get; init; }

    public bool Print { get; init; }

    public bool NoWait { get; init; }

    public uint? Timeout { get; init; }

    public string? Kubeconfig { get; init; }

    public string? Context { get; init; }
}

/// <summary>What both answer.</summary>
/// <param name="Objects">What was applied, in order.</param>
/// <param name="State"><c>applied</c> or <c>ready</c>.</param>
internal sealed record InstalledShown(ImmutableArray<InstalledObject> Objects, string State)
{
    /// <summary>Where clients reach the broker, or null.</summary>
    public string? Url { get; init; }

    /// <summary>What was warned of, or null.</summary>
    public IReadOnlyList<string>? Warnings { get; init; }
}

/// <summary>One object.</summary>
/// <param name="Kind">Its kind.</param>
/// <param name="Namespace">Its namespace, or null.</param>
/// <param name="Name">Its name.</param>
internal sealed record InstalledObject(string Kind, string? Namespace, string Name);
