using Gtc.Flows;

namespace Gtc.Runtime;

/// <summary>Where flows keep what outlives a message. Null keeps it in the memory of this process, for each revision apart.</summary>
/// <param name="State">The server that keeps the state of components, or null.</param>
/// <param name="Sessions">The server that keeps parked sessions, or null.</param>
public sealed record FlowStores(FlowRedis? State, FlowRedis? Sessions) : IAsyncDisposable
{
    /// <summary>The memory of this process.</summary>
    public static FlowStores InMemory { get; } = new(null, null);

    /// <summary>Ends the connections.</summary>
    public async ValueTask DisposeAsync()
    {
        await (State?.DisposeAsync() ?? ValueTask.CompletedTask);
        await (Sessions?.DisposeAsync() ?? ValueTask.CompletedTask);
    }
}
