using System.Collections.Immutable;
using FsCheck;
using FsCheck.Fluent;

namespace Gtc.Model.Tests.Usage;

public sealed class Usage_is_added_up
{
    private static readonly DateTimeOffset Begin = new(2026, 11, 20, 14, 0, 0, TimeSpan.Zero);

    private static readonly ImmutableArray<UsagePolicy> Policies =
    [
        new("billing-policies/main/a/v1.json.sig", [Share("greentic", 10_000)]),
        new("billing-policies/main/a/v2.json.sig", [Share("greentic", 3_333), Share("partner", 6_667)]),
        new("billing-policies/main/a/v3.json.sig", [Share("greentic", 1), Share("partner", 4_999), Share("reseller", 5_000)]),
    ];

    [Fact]
    public void Neither_order_nor_repetition_nor_older_readings_change_the_total() => Prop.ForAll(
        Rows(),
        rows =>
        {
            var total = UsageRows.Total(rows);
            var older = rows.Select(row => row with { Requests = row.Requests / 2, BytesIn = row.BytesIn / 3, FlowRuns = 0 });
            UsageRows.Total([.. rows.Reverse(), .. older, .. rows, .. older.Reverse()]).ShouldBe(total);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(200));

    [Fact]
    public void However_it_is_grouped_the_groups_sum_to_the_rows_and_the_parts_to_the_groups() => Prop.ForAll(
        Rows(),
        Gen.SubListOf(Enum.GetValues<UsageDimension>()).ToArbitrary(),
        (rows, by) =>
        {
            var hours = UsageRows.Total(rows);
            var groups = UsageReport.Of(hours, [.. by], PolicyOf);
            groups.Select(group => group.Counts).Aggregate(default(UsageCounts), UsageCounts.Add)
                .ShouldBe(hours.Select(hour => hour.Counts).Aggregate(default(UsageCounts), UsageCounts.Add));
            groups.Select(group => string.Join('\n', group.Key)).ShouldBeUnique();
            foreach (var group in groups)
            {
                var parts = group.Parties.Select(party => party.Parts).Append(UsageParts.Of(group.Unassigned, TrafficSplit.Whole)).Aggregate(UsageParts.Add);
                parts.ShouldBe(UsageParts.Of(group.Counts, TrafficSplit.Whole));
            }

            var everything = UsageReport.Of(hours, [], PolicyOf).SelectMany(group => group.Parties).ToDictionary(party => party.PartyId, party => party.Parts);
            foreach (var party in groups.SelectMany(group => group.Parties).GroupBy(party => party.PartyId, party => party.Parts))
            {
                party.Aggregate(UsageParts.Add).ShouldBe(everything[party.Key]);
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(200));

    [Fact]
    public void A_third_of_one_request_is_not_rounded() =>
        UsageReport.Of([new UsageHour(Source(0, 0), Begin, new UsageCounts(1, 0, 0, 0, 0))], [UsageDimension.Customer], _ => Policies[1])
            .Single().Parties.Select(party => (party.PartyId, party.Parts.Requests)).ShouldBe([("greentic", 0.3333m), ("partner", 0.6667m)]);

    [Fact]
    public void A_line_says_what_was_counted_and_a_cut_one_is_refused()
    {
        var row = UsageRow.Of(Sample.Id(7).ToString(), new UsageHour(Source(1, 0), Begin, new UsageCounts(1, 2, 3, 4, 5)));
        var line = Documents.UsageRow.ToLine(row);
        UsageRows.Parse(line).Value.ShouldBe(row);
        for (var length = 0; length < line.Length; length++)
        {
            UsageRows.Parse(line.AsSpan(0, length)).IsOk.ShouldBeFalse($"{length} bytes");
        }
    }

    [Fact]
    public void Lines_that_no_worker_writes_are_refused()
    {
        var row = UsageRow.Of(Sample.Id(7).ToString(), new UsageHour(Source(1, 0), Begin, new UsageCounts(1, 2, 3, 4, 5)));
        Message(row with { BytesOut = -1 }).ShouldContain("less than nothing");
        Message(row with { Hour = Begin.AddMinutes(1) }).ShouldContain("hour");
        Message(row with { Worker = "me" }).ShouldContain("`me`");
        Message(row with { Schema = "greentic.usage-row.v2" }).ShouldContain("greentic.usage-row.v1");
        Message(row with { CustomerId = new string('a', UsageRows.MaxLineBytes) }).ShouldContain("16,384");
    }

    [Fact]
    public void Sums_do_not_wrap() =>
        (new UsageCounts(long.MaxValue, 1, 0, 0, 0) + new UsageCounts(1, 1, 0, 0, 0)).ShouldBe(new UsageCounts(long.MaxValue, 2, 0, 0, 0));

    private static string Message(UsageRow row) => UsageRows.Parse(Documents.UsageRow.ToLine(row)).Refusal!.Message;

    private static UsagePolicy? PolicyOf(UsageHour hour) => (hour.Hour - Begin).Hours is < 3 and var index ? Policies[index] : null;

    private static RevenueShareEntry Share(string party, uint points) => new() { PartyId = party, BasisPoints = points };

    private static UsageSource Source(int customer, int revision) => new(
        customer == 0 ? "acme" : "globex", customer == 0 ? "default" : "emea", new DeploymentId(Sample.Id((byte)(1 + customer))), "main", new RevisionId(Sample.Id((byte)(10 + revision))));

    private static Arbitrary<UsageRow[]> Rows() => (
        from worker in Gen.Choose(100, 102)
        from customer in Gen.Choose(0, 1)
        from revision in Gen.Choose(0, 2)
        from hour in Gen.Choose(0, 4)
        from counts in Gen.Choose(0, int.MaxValue).ListOf(5)
        select UsageRow.Of(
            Sample.Id((byte)worker).ToString(),
            new UsageHour(Source(customer, revision), Begin.AddHours(hour), new UsageCounts(counts[0], counts[1], counts[2], counts[3], counts[4])))).ArrayOf().ToArbitrary();
}
