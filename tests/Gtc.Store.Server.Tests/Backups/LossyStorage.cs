using Gtc.Model;
using Gtc.Store.Server.Tests.Storage;

namespace Gtc.Store.Server.Tests.Backups;

/// <summary>A store that forgets the audit log of what is put in place.</summary>
internal sealed class LossyStorage(IEnvironmentStorage inner) : StorageBefore(inner)
{
    public override Task<Outcome<CommittedChange>> CommitAsync(ChangeRequest request, Func<ChangeContext, Outcome<Change>> change, CancellationToken cancellationToken) => base.CommitAsync(
        request, context => change(context).Then<Change>(made => made with { Image = made.Image is { } image ? image with { Audit = [], Keys = [] } : null }), cancellationToken);
}
