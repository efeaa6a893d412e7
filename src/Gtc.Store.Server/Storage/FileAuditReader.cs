using System.Collections.Immutable;
using Gtc.Model;

namespace Gtc.Store.Server;

/// <summary>An audit log in a file.</summary>
internal sealed class FileAuditReader(AuditPages pages) : IAuditReader
{
    /// <inheritdoc/>
    public Task<Outcome<ImmutableArray<ReadOnlyMemory<byte>>>> NextAsync(CancellationToken cancellationToken) => Task.FromResult(pages.Read());

    /// <inheritdoc/>
    public void Dispose() => pages.Dispose();
}
