using System.Collections.Immutable;
using Gtc.Model;

namespace Gtc.Runtime;

/// <summary>What this process shall serve: every routed revision, or, for a worker of one revision, that one alone whether or not it is routed.</summary>
/// <param name="Config">The runtime configuration to reach.</param>
/// <param name="Pullable">Its revisions that can be had from elsewhere.</param>
internal sealed record DesiredRevisions(RuntimeConfig Config, ImmutableArray<Revision> Pullable)
{
    /// <summary>Derives it from the environment.</summary>
    /// <param name="document">The environment.</param>
    /// <param name="ownRevision">GREENTIC_REVISION_ID; blank, malformed or unknown means every routed revision.</param>
    /// <param name="canPull">Whether a revision can be had from elsewhere.</param>
    public static DesiredRevisions Of(EnvironmentDocument document, string? ownRevision, Func<Revision, bool> canPull)
    {
        var own = RevisionId.TryParse(ownRevision?.Trim(), out var id) ? document.Revisions.FirstOrDefault(r => r.RevisionId == id) : null;
        var config = own is null ? RuntimeProjection.Project(document) : RuntimeProjection.ProjectOnly(document, own);
        var wanted = config.Revisions.Select(block => block.RevisionId).ToHashSet();
        return new(config, [.. document.Revisions.Where(r => wanted.Contains(r.RevisionId) && canPull(r))]);
    }
}
