namespace Gtc.Fleet.Operator.Tests.Liveness;

public sealed class Silence_is_told_once
{
    private readonly List<LifeChange> _changes = [];

    [Fact]
    public void A_device_is_late_then_gone_then_back()
    {
        var tracker = new LivenessTracker(LivenessLimits.Default, 0);
        tracker.Beat("pi", _changes);
        Take().ShouldBe([("pi", DeviceLife.Online)]);
        Advance(tracker, 1, 89).ShouldBeEmpty();
        Advance(tracker, 90, 90).ShouldBe([("pi", DeviceLife.Stale)]);
        Advance(tracker, 91, 299).ShouldBeEmpty();
        Advance(tracker, 300, 300).ShouldBe([("pi", DeviceLife.Offline)]);
        Advance(tracker, 301, 2000).ShouldBeEmpty();
        tracker.Beat("pi", _changes);
        Take().ShouldBe([("pi", DeviceLife.Online)]);
        Advance(tracker, 2001, 2090).ShouldBe([("pi", DeviceLife.Stale)]);
    }

    [Fact]
    public void Beats_in_time_change_nothing()
    {
        var tracker = new LivenessTracker(LivenessLimits.Default, 0);
        for (var second = 0; second < 5000; second += 30)
        {
            tracker.Advance(second, _changes);
            tracker.Beat("pi", _changes);
        }

        Take().ShouldBe([("pi", DeviceLife.Online)]);
    }

    [Fact]
    public void A_long_sleep_of_the_operator_makes_nobody_late_once_all_are_excused()
    {
        var tracker = new LivenessTracker(LivenessLimits.Default, 0);
        tracker.Beat("pi", _changes);
        Take();
        tracker.Advance(80, _changes);
        tracker.Excuse();
        Advance(tracker, 81, 169).ShouldBeEmpty();
        Advance(tracker, 170, 170).ShouldBe([("pi", DeviceLife.Stale)]);
    }

    [Fact]
    public void One_that_comes_and_goes_is_held_to_be_late_for_a_while()
    {
        var tracker = new LivenessTracker(new LivenessLimits(TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(60)), 0);
        var second = 0;
        tracker.Beat("pi", _changes);
        while (!_changes.Any(change => change.IsFlapping))
        {
            second.ShouldBeLessThan(600);
            tracker.Advance(++second, _changes);
            if (second % 7 == 0)
            {
                tracker.Beat("pi", _changes);
            }
        }

        tracker["pi"].ShouldBe(DeviceLife.Stale);
        _changes.Clear();
        for (var held = 1; held < 300; held++)
        {
            tracker.Advance(second + held, _changes);
            tracker.Beat("pi", _changes);
        }

        _changes.ShouldBeEmpty();
        tracker.Advance(second + 300, _changes);
        tracker.Advance(second + 301, _changes);
        Take().ShouldBe([("pi", DeviceLife.Online)]);
    }

    [Fact]
    public void One_that_is_forgotten_leaves_nothing_to_who_takes_its_place()
    {
        var tracker = new LivenessTracker(LivenessLimits.Default, 0);
        tracker.Beat("pi", _changes);
        tracker.Forget("pi");
        tracker["pi"].ShouldBe(DeviceLife.Unseen);
        tracker.Advance(50, _changes);
        Take();
        tracker.Beat("other", _changes);
        Take().ShouldBe([("other", DeviceLife.Online)]);
        Advance(tracker, 51, 139).ShouldBeEmpty();
        Advance(tracker, 140, 140).ShouldBe([("other", DeviceLife.Stale)]);
        tracker.Count.ShouldBe(1);
    }

    [Fact]
    public void A_device_costs_little_more_than_its_name()
    {
        const int Count = 100_000;
        var tracker = new LivenessTracker(LivenessLimits.Default, 0);
        for (var device = 0; device < Count; device++)
        {
            tracker.Expect($"device-{device:D7}", DeviceLife.Online);
        }

        (tracker.Bytes / Count).ShouldBeLessThanOrEqualTo(80);
    }

    [Fact]
    public void Many_that_fall_silent_at_once_are_noticed_before_they_are_gone()
    {
        var tracker = new LivenessTracker(LivenessLimits.Default, 0);
        for (var device = 0; device < 100; device++)
        {
            tracker.Beat($"pi-{device}", _changes);
        }

        tracker.Advance(200, _changes);
        tracker.IsMassLoss().ShouldBeFalse();
        for (var device = 0; device < 60; device++)
        {
            tracker.Beat($"pi-{device}", _changes);
        }

        tracker.Advance(245, _changes);
        tracker.IsMassLoss().ShouldBeTrue();
    }

    [Fact]
    public void Any_beats_agree_with_the_plain_rule()
    {
        var random = new Random(5);
        var limits = new LivenessLimits(TimeSpan.FromSeconds(9), TimeSpan.FromSeconds(31)) { FlapChanges = int.MaxValue };
        var tracker = new LivenessTracker(limits, 0);
        var last = new Dictionary<string, int>();
        for (var second = 1; second < 20_000; second++)
        {
            tracker.Advance(second, _changes);
            if (random.Next(4) == 0)
            {
                var device = $"pi-{random.Next(12)}";
                tracker.Beat(device, _changes);
                last[device] = second;
            }

            foreach (var (device, beat) in last)
            {
                tracker[device].ShouldBe(second - beat >= 31 ? DeviceLife.Offline : second - beat >= 9 ? DeviceLife.Stale : DeviceLife.Online, $"{device} at {second}");
            }
        }
    }

    private List<(string, DeviceLife)> Advance(LivenessTracker tracker, int from, int to)
    {
        for (var second = from; second <= to; second++)
        {
            tracker.Advance(second, _changes);
        }

        return Take();
    }

    private List<(string, DeviceLife)> Take()
    {
        var taken = _changes.Select(change => (change.Device, change.Life)).ToList();
        _changes.Clear();
        return taken;
    }
}
