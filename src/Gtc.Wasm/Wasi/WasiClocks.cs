using Gtc.Wasm.Components;

namespace Gtc.Wasm.Wasi;

/// <summary><c>wasi:clocks</c>.</summary>
internal static class WasiClocks
{
    public static Dictionary<string, HostHandler> Handlers { get; } = new(StringComparer.Ordinal)
    {
        ["wasi:clocks/wall-clock#now"] = (call, _) => Moment(call.Get<WasiContext>().Time.GetUtcNow()),
        ["wasi:clocks/wall-clock#resolution"] = (_, _) => ComponentValue.Of(Values.Of(0UL), Values.Of(100UL)),
        ["wasi:clocks/monotonic-clock#now"] = (call, _) => Values.Of(call.Get<WasiContext>().Nanoseconds()),
        ["wasi:clocks/monotonic-clock#resolution"] = (_, _) => Values.Of(100UL),
        ["wasi:clocks/monotonic-clock#subscribe-instant"] = (call, arguments) =>
            Values.Give(WasiResources.Pollable, new Alarm(call.Get<WasiContext>(), arguments[0].Natural())),
        ["wasi:clocks/monotonic-clock#subscribe-duration"] = (call, arguments) => After(call.Get<WasiContext>(), arguments[0].Natural()),
    };

    /// <summary>A <c>datetime</c>.</summary>
    public static ComponentValue Moment(DateTimeOffset time)
    {
        var seconds = Math.Max(0, time.ToUnixTimeSeconds());
        var rest = Math.Max(0, time.Ticks % TimeSpan.TicksPerSecond) * 100;
        return ComponentValue.Of(Values.Of((ulong)seconds), Values.Of((ulong)rest));
    }

    private static ComponentValue After(WasiContext context, ulong nanoseconds)
    {
        var now = context.Nanoseconds();
        return Values.Give(WasiResources.Pollable, new Alarm(context, now + Math.Min(nanoseconds, ulong.MaxValue - now)));
    }
}
