namespace Gtc.Fleet.Operator.Installing;

/// <summary>How the operator is installed.</summary>
public sealed record InstallOptions
{
    /// <summary>The namespace when none is given.</summary>
    public const string DefaultNamespace = "fleet-system";

    /// <summary>The broker's address when none is given: that which <c>gtc fleet nats install</c> makes.</summary>
    public const string DefaultNatsUrl = "nats://fleet-nats.fleet-system.svc:4222";

    /// <summary>The port for probes and metrics.</summary>
    public const int HttpPort = 8080;

    /// <summary>The namespace.</summary>
    public string Namespace { get; init; } = DefaultNamespace;

    /// <summary>The image of gtc.</summary>
    public required string Image { get; init; }

    /// <summary>The broker.</summary>
    public string NatsUrl { get; init; } = DefaultNatsUrl;

    /// <summary>A Secret of the namespace whose <c>user.creds</c> the operator shows the broker; null for none.</summary>
    public string? NatsCredentialsSecret { get; init; }

    /// <summary>How many operators: one writes, the others wait for its Lease.</summary>
    public int Replicas { get; init; } = 1;

    /// <summary>Writes to the API server per second.</summary>
    public int ApiBudget { get; init; } = 50;
}
