namespace Gtc.Wasm.Components;

/// <summary>What a host function knows of the call: whose it is and when to give up.</summary>
public readonly struct HostCall
{
    private readonly AbiCall _call;

    internal HostCall(AbiCall call)
    {
        _call = call;
    }

    /// <summary>Cancelled when the caller gives up or the call's time is over. A function that waits must watch it.</summary>
    public CancellationToken Cancellation => _call.Instance.Store.Cancellation();

    /// <summary>Whose time bounds the call.</summary>
    public TimeProvider Time => _call.Instance.Store.Options.Time;

    /// <summary>Finds an object that was given to the instance (<see cref="ComponentOptions.State"/>).</summary>
    /// <exception cref="InvalidOperationException">There is none; the guest is stopped with that reason.</exception>
    public T Get<T>()
        where T : class
    {
        foreach (var state in _call.Instance.Store.Options.State)
        {
            if (state is T found)
            {
                return found;
            }
        }

        throw new InvalidOperationException($"The instance was made without a {typeof(T).Name}, which this import needs.");
    }

    /// <summary>Ends the call when its caller has given up or its time is over.</summary>
    /// <exception cref="WasmTrapException">It is.</exception>
    public void ThrowIfOver()
    {
        if (Cancellation.IsCancellationRequested)
        {
            throw new WasmTrapException(_call.Instance.Store.WhyOver());
        }
    }

    /// <summary>Stops the guest.</summary>
    public static WasmTrapException Trap(string reason) => ComponentTraps.Make(reason);
}

/// <summary>A host function over values of any type.</summary>
/// <param name="call">The call.</param>
/// <param name="arguments">One value per parameter.</param>
/// <returns>The result, or null when the function has none.</returns>
public delegate ComponentValue? HostHandler(HostCall call, ReadOnlySpan<ComponentValue> arguments);

/// <summary>A function of the host, with the codecs of its arguments and result.</summary>
internal sealed class HostComponentFunction<TArguments, TResult>(
    Codec<TArguments>? parameters, Codec<TResult>? result, Func<HostCall, TArguments?, TResult?> body) : ComponentFunction
{
    private readonly bool _handles = CarriesHandles(parameters?.Type) || CarriesHandles(result?.Type);

    public override void CallFromGuest(AbiCall caller, WitFunctionType type, ReadOnlySpan<WasmValue> arguments, Span<WasmValue> results)
    {
        var given = parameters is null ? default : Arguments(caller, type, parameters, arguments);
        var value = body(new HostCall(caller), given);
        if (result is not null)
        {
            Result(caller, type, result, value!, arguments, results);
        }
    }

    /// <summary>
    /// A component may export what it imports. The values go through memory of the host's own, because the two sides may see them as different C# types.
    /// Handles do not: each side would have its own table of them.
    /// </summary>
    public override TOther? CallFromHost<TOthers, TOther>(ComponentStore store, Codec<TOthers>? otherParameters, Codec<TOther>? otherResult, TOthers arguments)
        where TOther : default
    {
        if (_handles)
        {
            throw ComponentTraps.Make("the component exports one of its imports, and resources go through it; the host calls its own function directly instead");
        }

        var outside = store.Outside;
        outside.Enter();
        try
        {
            var call = new AbiCall(outside, StringEncoding.Utf8, new HostMemory());
            var given = parameters is null ? default : Pass(call, otherParameters!, arguments, parameters);
            var value = Run(call, given);
            return result is null ? default : Pass(call, result, value!, otherResult!);
        }
        finally
        {
            outside.Leave();
        }
    }

    private static bool CarriesHandles(WitType? type) => type switch
    {
        WitType.Handle => true,
        WitType.List list => CarriesHandles(list.Element),
        WitType.Product product => product.Parts.Any(CarriesHandles),
        WitType.Sum sum => sum.Payloads.Any(CarriesHandles),
        _ => false,
    };

    private static TTo Pass<TFrom, TTo>(AbiCall call, Codec<TFrom> from, TFrom value, Codec<TTo> to)
    {
        var address = call.Allocate(from.Alignment, from.Type.Size);
        var writer = ValueWriter.OfMemory(call, address, from.Alignment, from.Type.Size);
        from.Write(ref writer, value);
        var reader = ValueReader.OfMemory(call, address, to.Alignment, to.Type.Size);
        return to.Read(ref reader);
    }

    // Called by a guest, what it throws stops that guest; so it does here.
    private TResult? Run(AbiCall call, TArguments? given)
    {
        try
        {
            return body(new HostCall(call), given);
        }
        catch (Exception exception)
        {
            var trap = exception is WasmTrapException thrown ? thrown.Trap : new WasmTrap(TrapKind.HostError, $"host function failed: {exception.Message}", exception);
            call.Instance.Store.Fault ??= trap;
            throw exception is WasmTrapException ? exception : new WasmTrapException(trap);
        }
    }
}
