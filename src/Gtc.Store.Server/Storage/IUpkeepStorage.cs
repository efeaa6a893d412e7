using Gtc.Model;

namespace Gtc.Store.Server;

/// <summary>What the servers of one store share about work in the background: who does it, and how it ended the last time.</summary>
public interface IUpkeepStorage
{
    /// <summary>Takes a piece of work, which one server at a time has until it disposes what it got. Who dies has it no more.</summary>
    /// <returns>Null when another server has it.</returns>
    Task<Outcome<IAsyncDisposable?>> TryTakeAsync(string work, CancellationToken cancellationToken);

    /// <summary>What was noted of a piece of work, or null.</summary>
    Task<Outcome<byte[]?>> ReadNoteAsync(string work, CancellationToken cancellationToken);

    /// <summary>Notes how a piece of work ended.</summary>
    /// <returns>Null when it is noted.</returns>
    Task<Refusal?> WriteNoteAsync(string work, byte[] note, CancellationToken cancellationToken);
}
