using System.Collections.Immutable;
using System.Text;

namespace Gtc.Fleet.Operator.Tests.Aggregation;

public sealed class Reports_of_unknown_devices_go
{
    [Fact]
    public void By_age_and_by_number_the_oldest_first_and_never_those_of_known_ones()
    {
        var tables = new FleetTables();
        tables.SetDevice("known", ImmutableDictionary<string, string>.Empty, isPaused: false);
        Report(tables, "known", 1);
        Report(tables, "a", 2);
        Report(tables, "b", 3);
        Report(tables, "c", 4);
        Report(tables, "a", 5);
        Names(tables.UnknownDevices(sequence: 0, atMost: 3)).ShouldBe([]);
        Names(tables.UnknownDevices(sequence: 4, atMost: 3)).ShouldBe(["b", "c"]);
        Names(tables.UnknownDevices(sequence: 0, atMost: 2)).ShouldBe(["b"]);
        Names(tables.UnknownDevices(sequence: 0, atMost: 0)).ShouldBe(["b", "c", "a"]);
        foreach (var unknown in tables.UnknownDevices(sequence: 5, atMost: 0))
        {
            tables.EvictUnknown(unknown);
        }

        tables.Pairs.ShouldBe(1);
        tables.UnknownDevices(sequence: 5, atMost: 0).ShouldBeEmpty();
    }

    [Fact]
    public void What_was_said_since_stays_and_who_got_a_resource_meanwhile_is_pending()
    {
        var tables = new FleetTables();
        Report(tables, "a", 1);
        Report(tables, "b", 2);
        var gone = tables.UnknownDevices(sequence: 2, atMost: 0);
        Report(tables, "a", 3);
        tables.SetDeployment("app", new DeploymentIntent("uid", [], new ScoreId(1), IsPaused: false, IsBatched: false));
        tables.SetDevice("b", ImmutableDictionary<string, string>.Empty, isPaused: false);
        tables.CountsOf("app")!.Succeeded.ShouldBe(1);
        foreach (var unknown in gone)
        {
            tables.EvictUnknown(unknown);
        }

        tables.CountsOf("app")!.ShouldSatisfyAllConditions(counts => counts.Matched.ShouldBe(1), counts => counts.Pending.ShouldBe(1));
        tables.SetDevice("a", ImmutableDictionary<string, string>.Empty, isPaused: false);
        tables.CountsOf("app")!.ShouldSatisfyAllConditions(counts => counts.Matched.ShouldBe(2), counts => counts.Succeeded.ShouldBe(1));
    }

    private static IEnumerable<string> Names(IEnumerable<UnknownDevice> unknown) => unknown.Select(device => device.Device);

    private static void Report(FleetTables tables, string device, long sequence) => tables.Report(Encoding.ASCII.GetBytes(device), "app"u8, Phase.Running, new ScoreId(1), sequence);
}
