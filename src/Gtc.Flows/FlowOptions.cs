using System.Security.Cryptography;
using Gtc.Wasm;
using Gtc.Wasm.Components;

namespace Gtc.Flows;

/// <summary>How flows run. The defaults run components and grant them nothing but time and random numbers.</summary>
public sealed record FlowOptions
{
    private static readonly ComponentEngine OneEngine = new(ComponentLimits);

    /// <summary>
    /// How large a component may be. Compilers make functions of up to some 100 KiB; of 256 KiB machine code is made in less than a second as they write them, and in 4 s when
    /// it is written to take long, which no deadline ends.
    /// </summary>
    public static WasmLimits ComponentLimits => WasmLimits.Guest with { FunctionBytes = 256 << 10 };

    /// <summary>The defaults.</summary>
    public static FlowOptions Standard { get; } = new();

    /// <summary>What one run may cost.</summary>
    public FlowLimits Limits { get; init; } = FlowLimits.Standard;

    /// <summary>Runs components; by default one engine for the whole process, so that packs with the same component share its code.</summary>
    public IComponentEngine Engine { get; init; } = OneEngine;

    /// <summary>What components reach.</summary>
    public IComponentHost Host { get; init; } = DenyAll.Instance;

    /// <summary>Where flows wait for their session's next message; null for memory of the runtime's own.</summary>
    public IParkedSessions? Sessions { get; init; }

    /// <summary>Remembers which conversations began; null for memory of the runtime's own.</summary>
    public IConversations? Conversations { get; init; }

    /// <summary>Whether and when a component that failed is called again.</summary>
    public RetryPolicy Retries { get; init; } = RetryPolicy.Standard;

    /// <summary>Is told what runs do; null when nobody looks.</summary>
    public IFlowObserver? Observer { get; init; }

    /// <summary>Whose time bounds runs and calls.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>A number from 0 up to and without the given one, which spreads retries.</summary>
    public Func<int, int> Random { get; init; } = RandomNumberGenerator.GetInt32;
}
