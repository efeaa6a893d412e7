using System.Collections.Frozen;
using System.Collections.Immutable;
using Gtc.Model;
using Gtc.Routing;

namespace Gtc.Runtime;

/// <summary>Everything that one boot serves; immutable. A request takes it once and keeps it.</summary>
internal sealed class Activation(RoutingTable table, ImmutableArray<ActiveRevision> revisions, ImmutableArray<string> problems) : IDisposable
{
    private readonly FrozenDictionary<RevisionId, ActiveRevision> _byId = revisions.ToFrozenDictionary(revision => revision.Id);

    public RoutingTable Table { get; } = table;

    /// <summary>Why something that was asked for is not served.</summary>
    public ImmutableArray<string> Problems { get; } = problems;

    public int RevisionCount => _byId.Count;

    public ActiveRevision this[RevisionId id] => _byId[id];

    public void Dispose()
    {
        foreach (var revision in _byId.Values)
        {
            revision.Dispose();
        }
    }
}
