using System.Collections.Frozen;
using System.Collections.Immutable;
using Gtc.Model;

namespace Gtc.Deployers.Fleet;

/// <summary>
/// The claims of all revisions of one deployment. Whatever devices are labelled, no device is claimed twice: a label has one value, and the one revision
/// that takes the rest takes none that another one claims. While a revision takes the rest, every device is claimed, new ones too.
/// </summary>
internal sealed class DeviceClaims
{
    private readonly FrozenDictionary<string, RevisionId?> _claimants;

    /// <summary>Takes the claims.</summary>
    /// <param name="byRevision">The claims; a revision that is not among them has no Deployment.</param>
    public DeviceClaims(ImmutableDictionary<RevisionId, DeviceClaim> byRevision)
    {
        ByRevision = byRevision;
        Rest = byRevision.Where(pair => pair.Value is DeviceClaim.Rest).Select(pair => (RevisionId?)pair.Key).FirstOrDefault();

        // What a device is labelled with is looked up for each of them; only these labels make a difference.
        _claimants = byRevision.Keys.Concat(byRevision.Values.OfType<DeviceClaim.Rest>().SelectMany(rest => rest.Others)).Distinct()
            .ToFrozenDictionary(id => id.ToString(), id => Find(id), StringComparer.Ordinal);
    }

    /// <summary>The claims.</summary>
    public ImmutableDictionary<RevisionId, DeviceClaim> ByRevision { get; }

    /// <summary>The revision that takes the rest, or null.</summary>
    public RevisionId? Rest { get; }

    /// <summary>No Deployment at all.</summary>
    public static DeviceClaims Empty { get; } = new(ImmutableDictionary<RevisionId, DeviceClaim>.Empty);

    /// <summary>
    /// What a split wants. The rest goes to the holder of the first slot: a falling revision gives up its last slots first, so through a whole ramp that
    /// stays the same one, and changes when it has nothing left.
    /// </summary>
    /// <param name="shares">The shares; those of 0 claim nobody.</param>
    /// <param name="others">Revisions that have a Deployment without a share.</param>
    public static DeviceClaims Of(ImmutableArray<TrafficShare> shares, IEnumerable<RevisionId> others)
    {
        var taking = shares.Where(share => share.WeightBps > 0).Select(share => share.RevisionId).ToList();
        var claims = others.Concat(shares.Select(share => share.RevisionId)).Distinct().ToImmutableDictionary(id => id, _ => DeviceClaim.None);
        if (taking.Count == 0)
        {
            return new(claims);
        }

        var first = shares[SplitSlots.Read(shares)[0]].RevisionId;
        claims = claims.SetItems(taking.Select(id => KeyValuePair.Create(id, DeviceClaim.Own)));
        return new(claims.SetItem(first, DeviceClaim.AllBut(taking.Where(id => id != first))));
    }

    /// <summary>The revision that claims a device, or null.</summary>
    /// <param name="label">The device's label; null when it has none.</param>
    public RevisionId? ClaimantOf(string? label) => label is not null && _claimants.TryGetValue(label, out var claimant) ? claimant : Rest;

    /// <summary>Whether a revision takes devices that are labelled with it.</summary>
    public bool Takes(RevisionId revision) => ByRevision.GetValueOrDefault(revision) is DeviceClaim.Labelled or DeviceClaim.Rest;

    /// <summary>
    /// The changes from these claims to others, one Deployment at a time, in an order in which no device is ever claimed twice: first everything that
    /// lets devices go, then what takes them, and the rest last.
    /// </summary>
    public ImmutableArray<ClaimChange> StepsTo(DeviceClaims wanted)
    {
        var narrower = ImmutableArray.CreateBuilder<ClaimChange>();
        var wider = ImmutableArray.CreateBuilder<ClaimChange>();
        foreach (var revision in ByRevision.Keys.Union(wanted.ByRevision.Keys).OrderBy(id => id.Value))
        {
            var to = wanted.ByRevision.GetValueOrDefault(revision, DeviceClaim.None);
            var from = ByRevision.GetValueOrDefault(revision);
            var between = Between(from, to);
            if (between is not null && between != from)
            {
                narrower.Add(new(revision, between));
            }

            if ((between ?? from) != to)
            {
                wider.Add(new(revision, to));
            }
        }

        return [.. narrower, .. wider.OrderBy(change => change.Claim is DeviceClaim.Rest)];
    }

    private RevisionId? Find(RevisionId named) =>
        ByRevision.GetValueOrDefault(named) is DeviceClaim.Labelled ? named
        : Rest is { } rest && !((DeviceClaim.Rest)ByRevision[rest]).Others.Contains(named) ? rest
        : null;

    /// <summary>What a claim must become before others may take what it lets go; null when it only gains.</summary>
    private static DeviceClaim? Between(DeviceClaim? from, DeviceClaim to) => (from, to) switch
    {
        (null or DeviceClaim.Nobody, _) => null,
        (DeviceClaim.Strange, _) => DeviceClaim.None,
        (_, DeviceClaim.Nobody) => to,
        (DeviceClaim.Rest, DeviceClaim.Labelled) => to,
        (DeviceClaim.Rest old, DeviceClaim.Rest next) => DeviceClaim.AllBut(old.Others.Union(next.Others)),
        _ => null,
    };
}

/// <summary>A Deployment whose claim changes.</summary>
/// <param name="Revision">Its revision.</param>
/// <param name="Claim">What it is to claim.</param>
internal sealed record ClaimChange(RevisionId Revision, DeviceClaim Claim);
