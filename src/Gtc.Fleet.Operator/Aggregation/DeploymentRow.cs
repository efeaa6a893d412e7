using System.Collections.Immutable;
using Gtc.Fleet.Contracts;

namespace Gtc.Fleet.Operator;

/// <summary>A deployment as the tables hold it. Its counters are changed by <see cref="FleetTables"/> in one place only.</summary>
internal sealed class DeploymentRow(string name)
{
    /// <summary>The number of a hash that has no number of its own: certainly not that of the current score.</summary>
    public const byte OtherHash = 255;

    private readonly List<ScoreId> _hashes = [default];
    private bool _hashesChanged;

    public string Name { get; } = name;

    /// <summary>What the operator was told; null for a name that only reports or entries have.</summary>
    public DeploymentIntent? Intent { get; set; }

    /// <summary>Whether it was deleted, so that its entries are to go; entries of a name that is merely unknown are left alone.</summary>
    public bool IsGone { get; set; }

    public BoundSelector? Selector { get; set; }

    /// <summary>All devices that have a row, matched or not.</summary>
    public DeviceSet Rows { get; } = new();

    public DeviceSet FailedDevices { get; } = new();

    /// <summary>Every failure that was counted, newest first; entries of pairs that went on since are skipped when they come up.</summary>
    public PriorityQueue<int, long> Failures { get; } = new();

    /// <summary>Why its newest failure happened.</summary>
    public FailureReason Reason { get; } = new();

    public long Matched { get; set; }

    public long Succeeded { get; set; }

    public long Failed { get; set; }

    public long Stale { get; set; }

    /// <summary>How many entries of it may be stored.</summary>
    public long Entries { get; set; }

    /// <summary>How many pairs wait for their entry to be deleted.</summary>
    public long Leaving { get; set; }

    public bool IsDirty { get; set; }

    /// <summary>The number of the current score's hash; <see cref="OtherHash"/> before the first.</summary>
    public byte CurrentHash { get; private set; } = OtherHash;

    public bool IsCurrent(byte hash) => hash == 0 || (hash == CurrentHash && hash != OtherHash);

    /// <summary>The number of a hash, or -1 when it has none.</summary>
    public int FindHash(ScoreId hash)
    {
        for (var number = 0; number < _hashes.Count; number++)
        {
            if (_hashes[number] == hash)
            {
                return number;
            }
        }

        return hash == ScoreId.Unreadable ? OtherHash : -1;
    }

    /// <summary>Gives a hash a number: a new one, else one that no row carries any more, else <see cref="OtherHash"/>.</summary>
    /// <param name="hash">The hash.</param>
    /// <param name="inUse">Finds the numbers that rows carry, when all are given out.</param>
    public byte AddHash(ScoreId hash, Func<bool[]> inUse)
    {
        _hashesChanged = true;
        if (_hashes.Count < OtherHash)
        {
            _hashes.Add(hash);
            return (byte)(_hashes.Count - 1);
        }

        var used = inUse();
        for (var number = 1; number < OtherHash; number++)
        {
            if (!used[number] && number != CurrentHash)
            {
                _hashes[number] = hash;
                return (byte)number;
            }
        }

        return OtherHash;
    }

    /// <summary>Makes a hash the current one. No pair may be counted meanwhile.</summary>
    /// <returns>The number that was taken from another hash for it, or 0.</returns>
    public byte MakeCurrent(ScoreId hash, Func<bool[]> inUse)
    {
        CurrentHash = FindHash(hash) is >= 0 and var found ? (byte)found : AddHash(hash, inUse);
        if (CurrentHash != OtherHash)
        {
            return 0;
        }

        CurrentHash = OtherHash - 1;
        _hashes[CurrentHash] = hash;
        return CurrentHash;
    }

    /// <summary>Whether a hash was given a number since the last call.</summary>
    public bool TakeHashesChanged()
    {
        var changed = _hashesChanged;
        _hashesChanged = false;
        return changed;
    }

    public ImmutableArray<ScoreId> Hashes => [.. _hashes];

    public void RestoreHashes(IEnumerable<ScoreId> hashes, byte current)
    {
        _hashes.Clear();
        _hashes.AddRange(hashes);
        CurrentHash = current;
    }
}

/// <summary>What a valid deployment asks for.</summary>
/// <param name="Uid">Tells it from a later one of the same name.</param>
/// <param name="Terms">Which devices; no term means all.</param>
/// <param name="Score">The hash of its score.</param>
/// <param name="IsPaused">Whether entries are neither written nor deleted.</param>
/// <param name="IsBatched">Whether a roll-out says which devices are due; else all that match are.</param>
public sealed record DeploymentIntent(string Uid, ImmutableArray<SelectorTerm> Terms, ScoreId Score, bool IsPaused, bool IsBatched);

/// <summary>The counters of a deployment, and what they are proven with.</summary>
/// <param name="Matched">Devices that the selector takes.</param>
/// <param name="Succeeded">Those that run the current score.</param>
/// <param name="Failed">Those that failed with the current score.</param>
/// <param name="Stale">Those that are not known to be reachable.</param>
/// <param name="LastError">The newest failure by stream sequence among the failed ones; null when there is none.</param>
/// <param name="FailedSample">Up to ten failed devices.</param>
public sealed record DeploymentCounts(long Matched, long Succeeded, long Failed, long Stale, DeviceFailure? LastError, ImmutableArray<string> FailedSample)
{
    /// <summary>The rest: devices that said nothing yet, are at work, or spoke of another score.</summary>
    public long Pending => Matched - Succeeded - Failed;
}

/// <summary>A failure, without its text: that is in the device's own report.</summary>
/// <param name="Device">The device.</param>
/// <param name="Sequence">The stream sequence of the report.</param>
public sealed record DeviceFailure(string Device, long Sequence);
