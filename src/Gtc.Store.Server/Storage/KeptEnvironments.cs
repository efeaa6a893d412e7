using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Gtc.Model;

namespace Gtc.Store.Server;

/// <summary>Environments as they were read last, each with what tells whether it is still that one. Their documents are parsed and hashed already, which is most of what a read costs.</summary>
/// <typeparam name="TMark">What tells; the storage is asked for it at every read.</typeparam>
internal sealed class KeptEnvironments<TMark>
    where TMark : notnull
{
    /// <summary>How many bytes of documents are kept before it begins anew.</summary>
    private const long MostBytes = 16 << 20;

    private readonly ConcurrentDictionary<EnvId, Kept> _kept = new();
    private long _bytes;

    /// <summary>What was read last.</summary>
    public bool TryFind(EnvId environment, [NotNullWhen(true)] out TMark? mark, [NotNullWhen(true)] out StoredEnvironment? stored)
    {
        var kept = _kept.GetValueOrDefault(environment);
        (mark, stored) = kept is null ? (default, null) : (kept.Mark, kept.Environment);
        return kept is not null;
    }

    /// <summary>Keeps what was read.</summary>
    public void Keep(EnvId environment, TMark mark, StoredEnvironment stored)
    {
        if (Interlocked.Add(ref _bytes, stored.Line.Length) > MostBytes)
        {
            _kept.Clear();
            Interlocked.Exchange(ref _bytes, stored.Line.Length);
        }

        _kept[environment] = new Kept(mark, stored);
    }

    private sealed record Kept(TMark Mark, StoredEnvironment Environment);
}
