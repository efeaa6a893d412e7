namespace Gtc.Wasm.Components;

/// <summary>All that belongs to one top-level instance: core store, nested instances, the host's objects. It lives and ends as one.</summary>
internal sealed class ComponentStore(ComponentOptions options) : IDisposable
{
    private static readonly ComponentPlan NoPlan = new(new ComponentType([], []), [], 0);
    private readonly List<ComponentInstanceState> _instances = [];
    private ComponentInstanceState? _outside;
    private CancellationToken _cancellation;
    private CancellationTokenSource? _bounded;
    private CancellationTokenRegistration _registration;
    private TimeSpan? _within;
    private long _started;

    public WasmStore Core { get; } = new(options.Limits);

    public ComponentOptions Options { get; } = options;

    /// <summary>Set by the first trap: what a trapped guest leaves behind cannot be trusted.</summary>
    public WasmTrap? Fault { get; set; }

    public ComponentInstanceState NewInstance(ComponentPlan plan, ComponentInstanceState? parent)
    {
        if (_instances.Count >= Options.Limits.Instances)
        {
            throw ComponentTraps.Make($"more than {Options.Limits.Instances} component instances");
        }

        var instance = new ComponentInstanceState(this, plan, parent);
        _instances.Add(instance);
        return instance;
    }

    /// <summary>Stands for the host where a handle's destructor asks who drops it.</summary>
    public ComponentInstanceState Outside => _outside ??= new ComponentInstanceState(this, NoPlan, null);

    /// <summary>Runs guests under a bound in time.</summary>
    public T Run<T>(CallLimits limits, Func<T> body, CancellationToken cancellationToken)
    {
        (_within, _cancellation, _started) = (limits.Within, cancellationToken, Options.Time.GetTimestamp());
        using var bound = Core.Bound(limits.Within, Options.Time, cancellationToken);
        try
        {
            return body();
        }
        finally
        {
            EndBound();
        }
    }

    /// <summary>For host functions that wait: cancelled when the running call is, or when its time is over.</summary>
    public CancellationToken Cancellation()
    {
        if (_within is not { } within)
        {
            return _cancellation;
        }

        if (_bounded is null)
        {
            var left = within - Options.Time.GetElapsedTime(_started);
            _bounded = new CancellationTokenSource(left > TimeSpan.Zero ? left : TimeSpan.Zero, Options.Time);
            _registration = _cancellation.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), _bounded);
        }

        return _bounded.Token;
    }

    public WasmTrap WhyOver() => WasmTrap.Of(_cancellation.IsCancellationRequested ? TrapKind.Cancelled : TrapKind.DeadlineExceeded);

    /// <summary>Ends the host's resources that guests still own, and frees the memories.</summary>
    public void Dispose()
    {
        if (Core.IsDisposed)
        {
            return;
        }

        foreach (var instance in _instances)
        {
            foreach (var content in instance.Handles.Owned())
            {
                if (content.Host is not null)
                {
                    content.Type.Drop(content, instance);
                }
            }
        }

        Core.Dispose();
    }

    private void EndBound()
    {
        (_within, _cancellation) = (null, default);
        if (_bounded is { } bounded)
        {
            _registration.Dispose();
            bounded.Dispose();
            _bounded = null;
        }
    }
}
