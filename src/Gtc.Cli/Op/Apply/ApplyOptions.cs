using System.Collections.Immutable;

namespace Gtc.Cli.Op.Apply;

/// <summary>How far an apply goes.</summary>
internal enum ApplyMode
{
    /// <summary>Does it.</summary>
    Apply,

    /// <summary>Shows the plan, or keeps it in a file.</summary>
    Plan,

    /// <summary>Reports the steps.</summary>
    DryRun,

    /// <summary>Reports the steps, and fails when there are any.</summary>
    Check,
}

/// <summary>The flags of <c>env apply</c> and <c>op plan</c>.</summary>
internal sealed record ApplyOptions
{
    /// <summary>The manifest as typed, or null.</summary>
    public required string? Manifest { get; init; }

    /// <summary>A manifest that was made, not read; it takes the place of <see cref="Manifest"/>.</summary>
    public ManifestFile? Source { get; init; }

    /// <summary>How far it goes.</summary>
    public required ApplyMode Mode { get; init; }

    /// <summary>Where the plan is kept, or null.</summary>
    public string? Out { get; init; }

    /// <summary>The plan to apply, or null to make one.</summary>
    public string? PlanFile { get; init; }

    /// <summary>Where an example manifest goes, or null.</summary>
    public string? Template { get; init; }

    /// <summary>Who applies, for the documents that say so.</summary>
    public string UpdatedBy { get; init; } = DefaultUpdatedBy;

    /// <summary>Whether the question is answered already.</summary>
    public bool IsConfirmed { get; init; }

    /// <summary>Whether nobody is asked for anything.</summary>
    public bool IsNonInteractive { get; init; }

    /// <summary>The sections to prune.</summary>
    public ImmutableArray<string> Prune { get; init; } = [];

    /// <summary>Whether declared sources are fetched and compared with their pins.</summary>
    public bool VerifiesSources { get; init; }

    /// <summary>Whether drift has an exit code of its own.</summary>
    public bool IsDetailed { get; init; }

    /// <summary>Who applies when nobody is named.</summary>
    public const string DefaultUpdatedBy = "env-apply";
}
