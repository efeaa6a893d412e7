namespace Gtc.Model;

/// <summary>Where and how an environment is hosted.</summary>
public sealed record HostConfig : KeepsUnknownMembers
{
    /// <summary>The listen address when none is given.</summary>
    public const string DefaultListenAddr = "127.0.0.1:8080";

    /// <summary>Equals the environment's id.</summary>
    public required EnvId EnvId { get; init; }

    /// <summary>A region label, or null.</summary>
    public string? Region { get; init; }

    /// <summary>The owning tenant, absent for <c>local</c>.</summary>
    public string? TenantOrgId { get; init; }

    /// <summary>An <c>ip:port</c>, or null for <see cref="DefaultListenAddr"/>.</summary>
    public string? ListenAddr { get; init; }

    /// <summary>The public origin without a trailing slash, or null.</summary>
    public string? PublicBaseUrl { get; init; }

    /// <summary>Whether the web console is on; null means on for <c>local</c> only.</summary>
    public bool? GuiEnabled { get; init; }

    /// <summary>The listen address that counts, with the default filled in.</summary>
    public string ResolveListenAddr() => ListenAddr ?? DefaultListenAddr;

    /// <summary>Whether the web console is on, with the default filled in.</summary>
    public bool ResolveGuiEnabled() => GuiEnabled ?? EnvId == EnvId.Local;
}
