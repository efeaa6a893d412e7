using System.Collections.Immutable;

namespace Gtc.Model;

/// <summary>Who earns what of some usage.</summary>
/// <param name="PolicyRef">The signed policy, relative to the environment's folder.</param>
/// <param name="Shares">The parties; their basis points sum to 10,000.</param>
public sealed record UsagePolicy(string PolicyRef, ImmutableArray<RevenueShareEntry> Shares);

/// <summary>
/// A party's part of what was counted. A ten-thousandth of a whole number has at most four decimal places, and decimal numbers are whole numbers
/// with a scale: nothing is ever rounded, and the parts of all parties sum to what was counted.
/// </summary>
public readonly record struct UsageParts(decimal Requests, decimal FlowRuns, decimal ComponentCalls, decimal BytesIn, decimal BytesOut)
{
    /// <summary>The part of some counts that basis points stand for.</summary>
    public static UsageParts Of(UsageCounts counts, uint basisPoints) => new(
        Part(counts.Requests, basisPoints),
        Part(counts.FlowRuns, basisPoints),
        Part(counts.ComponentCalls, basisPoints),
        Part(counts.BytesIn, basisPoints),
        Part(counts.BytesOut, basisPoints));

    /// <summary>Adds.</summary>
    public static UsageParts operator +(UsageParts left, UsageParts right) => new(
        left.Requests + right.Requests,
        left.FlowRuns + right.FlowRuns,
        left.ComponentCalls + right.ComponentCalls,
        left.BytesIn + right.BytesIn,
        left.BytesOut + right.BytesOut);

    /// <summary>Adds.</summary>
    public static UsageParts Add(UsageParts left, UsageParts right) => left + right;

    private static decimal Part(long count, uint basisPoints) => count * (decimal)basisPoints / TrafficSplit.Whole;
}

/// <summary>A party and its part.</summary>
/// <param name="PartyId">Who.</param>
/// <param name="Parts">Its part.</param>
public sealed record PartyUsage(string PartyId, UsageParts Parts);

/// <summary>One line of a report.</summary>
public sealed record UsageGroup
{
    /// <summary>One value per dimension of the report, in its order; empty for a report without any.</summary>
    public required ImmutableArray<string> Key { get; init; }

    /// <summary>What was counted.</summary>
    public required UsageCounts Counts { get; init; }

    /// <summary>Who earns what of it, by party.</summary>
    public required ImmutableArray<PartyUsage> Parties { get; init; }

    /// <summary>What no policy is known for.</summary>
    public required UsageCounts Unassigned { get; init; }

    /// <summary>The policies that were in force.</summary>
    public required ImmutableArray<string> Policies { get; init; }
}

/// <summary>Groups usage and shares it out.</summary>
public static class UsageReport
{
    /// <summary>Groups.</summary>
    /// <param name="hours">What was counted.</param>
    /// <param name="by">The dimensions; none for one group of everything.</param>
    /// <param name="policyOf">The policy in force for a source in an hour, or null when none is known.</param>
    public static ImmutableArray<UsageGroup> Of(IEnumerable<UsageHour> hours, ImmutableArray<UsageDimension> by, Func<UsageHour, UsagePolicy?> policyOf)
    {
        ArgumentNullException.ThrowIfNull(hours);
        ArgumentNullException.ThrowIfNull(policyOf);
        return
        [
            .. hours.GroupBy(hour => new GroupKey([.. by.Select(dimension => ValueOf(hour, dimension))]))
                .OrderBy(group => group.Key)
                .Select(group => Group(group.Key.Values, group.Select(hour => (hour.Counts, policyOf(hour))).ToList())),
        ];
    }

    private static string ValueOf(UsageHour hour, UsageDimension dimension) => dimension switch
    {
        UsageDimension.Customer => hour.Source.CustomerId,
        UsageDimension.Tenant => hour.Source.Tenant,
        UsageDimension.Deployment => hour.Source.DeploymentId.ToString(),
        UsageDimension.Revision => hour.Source.RevisionId.ToString(),
        _ => Rfc3339Json.Format(hour.Hour),
    };

    private static UsageGroup Group(ImmutableArray<string> key, List<(UsageCounts Counts, UsagePolicy? Policy)> members) => new()
    {
        Key = key,
        Counts = members.Aggregate(default(UsageCounts), (sum, member) => sum + member.Counts),
        Unassigned = members.Where(member => member.Policy is null).Aggregate(default(UsageCounts), (sum, member) => sum + member.Counts),
        Parties =
        [
            .. members.Where(member => member.Policy is not null)
                .SelectMany(member => member.Policy!.Shares, (member, share) => (share.PartyId, Parts: UsageParts.Of(member.Counts, share.BasisPoints)))
                .GroupBy(share => share.PartyId, share => share.Parts, StringComparer.Ordinal)
                .OrderBy(party => party.Key, StringComparer.Ordinal)
                .Select(party => new PartyUsage(party.Key, party.Aggregate(UsageParts.Add))),
        ],
        Policies = [.. members.Select(member => member.Policy?.PolicyRef).OfType<string>().Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)],
    };

    /// <summary>Values that are compared one by one.</summary>
    private sealed class GroupKey(ImmutableArray<string> values) : IEquatable<GroupKey>, IComparable<GroupKey>
    {
        public ImmutableArray<string> Values { get; } = values;

        public bool Equals(GroupKey? other) => other is not null && Values.SequenceEqual(other.Values, StringComparer.Ordinal);

        public override bool Equals(object? obj) => Equals(obj as GroupKey);

        public override int GetHashCode()
        {
            var hash = default(HashCode);
            foreach (var value in Values)
            {
                hash.Add(value, StringComparer.Ordinal);
            }

            return hash.ToHashCode();
        }

        public int CompareTo(GroupKey? other) => other is null
            ? 1
            : Values.Zip(other.Values, string.CompareOrdinal).FirstOrDefault(order => order != 0);
    }
}
