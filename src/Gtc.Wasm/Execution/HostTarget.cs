namespace Gtc.Wasm;

/// <summary>What compiled code passes to the shim of a <see cref="HostFunction"/>. The shim fills a frame, calls, and reads the results from it.</summary>
internal sealed class HostTarget(WasmStore store, FunctionType type, HostFunction function)
{
    private const int FramesKept = 8;
    private readonly Stack<WasmValue[]> _frames = new();

    /// <summary>Room for the arguments and, behind them, the results.</summary>
    public WasmValue[] Rent() => _frames.TryPop(out var frame) ? frame : new WasmValue[type.Parameters.Length + type.Results.Length];

    /// <summary>Runs the host's code on a filled frame.</summary>
    public void Call(WasmValue[] frame)
    {
        var results = frame.AsSpan(type.Parameters.Length);
        Traps.CallHost(function, frame.AsSpan(0, type.Parameters.Length), results);
        for (var place = 0; place < results.Length; place++)
        {
            if (type.Results[place] == ValueType.FuncRef)
            {
                Boundary.Check(results[place].Reference, ValueType.FuncRef, store);
            }
        }
    }

    /// <summary>Copies the results to where callers of functions with several results look for them.</summary>
    public void Spread(WasmValue[] frame) => frame.AsSpan(type.Parameters.Length).CopyTo(store.Results);

    /// <summary>Gives a frame back; one that is lost to a trap is simply collected.</summary>
    public void Return(WasmValue[] frame)
    {
        Array.Clear(frame);
        if (_frames.Count < FramesKept)
        {
            _frames.Push(frame);
        }
    }
}

/// <summary>What compiled code passes to the shim of a typed delegate.</summary>
internal sealed class HostDelegateTarget(HostDelegateStub stub, Delegate function)
{
    public readonly Delegate Function = function;

    /// <summary>Keeps the shim's code.</summary>
    public HostDelegateStub Stub { get; } = stub;
}
