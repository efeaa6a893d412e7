using System.Collections.Frozen;
using System.Collections.Immutable;
using Gtc.Model;
using Gtc.Routing;

namespace Gtc.Runtime;

/// <summary>Everything that is served from one swap to the next; immutable. A request takes it once and keeps it.</summary>
/// <param name="table">Who gets what.</param>
/// <param name="revisions">The revisions that answer; those of the table that are missing here are out of order.</param>
/// <param name="problems">Why something that was asked for is not served.</param>
internal sealed class Activation(RoutingTable table, ImmutableArray<ActiveRevision> revisions, ImmutableArray<string> problems)
{
    private readonly FrozenDictionary<RevisionId, ActiveRevision> _byId = revisions.ToFrozenDictionary(revision => revision.Id);

    public RoutingTable Table { get; } = table;

    public ImmutableArray<ActiveRevision> Revisions { get; } = revisions;

    /// <summary>Why something that was asked for is not served.</summary>
    public ImmutableArray<string> Problems { get; } = problems;

    public ActiveRevision? Find(RevisionId id) => _byId.GetValueOrDefault(id);
}
