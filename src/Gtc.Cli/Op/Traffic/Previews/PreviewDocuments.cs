using System.Text.Json.Serialization;
using Gtc.Model;

namespace Gtc.Cli.Op.Traffic.Previews;

/// <summary>What <c>traffic preview add</c> takes.</summary>
internal sealed record AddPreviewPayload
{
    public string? EnvironmentId { get; init; }

    public string? DeploymentId { get; init; }

    public string? RevisionId { get; init; }

    public string? Host { get; init; }

    public uint? ExpiresInSeconds { get; init; }

    public string? IdempotencyKey { get; init; }
}

/// <summary>What <c>traffic preview remove</c> takes.</summary>
internal sealed record RemovePreviewPayload
{
    public string? EnvironmentId { get; init; }

    public string? DeploymentId { get; init; }

    public string? RevisionId { get; init; }

    public string? IdempotencyKey { get; init; }
}

/// <summary>What <c>traffic token</c> takes.</summary>
internal sealed record MintTokenPayload
{
    public string? EnvironmentId { get; init; }

    public string? DeploymentId { get; init; }

    public uint? ExpiresInSeconds { get; init; }

    public string? IdempotencyKey { get; init; }
}

/// <summary>One preview in answers.</summary>
internal sealed record PreviewSummary
{
    public required string EnvironmentId { get; init; }

    public required string DeploymentId { get; init; }

    public required string BundleId { get; init; }

    public required string RevisionId { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Host { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>The token, in the one answer that opens the preview; a retry does not get it again, since it is kept nowhere.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Token { get; init; }

    /// <summary>The summary of a preview.</summary>
    public static PreviewSummary Of(BundleDeployment deployment, RevisionPreview preview) => new()
    {
        EnvironmentId = deployment.EnvId.ToString(),
        DeploymentId = deployment.DeploymentId.ToString(),
        BundleId = deployment.BundleId,
        RevisionId = preview.RevisionId.ToString(),
        Host = preview.Host,
        ExpiresAt = preview.ExpiresAt,
    };
}

/// <summary>A preview in a list, and whether it lets anybody in.</summary>
/// <param name="DeploymentId">The deployment.</param>
/// <param name="BundleId">Its bundle.</param>
/// <param name="RevisionId">The revision.</param>
/// <param name="Pointers">Which of stable, previous and next it is.</param>
/// <param name="Lifecycle">Its state.</param>
/// <param name="Host">The host that leads to it, or null.</param>
/// <param name="ExpiresAt">When it closes.</param>
/// <param name="Open">Whether it lets anybody in.</param>
internal sealed record ListedPreview(
    string DeploymentId, string BundleId, string RevisionId, IReadOnlyList<string> Pointers, RevisionLifecycle Lifecycle, string? Host, DateTimeOffset ExpiresAt, bool Open);

/// <summary>What <c>traffic preview list</c> answers.</summary>
internal sealed record PreviewList(string EnvironmentId, IReadOnlyList<ListedPreview> Previews);

/// <summary>What <c>traffic token</c> answers, once.</summary>
internal sealed record MintedToken
{
    public required string EnvironmentId { get; init; }

    public required string DeploymentId { get; init; }

    public required string BundleId { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }

    public required string Token { get; init; }
}
