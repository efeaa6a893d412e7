using System.Collections.Immutable;
using Gtc.Fleet.Agent.CatchingUp;
using Gtc.Fleet.Agent.Tests.Reconciling;
using Gtc.Fleet.Contracts;

namespace Gtc.Fleet.Agent.Tests.CatchingUp;

public sealed class A_manifest_says_what_to_fetch_and_what_goes
{
    [Theory]
    [InlineData(1, null, "a=1", "", "", "a", "", "")]
    [InlineData(1, null, "", "a=1", "", "", "", "a")]
    [InlineData(2, 1L, "a=1 b=2", "a=1 c=3", "", "b", "", "c")]
    [InlineData(2, 1L, "a=2", "a=1", "", "a", "", "")]
    [InlineData(2, 1L, "a=2", "a=1", "a=2", "", "a", "")]
    [InlineData(2, 1L, "a=2", "a=1", "a=3", "a", "", "")]
    [InlineData(2, 1L, "a=1", "a=1", "a=2", "", "", "")]
    [InlineData(1, 1L, "", "a=1", "", "", "", "")]
    [InlineData(1, 1L, "a=2", "a=1 b=1", "", "a", "", "")]
    [InlineData(1, 2L, "a=2", "a=1 b=1", "", "", "", "")]
    public void Only_a_higher_revision_takes_away(int rev, long? localRev, string manifest, string local, string staged, string fetch, string apply, string remove)
    {
        var plan = CatchUp.Plan(Manifest(rev, manifest), localRev, Local(local), Local(staged), acceptsOlder: false);

        string.Join(' ', plan.Fetch).ShouldBe(fetch);
        string.Join(' ', plan.Apply).ShouldBe(apply);
        string.Join(' ', plan.Remove).ShouldBe(remove);
        plan.IsStale.ShouldBe(localRev > rev);
    }

    [Fact]
    public void A_broker_that_stays_with_an_older_revision_is_believed_and_still_nothing_goes()
    {
        var plan = CatchUp.Plan(Manifest(1, "a=2"), 9, Local("a=1 b=1"), Local(""), acceptsOlder: true);

        plan.IsStale.ShouldBeFalse();
        string.Join(' ', plan.Fetch).ShouldBe("a");
        plan.Remove.ShouldBeEmpty();
    }

    [Fact]
    public void Whatever_was_before_a_device_that_does_as_it_is_told_has_what_the_manifest_says()
    {
        var random = new Random(3);
        for (var round = 0; round < 5_000; round++)
        {
            var manifest = Draw(random);
            var local = Local(Draw(random));
            var staged = Local(Draw(random));
            var wanted = Local(manifest);
            var plan = CatchUp.Plan(Manifest(2, manifest), 1, local, staged, acceptsOlder: false);

            var after = local.ToDictionary(pair => pair.Key, pair => pair.Value.Hash);
            plan.Remove.ToList().ForEach(name => after.Remove(name));
            plan.Apply.ToList().ForEach(name => after[name] = staged[name].Hash);
            plan.Fetch.ToList().ForEach(name => after[name] = wanted[name].Hash);
            after.ShouldBe(wanted.ToDictionary(pair => pair.Key, pair => pair.Value.Hash), ignoreOrder: true);
            CatchUp.Plan(Manifest(2, manifest), 2, wanted, staged, acceptsOlder: false).IsEmpty.ShouldBeTrue("nothing is done twice");
        }
    }

    [Fact]
    public void A_message_that_came_before_is_not_taken_again()
    {
        CatchUp.IsNewer(5, null, null).ShouldBeTrue();
        CatchUp.IsNewer(5, new("h", 5), null).ShouldBeFalse();
        CatchUp.IsNewer(6, new("h", 5), new("h", 6)).ShouldBeFalse();
        CatchUp.IsNewer(7, new("h", 5), new("h", 6)).ShouldBeTrue();
    }

    private static string Draw(Random random) => string.Join(' ', "abcde".Where(_ => random.Next(2) == 0).Select(name => $"{name}={random.Next(1, 4)}"));

    private static DeviceManifest Manifest(long rev, string entries) => new()
    {
        Rev = rev,
        Entries = Local(entries).ToImmutableSortedDictionary(pair => pair.Key, pair => new ManifestEntry { Hash = pair.Value.Hash }),
    };

    private static Dictionary<DeploymentName, LocalEntry> Local(string entries) =>
        entries.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(entry => entry.Split('=')).ToDictionary(entry => Desired.Name(entry[0]), entry => new LocalEntry(entry[1], 1));
}
