using Gtc.Kubernetes;

namespace Gtc.Fleet.Operator.Tests.Status;

public sealed class Statuses_wait_in_a_queue
{
    private readonly ManualTime _time = new();
    private readonly StatusQueue _queue;

    public Statuses_wait_in_a_queue() => _queue = new StatusQueue(TimeSpan.FromSeconds(1), _time);

    [Fact]
    public void Who_has_waited_longest_is_next()
    {
        foreach (var number in (int[])[3, 1, 2])
        {
            _queue.Touch(Key(number));
            Advance(0.01);
        }

        _queue.Touch(Key(3));
        _queue.Dirty.ShouldBe(3);
        ((StatusWork?[])[Take(), Take(), Take()]).Select(work => work!.Value.Key).ShouldBe([Key(3), Key(1), Key(2)]);
        Take().ShouldBeNull();
        _queue.Dirty.ShouldBe(0);
    }

    [Fact]
    public void Nobody_is_told_twice_within_the_interval()
    {
        _queue.Touch(Key(1));
        _queue.End(Take()!.Value, StatusEnd.Told);
        _queue.Touch(Key(1));
        Advance(0.99);
        Take().ShouldBeNull();
        Advance(0.01);
        Take()!.Value.Key.ShouldBe(Key(1));
    }

    [Fact]
    public void What_had_nothing_to_tell_is_told_at_once_when_it_has()
    {
        _queue.Touch(Key(1));
        _queue.End(Take()!.Value, StatusEnd.Same);
        _queue.Touch(Key(1));
        Take()!.Value.Key.ShouldBe(Key(1));
    }

    [Fact]
    public void One_at_work_holds_up_nobody_and_comes_again_when_it_changed_meanwhile()
    {
        _queue.Touch(Key(1));
        var slow = Take()!.Value;
        _queue.Touch(Key(1));
        for (var turn = 0; turn < 10; turn++)
        {
            _queue.Touch(Key(2));
            Advance(1);
            var other = Take()!.Value;
            other.Key.ShouldBe(Key(2));
            _queue.End(other, StatusEnd.Told);
        }

        Take().ShouldBeNull();
        _queue.End(slow, StatusEnd.Told);
        Take()!.Value.Key.ShouldBe(Key(1));
    }

    [Fact]
    public void One_that_failed_pauses_ever_longer_and_keeps_its_place()
    {
        _queue.Touch(Key(1));
        var since = Take()!.Value;
        _queue.End(since, StatusEnd.Failed);
        _queue.Touch(Key(1));
        _queue.Dirty.ShouldBe(1);
        Advance(1);
        _queue.Touch(Key(2));
        var again = Take()!.Value;
        again.ShouldBe(since);
        _queue.End(again, StatusEnd.Failed);
        Take()!.Value.Key.ShouldBe(Key(2));
        Advance(1.9);
        Take().ShouldBeNull();
        Advance(0.1);
        Take()!.Value.ShouldBe(since);
    }

    [Fact]
    public void One_that_is_gone_is_forgotten()
    {
        _queue.Touch(Key(1));
        _queue.End(Take()!.Value, StatusEnd.Gone);
        Take().ShouldBeNull();
        _queue.Touch(Key(1));
        Take()!.Value.Key.ShouldBe(Key(1));
    }

    [Fact]
    public void A_thousand_that_change_all_the_time_are_told_in_turn()
    {
        // 150 patches a second for 1,000 that are dirty all the time: nobody waits longer than one turn of all, 6.7 s.
        const int Count = 1000;
        const double PerSecond = 150;
        var longest = 0d;
        var told = new int[Count];
        for (var turn = 0; turn < 20 * PerSecond; turn++)
        {
            for (var number = 0; number < Count; number++)
            {
                _queue.Touch(Key(number));
            }

            var work = Take()!.Value;
            longest = Math.Max(longest, _time.GetElapsedTime(work.Since).TotalSeconds);
            told[int.Parse(work.Key.Name, System.Globalization.CultureInfo.InvariantCulture)]++;
            _queue.End(work, StatusEnd.Told);
            Advance(1 / PerSecond);
        }

        longest.ShouldBeLessThanOrEqualTo(Count / PerSecond);
        told.Max().ShouldBeLessThanOrEqualTo(told.Min() + 1);
    }

    [Fact]
    public async Task Who_waits_for_one_is_woken_by_a_change_and_by_the_end_of_an_interval()
    {
        var stop = TestContext.Current.CancellationToken;
        var ready = _queue.ReadyAsync(stop);
        ready.IsCompleted.ShouldBeFalse();
        _queue.Touch(Key(1));
        await ready;
        _queue.End(Take()!.Value, StatusEnd.Told);
        _queue.Touch(Key(1));
        ready = _queue.ReadyAsync(stop);
        while (!ready.IsCompleted)
        {
            Advance(0.1);
            await Task.Yield();
        }

        Take()!.Value.Key.ShouldBe(Key(1));
    }

    private static KubeKey Key(int number) => new("default", number.ToString(System.Globalization.CultureInfo.InvariantCulture));

    private void Advance(double seconds) => _time.Advance(TimeSpan.FromSeconds(seconds));

    private StatusWork? Take() => _queue.TryTake(out var work) ? work : null;
}
