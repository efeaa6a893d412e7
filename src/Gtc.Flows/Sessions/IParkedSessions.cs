using Gtc.Model;

namespace Gtc.Flows;

/// <summary>Keeps where flows wait for a session's next message (flows-and-components.md §2.11). Thread-safe.</summary>
public interface IParkedSessions
{
    /// <summary>Keeps a snapshot; one that is kept under the same key is replaced.</summary>
    /// <param name="key">64 hexadecimal digits.</param>
    /// <param name="snapshot">JSON in UTF-8; it does not change afterwards.</param>
    /// <returns>Null, or why it is not kept: it is too large, or the store does not answer.</returns>
    Refusal? Park(string key, ReadOnlyMemory<byte> snapshot);

    /// <summary>Takes a snapshot out, so that only one message goes on from it.</summary>
    /// <returns>The snapshot, or null when there is none or its time is over; a refusal when the store does not answer.</returns>
    Outcome<ReadOnlyMemory<byte>?> Take(string key, CancellationToken cancellationToken);
}
