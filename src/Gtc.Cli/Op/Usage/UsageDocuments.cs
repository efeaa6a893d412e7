using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Gtc.Model;

namespace Gtc.Cli.Op.Usage;

/// <summary>What <c>usage report</c> takes.</summary>
internal sealed record UsageReportPayload
{
    /// <summary>The environment.</summary>
    public string? EnvironmentId { get; init; }

    /// <summary>The first hour.</summary>
    public string? From { get; init; }

    /// <summary>The time before which hours begin.</summary>
    public string? To { get; init; }

    /// <summary>What a line stands for.</summary>
    public string? By { get; init; }
}

/// <summary>What <c>usage report</c> answers.</summary>
internal sealed record UsageReported(
    string EnvironmentId, string From, string To, IReadOnlyList<string> By, IReadOnlyList<UsageGroupShown> Groups, UsageGroupShown Total, int Files, IReadOnlyList<string> Findings);

/// <summary>A line of a report; it has the members of the dimensions that it is grouped by.</summary>
internal sealed record UsageGroupShown
{
    public static UsageGroupShown Nothing { get; } = new() { Shares = [], PolicyRefs = [] };

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? CustomerId { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Tenant { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? DeploymentId { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? RevisionId { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Hour { get; init; }

    public long Requests { get; init; }

    public long FlowRuns { get; init; }

    public long ComponentCalls { get; init; }

    public long BytesIn { get; init; }

    public long BytesOut { get; init; }

    /// <summary>Who earns what of it.</summary>
    public required IReadOnlyList<UsageShareShown> Shares { get; init; }

    /// <summary>What no policy is known for, when there is any.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public UsageUnassigned? Unassigned { get; init; }

    /// <summary>The policies that were in force.</summary>
    public required IReadOnlyList<string> PolicyRefs { get; init; }

    public static UsageGroupShown Of(UsageGroup group, ImmutableArray<UsageDimension> by)
    {
        string? Value(UsageDimension dimension) => by.IndexOf(dimension) is >= 0 and var index ? group.Key[index] : null;
        return new()
        {
            CustomerId = Value(UsageDimension.Customer),
            Tenant = Value(UsageDimension.Tenant),
            DeploymentId = Value(UsageDimension.Deployment),
            RevisionId = Value(UsageDimension.Revision),
            Hour = Value(UsageDimension.Hour),
            Requests = group.Counts.Requests,
            FlowRuns = group.Counts.FlowRuns,
            ComponentCalls = group.Counts.ComponentCalls,
            BytesIn = group.Counts.BytesIn,
            BytesOut = group.Counts.BytesOut,
            Shares = [.. group.Parties.Select(party => new UsageShareShown(party.PartyId, party.Parts.Requests, party.Parts.FlowRuns, party.Parts.ComponentCalls, party.Parts.BytesIn, party.Parts.BytesOut))],
            Unassigned = group.Unassigned is { IsNothing: false } left ? new UsageUnassigned(left.Requests, left.FlowRuns, left.ComponentCalls, left.BytesIn, left.BytesOut) : null,
            PolicyRefs = group.Policies,
        };
    }
}

/// <summary>A party's part, exact.</summary>
internal sealed record UsageShareShown(string PartyId, decimal Requests, decimal FlowRuns, decimal ComponentCalls, decimal BytesIn, decimal BytesOut);

/// <summary>What nobody earns, because no policy is known.</summary>
internal sealed record UsageUnassigned(long Requests, long FlowRuns, long ComponentCalls, long BytesIn, long BytesOut);

/// <summary>What <c>usage export</c> takes.</summary>
internal sealed record UsageExportPayload
{
    /// <summary>The environment.</summary>
    public string? EnvironmentId { get; init; }

    /// <summary>The first hour.</summary>
    public string? From { get; init; }

    /// <summary>The time before which hours begin.</summary>
    public string? To { get; init; }

    /// <summary><c>jsonl</c> or <c>csv</c>.</summary>
    public string? As { get; init; }

    /// <summary>A new file.</summary>
    public string? Output { get; init; }
}

/// <summary>What <c>usage export</c> answers when it wrote a file.</summary>
internal sealed record UsageExported(string EnvironmentId, string Output, string As, int Rows, IReadOnlyList<string> Findings);

/// <summary>A line of an export.</summary>
internal sealed record UsageLine(
    string Hour, string CustomerId, string Tenant, string DeploymentId, string BundleId, string RevisionId,
    long Requests, long FlowRuns, long ComponentCalls, long BytesIn, long BytesOut, string? PolicyRef)
{
    public static UsageLine Of(UsageHour hour, UsagePolicy? policy) => new(
        Rfc3339Json.Format(hour.Hour),
        hour.Source.CustomerId,
        hour.Source.Tenant,
        hour.Source.DeploymentId.ToString(),
        hour.Source.BundleId,
        hour.Source.RevisionId.ToString(),
        hour.Counts.Requests,
        hour.Counts.FlowRuns,
        hour.Counts.ComponentCalls,
        hour.Counts.BytesIn,
        hour.Counts.BytesOut,
        policy?.PolicyRef);
}

/// <summary>What <c>usage prune</c> takes.</summary>
internal sealed record UsagePrunePayload
{
    /// <summary>The environment.</summary>
    public string? EnvironmentId { get; init; }

    /// <summary>How many days before today stay.</summary>
    public required uint KeepDays { get; init; }
}

/// <summary>What <c>usage prune</c> answers.</summary>
internal sealed record UsagePruned(string EnvironmentId, IReadOnlyList<string> RemovedDays);
