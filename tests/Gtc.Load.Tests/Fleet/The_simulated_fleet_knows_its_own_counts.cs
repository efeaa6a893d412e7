using FsCheck;
using FsCheck.Fluent;
using Gtc.Fleet.Contracts;
using Gtc.Load.Fleet;

namespace Gtc.Load.Tests.Fleet;

public sealed class The_simulated_fleet_knows_its_own_counts
{
    [Fact]
    public void A_deployment_selects_its_group_and_waits_for_whoever_said_nothing()
    {
        var model = new FleetModel(devices: 7, deployments: 4, groups: 2);

        model.Count().Select(count => (count.Matched, count.Pending)).ShouldBe([(4L, 4L), (3L, 3L), (4L, 4L), (3L, 3L)]);
        model.Matches.ShouldBe(14);
        model.Told.ShouldBe(0);
    }

    [Fact]
    public void What_a_device_is_told_it_runs_and_says_once()
    {
        var model = new FleetModel(2, 2, 2);

        model.Tell(1, 1, 1).ShouldBe(new Transition(1, 1, DeploymentPhase.Running, 1, 1));
        model.Tell(1, 1, 1).ShouldBeNull("nothing changed");
        model.Count()[1].ShouldBe(new ExpectedCounts(1, 1, 0));
        model.Told.ShouldBe(1);
    }

    [Fact]
    public void A_report_about_an_older_score_counts_as_pending()
    {
        var model = new FleetModel(1, 1, 1);
        model.Tell(0, 0, 1);

        var version = model.Redeploy(0);
        model.Count()[0].Pending.ShouldBe(1);
        model.Tell(0, 0, version)!.Value.Seq.ShouldBe(2);
        model.Count()[0].Succeeded.ShouldBe(1);
    }

    [Fact]
    public void A_device_that_moves_takes_its_reports_out_of_the_count()
    {
        var model = new FleetModel(1, 2, 2);
        model.Tell(0, 0, 1);

        model.Flip(0).ShouldBe(1);
        model.Count().ShouldBe([new(0, 0, 0), new(1, 0, 0)]);
        model.Untell(0, 0).ShouldBeTrue();
        model.Untell(0, 0).ShouldBeFalse();
        model.Flip(0).ShouldBe(0);
        model.Count()[0].ShouldBe(new ExpectedCounts(1, 0, 0), "its report of before is gone");
    }

    [Fact]
    public void Whatever_happens_the_counts_are_those_of_the_last_transitions()
    {
        var cases = Gen.Choose(0, int.MaxValue - 1).ToArbitrary();
        Prop.ForAll(cases, seed =>
        {
            var random = new Random(seed);
            var model = new FleetModel(5, 6, 3);
            var last = new Dictionary<(int, int), Transition>();
            for (var step = 0; step < 200; step++)
            {
                var device = random.Next(model.Devices);
                var deployment = random.Next(model.Deployments);
                Transition? happened = null;
                switch (random.Next(10))
                {
                    case 0:
                        model.Flip(device);
                        break;
                    case 1:
                        model.Redeploy(deployment);
                        break;
                    case 2 when model.Untell(device, deployment):
                        last.Remove((device, deployment)).ShouldBeTrue();
                        break;
                    case 3 or 4 or 5 when model.GroupOf(device) == deployment % 3:
                        happened = model.Tell(device, deployment, model.VersionOf(deployment));
                        break;
                    default:
                        happened = model.Next(device, random);
                        break;
                }

                if (happened is { } transition)
                {
                    transition.Seq.ShouldBe(last.GetValueOrDefault((transition.Device, transition.Deployment)).Seq + 1);
                    last[(transition.Device, transition.Deployment)] = transition;
                }
            }

            Recount(model, last).ShouldBe(model.Count());
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void A_pair_has_one_report_under_way_and_sends_the_newest_after_it()
    {
        var outbox = new Outbox();

        outbox.Begin((1, 2)).ShouldBeTrue();
        outbox.Begin((1, 2)).ShouldBeFalse();
        outbox.Begin((1, 3)).ShouldBeTrue();
        outbox.End((1, 2), isAcknowledged: true).ShouldBeTrue("a newer one waits");
        outbox.End((1, 2), isAcknowledged: false).ShouldBeTrue("it was lost");
        outbox.End((1, 2), isAcknowledged: true).ShouldBeFalse();
        outbox.Count.ShouldBe(1);
    }

    private static IEnumerable<ExpectedCounts> Recount(FleetModel model, Dictionary<(int Device, int Deployment), Transition> last)
    {
        for (var deployment = 0; deployment < model.Deployments; deployment++)
        {
            var members = Enumerable.Range(0, model.Devices).Where(device => model.GroupOf(device) == deployment % 3).ToList();
            long In(DeploymentPhase phase) => members.Count(device => last.TryGetValue((device, deployment), out var said) && said.Phase == phase && said.Version == model.VersionOf(deployment));
            yield return new(members.Count, In(DeploymentPhase.Running), In(DeploymentPhase.Failed));
        }
    }
}
