using System.Globalization;

namespace Gtc.Artifacts.Sources;

/// <summary>Cancels an attempt in which nothing moves for too long.</summary>
internal sealed class StallGuard : IDisposable
{
    private readonly PullOptions _options;
    private readonly CancellationToken _caller;
    private readonly CancellationTokenSource _stall;
    private readonly CancellationTokenSource _linked;

    public StallGuard(PullOptions options, TimeProvider time, CancellationToken caller)
    {
        _options = options;
        _caller = caller;
        _stall = new CancellationTokenSource(options.StallTimeout, time);
        _linked = CancellationTokenSource.CreateLinkedTokenSource(_stall.Token, caller);
    }

    /// <summary>Cancelled by the caller, or by too long a silence.</summary>
    public CancellationToken Token => _linked.Token;

    public bool CancelledByCaller => _caller.IsCancellationRequested;

    /// <summary>Why the token, not cancelled by the caller, ended the attempt.</summary>
    public string TimeoutCause => _stall.IsCancellationRequested
        ? string.Create(CultureInfo.InvariantCulture, $"nothing arrived for {_options.StallTimeout.TotalSeconds:0.###} s")
        : string.Create(CultureInfo.InvariantCulture, $"no connection within {_options.ConnectTimeout.TotalSeconds:0.###} s");

    /// <summary>Something moved: the silence begins anew.</summary>
    public void Touch() => _stall.CancelAfter(_options.StallTimeout);

    public void Dispose()
    {
        _linked.Dispose();
        _stall.Dispose();
    }
}
