using System.Text.Json.Serialization;
using Gtc.Model;

namespace Gtc.Cli.Op.Environments;

/// <summary>What <c>env init</c> takes.</summary>
internal sealed record InitPayload
{
    /// <summary>The public origin of a fresh environment.</summary>
    public string? PublicBaseUrl { get; init; }
}

/// <summary>What <c>env create</c> takes.</summary>
internal sealed record CreatePayload
{
    /// <summary>The id; <c>local</c> when absent.</summary>
    public string? EnvironmentId { get; init; }

    /// <summary>A name for people; the id when absent.</summary>
    public string? Name { get; init; }

    /// <summary>A region label.</summary>
    public string? Region { get; init; }

    /// <summary>The owning tenant.</summary>
    public string? TenantOrgId { get; init; }

    /// <summary>An <c>ip:port</c>.</summary>
    public string? ListenAddr { get; init; }

    /// <summary>The public origin.</summary>
    public string? PublicBaseUrl { get; init; }
}

/// <summary>What <c>env show</c> takes.</summary>
internal sealed record ShowPayload
{
    /// <summary>The environment.</summary>
    public string? EnvironmentId { get; init; }

    /// <summary>The generation; the newest when absent.</summary>
    public ulong? At { get; init; }
}

/// <summary>What <c>env diff</c> takes.</summary>
internal sealed record DiffPayload
{
    /// <summary>The first generation.</summary>
    public required ulong From { get; init; }

    /// <summary>The second generation.</summary>
    public required ulong To { get; init; }

    /// <summary>The environment.</summary>
    public string? EnvironmentId { get; init; }
}

/// <summary>What <c>env diff</c> answers.</summary>
internal sealed record DiffReport(string EnvironmentId, ulong From, ulong To, IReadOnlyList<EnvironmentChange> Changes);

/// <summary>What <c>env restore</c> takes.</summary>
internal sealed record RestorePayload
{
    /// <summary>The environment.</summary>
    public string? EnvironmentId { get; init; }

    /// <summary>The generation to go back to.</summary>
    public required ulong To { get; init; }

    /// <summary>The generation that the caller saw, or null not to ask.</summary>
    public ulong? Expected { get; init; }

    /// <summary>The caller's key.</summary>
    public string? IdempotencyKey { get; init; }
}

/// <summary>What <c>env restore</c> answers.</summary>
internal sealed record Restored(string EnvironmentId, ulong RestoredFrom, ulong Generation);

/// <summary>What <c>env init</c> answers (op-cli.md §5.1).</summary>
internal sealed record InitResult
{
    public required string EnvironmentId { get; init; }

    public required IReadOnlyList<CapabilitySlot> BoundSlots { get; init; }

    public required int PackCount { get; init; }

    public required string? PublicBaseUrl { get; init; }

    /// <summary>The key that was seeded, or null when there was a trust root already.</summary>
    public required TrustRoots.TrustRootBootstrapped? TrustRoot { get; init; }

    /// <summary><c>created</c>, <c>untouched</c> or <c>healed</c>.</summary>
    public required string Outcome { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<CapabilitySlot>? AddedSlots { get; init; }
}

/// <summary>One environment in a list (op-cli.md §5.2).</summary>
internal sealed record EnvironmentSummary
{
    public required string EnvironmentId { get; init; }

    public required string Name { get; init; }

    public required string? Region { get; init; }

    public required string? TenantOrgId { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ListenAddr { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? PublicBaseUrl { get; init; }

    public required int PackCount { get; init; }

    public required int BundleCount { get; init; }

    public required int RevisionCount { get; init; }

    /// <summary>The summary of a document.</summary>
    public static EnvironmentSummary Of(EnvironmentDocument document) => new()
    {
        EnvironmentId = document.EnvironmentId.ToString(),
        Name = document.Name,
        Region = document.HostConfig.Region,
        TenantOrgId = document.HostConfig.TenantOrgId,
        ListenAddr = document.HostConfig.ListenAddr,
        PublicBaseUrl = document.HostConfig.PublicBaseUrl,
        PackCount = document.Packs.Length,
        BundleCount = document.Bundles.Length,
        RevisionCount = document.Revisions.Length,
    };
}

/// <summary>What <c>env list</c> answers.</summary>
internal sealed record EnvironmentList(IReadOnlyList<EnvironmentSummary> Environments);
