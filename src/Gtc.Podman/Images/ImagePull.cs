namespace Gtc.Podman;

/// <summary>What is to be pulled.</summary>
/// <param name="Reference">A full reference: registry, path, and tag or digest.</param>
public sealed record ImagePull(string Reference)
{
    /// <summary>Who asks, or null to ask as nobody.</summary>
    public RegistryLogin? Login { get; init; }

    /// <summary>True when the registry is spoken to without checking who it is, or in plain HTTP.</summary>
    public bool IsInsecure { get; init; }

    /// <summary>How long podman may be silent; every line it writes begins the time anew.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromMinutes(30);
}

/// <summary>A user of a registry.</summary>
/// <param name="User">The name.</param>
/// <param name="Password">The password or token; never logged.</param>
public sealed record RegistryLogin(string User, string Password)
{
    /// <summary>The name only.</summary>
    public override string ToString() => User;
}
