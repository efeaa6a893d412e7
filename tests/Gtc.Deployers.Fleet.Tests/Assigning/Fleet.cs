using System.Buffers.Binary;
using System.Collections.Immutable;
using Gtc.Model;

namespace Gtc.Deployers.Fleet.Tests.Assigning;

/// <summary>Devices with labels and revisions with claims, and every rule that must hold after each single write.</summary>
internal sealed class Fleet
{
    public static readonly DeploymentId Deployment = new(Number(0x01));

    private readonly SortedDictionary<string, string?> _labels = new(StringComparer.Ordinal);
    private ImmutableDictionary<RevisionId, DeviceClaim> _claims = ImmutableDictionary<RevisionId, DeviceClaim>.Empty;

    public int LabelWrites { get; private set; }

    public int ClaimWrites { get; private set; }

    public int Count => _labels.Count;

    public IReadOnlyList<LabelledDevice> Devices => [.. _labels.Select(pair => new LabelledDevice(pair.Key, pair.Value))];

    public static Fleet Of(int devices)
    {
        var fleet = new Fleet();
        for (var number = 0; number < devices; number++)
        {
            fleet.Join($"device-{number}");
        }

        return fleet;
    }

    public static RevisionId Revision(int number) => new(Number(0x10 + (ulong)number));

    public static ImmutableArray<TrafficShare> Shares(params ReadOnlySpan<uint> weights)
    {
        var shares = ImmutableArray.CreateBuilder<TrafficShare>();
        for (var number = 0; number < weights.Length; number++)
        {
            if (weights[number] > 0)
            {
                shares.Add(new TrafficShare { RevisionId = Revision(number), WeightBps = weights[number] });
            }
        }

        return shares.ToImmutable();
    }

    public static TrafficSplit Split(TrafficSplit? before, ImmutableArray<TrafficShare> shares) => new()
    {
        Schema = Schemas.TrafficSplit,
        EnvId = EnvId.Local,
        DeploymentId = Deployment,
        BundleId = "bundle",
        Generation = 0,
        Entries = SplitSlots.Assign(before, shares),
        UpdatedAt = DateTimeOffset.UnixEpoch,
        UpdatedBy = "test",
        IdempotencyKey = "test",
        AuthorizationRef = "auth.json",
    };

    public void Join(string device) => _labels[device] = null;

    public void Leave(string device) => _labels.Remove(device);

    public RevisionId? Runs(string device) => new DeviceClaims(_claims).ClaimantOf(_labels[device]);

    public ImmutableDictionary<string, RevisionId?> Snapshot() => _labels.Keys.ToImmutableDictionary(device => device, Runs);

    public DevicePlan Plan(TrafficSplit split) => DevicePlan.Of(Deployment, split.Entries, new DeviceClaims(_claims), [], Devices);

    public DevicePlan PlanWarm(RevisionId revision, TrafficSplit split) => DevicePlan.ForWarm(Deployment, revision, split.Entries, new DeviceClaims(_claims), Devices);

    /// <summary>Does what a plan says, write by write, up to a number of writes; after each one every rule is checked.</summary>
    public void Apply(DevicePlan plan, int mostWrites = int.MaxValue)
    {
        var before = Snapshot();
        var goal = Clone();
        goal.ApplyUnchecked(plan);
        var after = goal.Snapshot();
        foreach (var stage in plan.Stages)
        {
            foreach (var (device, revision) in stage.Labels)
            {
                if (mostWrites-- <= 0)
                {
                    return;
                }

                _labels[device] = revision.ToString();
                LabelWrites++;
                Check(before, after);
            }

            foreach (var change in stage.Claims)
            {
                if (mostWrites-- <= 0)
                {
                    return;
                }

                _claims = _claims.SetItem(change.Revision, change.Claim);
                ClaimWrites++;
                Check(before, after);
            }
        }
    }

    private static Ulid Number(ulong number)
    {
        Span<byte> bytes = stackalloc byte[16];
        bytes.Clear();
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], number);
        return Ulid.FromBytes(bytes);
    }

    private Fleet Clone()
    {
        var clone = new Fleet { _claims = _claims };
        foreach (var (device, label) in _labels)
        {
            clone._labels[device] = label;
        }

        return clone;
    }

    private void ApplyUnchecked(DevicePlan plan)
    {
        foreach (var stage in plan.Stages)
        {
            foreach (var (device, revision) in stage.Labels)
            {
                _labels[device] = revision.ToString();
            }

            _claims = _claims.SetItems(stage.Claims.Select(change => KeyValuePair.Create(change.Revision, change.Claim)));
        }
    }

    /// <summary>Nobody is claimed twice, as a cluster would see it; nobody runs what it neither had nor gets.</summary>
    private void Check(ImmutableDictionary<string, RevisionId?> before, ImmutableDictionary<string, RevisionId?> after)
    {
        foreach (var (device, label) in _labels)
        {
            var claimed = _claims.Where(pair => IsClaimed(pair.Key, pair.Value, label)).Select(pair => (RevisionId?)pair.Key).ToList();
            claimed.Count.ShouldBeLessThanOrEqualTo(1, $"{device} is claimed by {string.Join(", ", claimed)}");
            if (claimed is [var one])
            {
                (one == before[device] || one == after[device]).ShouldBeTrue($"{device} runs {one}: it had {before[device]} and gets {after[device]}");
            }
        }
    }

    private static bool IsClaimed(RevisionId revision, DeviceClaim claim, string? label) => claim switch
    {
        DeviceClaim.Labelled => label == revision.ToString(),
        DeviceClaim.Rest rest => label is null || !rest.Others.Any(other => other.ToString() == label),
        _ => false,
    };
}
