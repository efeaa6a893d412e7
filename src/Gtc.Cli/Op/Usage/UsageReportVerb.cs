using System.Collections.Immutable;
using System.Globalization;
using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.Model;

namespace Gtc.Cli.Op.Usage;

/// <summary><c>gtc op usage report</c>: usage in groups, shared out by the revenue policies of the time.</summary>
internal static class UsageReportVerb
{
    private static readonly ImmutableArray<string> Dimensions = [.. Enum.GetValues<UsageDimension>().Select(NameOf)];

    /// <summary>The verb.</summary>
    public static Verb<UsageReportPayload> Verb => new()
    {
        Noun = "usage",
        Name = "report",
        Purpose = "Add up what workers did, and share it out by the revenue policies that were in force",
        Remark = "A new policy counts from the next full hour on. Shares are exact: a party's part has up to four decimal places, and the parts of all parties sum to what was counted.",
        Examples = ["op usage report", "op usage report prod --from 2026-11-01T00:00:00Z --to 2026-12-01T00:00:00Z --by customer", "op usage report --from 24h --by deployment,revision,hour"],
        Payload = OpJson.Default.UsageReportPayload,
        Fields =
        [
            PayloadField.Environment,
            .. UsageRead.TimeFields,
            new("by", "what a line stands for, one or several of customer, tenant, deployment, revision, hour; customer when not given", "--by", "DIMENSION,…"),
        ],
        ReportsFindings = true,
        RunAsync = RunAsync,
    };

    private static async Task<Outcome<Answer>> RunAsync(UsageReportPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        if (!By(payload.By).TryGet(out var by, out var refusal)
            || !(await UsageRead.OfAsync(payload.EnvironmentId, payload.From, payload.To, call, cancellationToken)).TryGet(out var usage, out refusal))
        {
            return refusal;
        }

        var groups = UsageReport.Of(usage.Hours, by, usage.PolicyOf);
        var total = UsageReport.Of(usage.Hours, [], usage.PolicyOf) is [var all] ? UsageGroupShown.Of(all, []) : UsageGroupShown.Nothing;
        usage.Warn(call);
        var result = new UsageReported(
            usage.At.Environment.ToString(),
            Rfc3339Json.Format(usage.From),
            Rfc3339Json.Format(usage.To),
            [.. by.Select(NameOf)],
            [.. groups.Select(group => UsageGroupShown.Of(group, by))],
            total,
            usage.Files,
            usage.Findings);
        return Answer.Of(result, OpJson.Default.UsageReported, screen => screen.Table(
            new(
                [.. by.Select(dimension => new TableColumn(NameOf(dimension))), new("requests"), new("flow runs"), new("calls", 3), new("in", 2), new("out", 2), new("of the requests, to", 1)],
                groups.IsEmpty ? [] : [.. groups.Select(group => Row(group.Key, UsageGroupShown.Of(group, by))), .. by.IsEmpty ? Array.Empty<ImmutableArray<string>>() : [Row([.. by.Select((_, index) => index == 0 ? "all" : "")], total)]]),
            $"No usage of environment {usage.At.Environment} since {Rfc3339Json.Format(usage.From)}.")) with
        {
            HasFindings = !usage.Findings.IsEmpty,
        };
    }

    private static string NameOf(UsageDimension dimension) => dimension.ToString().ToLowerInvariant();

    private static ImmutableArray<string> Row(ImmutableArray<string> key, UsageGroupShown group) =>
    [
        .. key,
        Number(group.Requests),
        Number(group.FlowRuns),
        Number(group.ComponentCalls),
        Figures.Size(group.BytesIn),
        Figures.Size(group.BytesOut),
        string.Join(", ", [.. group.Shares.Select(share => $"{share.PartyId} {share.Requests.ToString("#,0.####", CultureInfo.InvariantCulture)}"), .. group.Unassigned is { } left ? [$"nobody {Number(left.Requests)}"] : Array.Empty<string>()]),
    ];

    private static string Number(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    private static Outcome<ImmutableArray<UsageDimension>> By(string? given)
    {
        var by = ImmutableArray.CreateBuilder<UsageDimension>();
        foreach (var word in (given ?? "customer").Split(',', StringSplitOptions.TrimEntries))
        {
            var index = Dimensions.IndexOf(word);
            if (index < 0 || by.Contains((UsageDimension)index))
            {
                return new Refusal.InvalidArgument($"by must be one or several of {string.Join(", ", Dimensions)}, each once, with commas between them; `{given}` was given");
            }

            by.Add((UsageDimension)index);
        }

        return by.ToImmutable();
    }
}
