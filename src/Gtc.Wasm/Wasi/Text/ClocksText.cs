namespace Gtc.Wasm.Wasi;

/// <summary>The interfaces of <c>wasi:clocks</c> that are served, in WIT.</summary>
internal static class ClocksText
{
    public const string Wit = """
    package wasi:clocks@0.2.6;
    interface wall-clock {
        record datetime { seconds: u64, nanoseconds: u32 }
        now: func() -> datetime;
        resolution: func() -> datetime;
    }
    interface monotonic-clock {
        use wasi:io/poll@0.2.6.{pollable};
        type instant = u64;
        type duration = u64;
        now: func() -> instant;
        resolution: func() -> duration;
        subscribe-instant: func(when: instant) -> pollable;
        subscribe-duration: func(when: duration) -> pollable;
    }
    """;
}
