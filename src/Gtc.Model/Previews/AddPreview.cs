namespace Gtc.Model;

/// <summary>What <c>traffic preview add</c> asks for.</summary>
public sealed record AddPreview
{
    /// <summary>How long a preview is open when nothing is said.</summary>
    public static readonly TimeSpan DefaultLifetime = TimeSpan.FromHours(24);

    /// <summary>The shortest time that one may be open.</summary>
    public static readonly TimeSpan MinLifetime = TimeSpan.FromMinutes(1);

    /// <summary>The longest time that one may be open.</summary>
    public static readonly TimeSpan MaxLifetime = TimeSpan.FromDays(30);

    /// <summary>The deployment.</summary>
    public required DeploymentId DeploymentId { get; init; }

    /// <summary>The revision.</summary>
    public required RevisionId RevisionId { get; init; }

    /// <summary>The host that leads to it, or null.</summary>
    public string? Host { get; init; }

    /// <summary>The SHA-256 of its token, 64 lower-case hex digits.</summary>
    public required string TokenHash { get; init; }

    /// <summary>How long it is open.</summary>
    public TimeSpan Lifetime { get; init; } = DefaultLifetime;
}

/// <summary>How a change of a deployment's previews ended.</summary>
/// <param name="Document">The document after.</param>
/// <param name="Deployment">The deployment after.</param>
/// <param name="Preview">The preview that was opened or closed.</param>
public sealed record PreviewChange(EnvironmentDocument Document, BundleDeployment Deployment, RevisionPreview Preview);
