using System.Text.Json.Serialization;

namespace Gtc.EnvPacks;

/// <summary>One thing that must be there before an env-pack can work (op-cli.md §5.5).</summary>
/// <param name="Name">A short name, e.g. <c>kubectl</c>.</param>
/// <param name="Description">What is looked at, one line.</param>
/// <param name="Probe">Looks; it gets <see cref="ToolProbes.Deadline"/> and changes nothing.</param>
public sealed record ToolCheck(string Name, string Description, Func<CancellationToken, Task<ToolOutcome>> Probe);

/// <summary>What a check found.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "status")]
[JsonDerivedType(typeof(Ok), "ok")]
[JsonDerivedType(typeof(NotFound), "missing")]
[JsonDerivedType(typeof(VersionMismatch), "version_mismatch")]
[JsonDerivedType(typeof(AuthFailed), "auth_failed")]
[JsonDerivedType(typeof(Unreachable), "unreachable")]
[JsonDerivedType(typeof(ProbeError), "probe_error")]
public abstract record ToolOutcome
{
    private ToolOutcome()
    {
    }

    /// <summary>It is as it should be.</summary>
    /// <param name="Detail">What was seen.</param>
    public sealed record Ok(string Detail) : ToolOutcome;

    /// <summary>It is not there.</summary>
    /// <param name="InstallHint">How to get it.</param>
    public sealed record NotFound(string InstallHint) : ToolOutcome;

    /// <summary>It is there, but too old.</summary>
    /// <param name="Found">The version that is there.</param>
    /// <param name="Required">The versions that will do.</param>
    /// <param name="InstallHint">How to get one.</param>
    public sealed record VersionMismatch(string Found, string Required, string InstallHint) : ToolOutcome;

    /// <summary>The tool works, but whoever it speaks for may not do what is needed.</summary>
    /// <param name="Detail">What it said.</param>
    /// <param name="RecoveryHint">What to do about it.</param>
    public sealed record AuthFailed(string Detail, string RecoveryHint) : ToolOutcome;

    /// <summary>What is needed does not answer, or cannot be used.</summary>
    /// <param name="Detail">What happened.</param>
    /// <param name="RecoveryHint">What to do about it.</param>
    public sealed record Unreachable(string Detail, string RecoveryHint) : ToolOutcome;

    /// <summary>Looking itself failed, so nothing is known.</summary>
    /// <param name="Detail">What happened.</param>
    public sealed record ProbeError(string Detail) : ToolOutcome;
}
