using Gtc.Fleet.Contracts;

namespace Gtc.Fleet.Operator.Tests.Rollouts;

public sealed class A_roll_out_follows_from_how_devices_stand
{
    private static readonly RolloutRules Rules = new(IntOrPercent.Count(3), IntOrPercent.Count(2), 50);

    [Fact]
    public void Batches_go_one_after_the_other_and_never_more_than_allowed_are_down()
    {
        var steps = Fleet(10);
        var order = new List<int>();
        for (var round = 0; steps.Values.Any(step => step != RolloutStep.Running); round++)
        {
            round.ShouldBeLessThan(50);
            var plan = RolloutPlan.Of("uid", Devices(steps), Rules, isResumed: false);
            plan.Batches.ShouldBe(4);
            foreach (var device in plan.Next)
            {
                steps[device] = RolloutStep.Updating;
                order.Add(device);
            }

            steps.Values.Count(step => step == RolloutStep.Updating).ShouldBeLessThanOrEqualTo(2);
            order.Count.ShouldBeLessThanOrEqualTo(plan.Batch * 3);
            steps[order.First(device => steps[device] == RolloutStep.Updating)] = RolloutStep.Running;
        }

        order.ShouldBe(order.OrderBy(device => RolloutPlan.Place($"pi-{device}", "uid")));
        RolloutPlan.Of("uid", Devices(steps), Rules, isResumed: false).ShouldSatisfyAllConditions(plan => plan.Updated.ShouldBe(10), plan => plan.Next.ShouldBeEmpty(), plan => plan.Batch.ShouldBe(4));
    }

    [Fact]
    public void The_order_is_another_for_each_deployment() =>
        Enumerable.Range(0, 50).OrderBy(device => RolloutPlan.Place($"pi-{device}", "one")).ShouldNotBe(Enumerable.Range(0, 50).OrderBy(device => RolloutPlan.Place($"pi-{device}", "two")));

    [Fact]
    public void One_that_is_away_blocks_nobody_and_is_given_the_score_for_its_return()
    {
        var steps = Fleet(3);
        var away = Devices(steps).Select(device => device with { IsReachable = false }).ToList();
        RolloutPlan.Of("uid", away, Rules, isResumed: false).Next.Count.ShouldBe(3);
        var waiting = away.Select(device => device with { Step = RolloutStep.Updating }).Concat([new RolloutDevice("pi-x", RolloutStep.Waiting, true, 99)]).ToList();
        RolloutPlan.Of("uid", waiting, Rules, isResumed: false).Next.ShouldBe([99]);
    }

    [Fact]
    public void Failures_pause_it_until_a_person_resumes()
    {
        var steps = Fleet(10);
        steps[0] = RolloutStep.Failed;
        var plan = RolloutPlan.Of("uid", Devices(steps), Rules, isResumed: false);
        plan.IsPaused.ShouldBeTrue();
        plan.Next.ShouldBeEmpty();
        var resumed = RolloutPlan.Of("uid", Devices(steps), Rules with { MaxUnavailable = IntOrPercent.Count(3) }, isResumed: true);
        resumed.IsPaused.ShouldBeFalse();
        resumed.Next.ShouldNotBeEmpty();
    }

    [Fact]
    public void Without_devices_there_is_nothing_to_do() => RolloutPlan.Of("uid", [], Rules, isResumed: false).Batches.ShouldBe(0);

    private static Dictionary<int, RolloutStep> Fleet(int count) => Enumerable.Range(0, count).ToDictionary(device => device, _ => RolloutStep.Waiting);

    private static List<RolloutDevice> Devices(Dictionary<int, RolloutStep> steps) => [.. steps.Select(step => new RolloutDevice($"pi-{step.Key}", step.Value, true, step.Key))];
}
