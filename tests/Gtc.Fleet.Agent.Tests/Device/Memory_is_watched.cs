using Gtc.Fleet.Agent.Device;

namespace Gtc.Fleet.Agent.Tests.Device;

public sealed class Memory_is_watched
{
    private const long Mib = 1L << 20;

    private long _resident;
    private long _inUse = 36 * Mib;
    private int _given;

    [Fact]
    public void Below_the_bound_nothing_is_given_back()
    {
        var watch = Watch();
        foreach (var resident in (long[])[20, 39, 30, 40])
        {
            _resident = resident * Mib;
            watch.Look();
        }

        _given.ShouldBe(0);
    }

    [Fact]
    public void Above_it_pages_are_given_back_each_time_they_came_again()
    {
        var watch = Watch();
        foreach (var time in Enumerable.Range(1, 3))
        {
            _resident = 55 * Mib;
            watch.Look();
            _given.ShouldBe(time);
            _resident.ShouldBe(_inUse);
        }
    }

    [Fact]
    public void What_is_in_use_is_not_given_back_over_and_over()
    {
        var watch = Watch();
        _inUse = 52 * Mib;
        _resident = 55 * Mib;
        watch.Look();
        foreach (var resident in (long[])[52, 53, 54])
        {
            _resident = resident * Mib;
            watch.Look();
        }

        _given.ShouldBe(1);
        _resident = 56 * Mib;
        watch.Look();
        _given.ShouldBe(2);
    }

    private MemoryWatch Watch() => new(() => _resident, () =>
    {
        _given++;
        _resident = _inUse;
    });
}
