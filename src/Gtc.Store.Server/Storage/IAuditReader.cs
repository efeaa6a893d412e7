using System.Collections.Immutable;
using Gtc.Model;

namespace Gtc.Store.Server;

/// <summary>Reads an audit log page by page, without a lock: what is added or pruned meanwhile may be in it or not.</summary>
public interface IAuditReader : IDisposable
{
    /// <summary>The next lines without newlines, exactly as they are chained, oldest first; none at the end.</summary>
    Task<Outcome<ImmutableArray<ReadOnlyMemory<byte>>>> NextAsync(CancellationToken cancellationToken);
}
