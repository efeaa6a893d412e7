using Gtc.Model;
using Microsoft.AspNetCore.Http;

namespace Gtc.Store.Server;

/// <summary>How long a caller may wait for changes: until the server stops, the caller leaves, or what the caller showed counts no longer.</summary>
internal sealed class AccessLease : IAsyncDisposable
{
    private readonly CancellationTokenSource _over;
    private readonly Task _guarding;

    /// <summary>Begins to guard.</summary>
    public AccessLease(AccessGate gate, HttpContext context, EnvId environment, CancellationToken stopping)
    {
        _over = CancellationTokenSource.CreateLinkedTokenSource(stopping, context.RequestAborted);
        _guarding = GuardAsync(gate, context, environment);
    }

    /// <summary>Fires when it is over.</summary>
    public CancellationToken Token => _over.Token;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        await _guarding;
        _over.Dispose();
    }

    private async Task GuardAsync(AccessGate gate, HttpContext context, EnvId environment)
    {
        try
        {
            await gate.UntilDeniedAsync(context, environment, _over.Token);
            await _over.CancelAsync();
        }
        catch (OperationCanceledException)
        {
            // Nobody waits any more.
        }
    }
}
