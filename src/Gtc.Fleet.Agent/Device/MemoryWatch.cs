using System.Buffers.Text;
using Microsoft.Win32.SafeHandles;

namespace Gtc.Fleet.Agent.Device;

/// <summary>
/// Keeps what the agent has resident below its bound: whenever pages of its own file have brought it above <see cref="Comfortable"/>, they are given back
/// (<see cref="ProgramPages"/>). What it costs at rest is one small read every <see cref="Interval"/>.
/// </summary>
internal sealed class MemoryWatch
{
    /// <summary>Where giving back begins, in bytes: below the 60 MiB that an agent may take, by what is touched at once when it starts to work.</summary>
    internal const long Comfortable = 40L << 20;

    /// <summary>What has to have come since the last time, in bytes, so that pages in use are not given back over and over.</summary>
    internal const long Growth = 3L << 20;

    private readonly Func<long> _resident;
    private readonly Action _giveBack;
    private long _least;

    /// <summary>Watches the process through two functions.</summary>
    /// <param name="resident">Tells what is resident, in bytes.</param>
    /// <param name="giveBack">Gives pages back.</param>
    internal MemoryWatch(Func<long> resident, Action giveBack) => (_resident, _giveBack) = (resident, giveBack);

    /// <summary>How often it looks.</summary>
    internal static TimeSpan Interval { get; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Watches this process until it is stopped.</summary>
    public static async Task RunAsync(TimeProvider time, CancellationToken stop)
    {
        using var statm = File.OpenHandle("/proc/self/statm");
        var watch = new MemoryWatch(() => Resident(statm), ProgramPages.GiveBack);
        using var timer = new PeriodicTimer(Interval, time);
        do
        {
            watch.Look();
        }
        while (await timer.WaitForNextTickAsync(stop));
    }

    /// <summary>Looks once, and gives back what it should.</summary>
    internal void Look()
    {
        var resident = _resident();
        _least = Math.Min(_least, resident);
        if (resident > Comfortable && resident > _least + Growth)
        {
            _giveBack();
            _least = _resident();
        }
    }

    /// <summary>The second number of <c>/proc/self/statm</c> (proc(5)), in bytes.</summary>
    private static long Resident(SafeFileHandle statm)
    {
        Span<byte> text = stackalloc byte[128];
        text = text[..RandomAccess.Read(statm, text, 0)];
        return Utf8Parser.TryParse(text[(text.IndexOf((byte)' ') + 1)..], out long pages, out _) ? pages * Environment.SystemPageSize : 0;
    }
}
