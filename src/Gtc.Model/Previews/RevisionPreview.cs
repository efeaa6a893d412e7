namespace Gtc.Model;

/// <summary>A door to one revision of a deployment that is open beside the dial: by a host of its own, or by a token in a header. An additive member of the deployment (decision 18).</summary>
public sealed record RevisionPreview : KeepsUnknownMembers
{
    /// <summary>The revision that answers.</summary>
    public required RevisionId RevisionId { get; init; }

    /// <summary>The host that leads to it, a lower-case DNS name without port; null when only the token does.</summary>
    public string? Host { get; init; }

    /// <summary>The SHA-256 of the token's UTF-8 bytes, 64 lower-case hex digits. The token itself is nowhere.</summary>
    public required string HeaderTokenHash { get; init; }

    /// <summary>When it closes.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>Whether it is open at a time.</summary>
    /// <param name="now">The time.</param>
    public bool IsOpenAt(DateTimeOffset now) => now < ExpiresAt;
}
