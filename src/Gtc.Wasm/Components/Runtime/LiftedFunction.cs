namespace Gtc.Wasm.Components;

/// <summary>A guest's core function seen as a component function (<c>canon lift</c>).</summary>
internal sealed class LiftedFunction : ComponentFunction
{
    private readonly ComponentInstanceState _instance;
    private readonly WitFunctionType _type;
    private readonly WasmFunction _core;
    private readonly WasmFunction? _postReturn;
    private readonly AbiCall _call;
    private readonly WasmValue[] _arguments;
    private readonly WasmValue[] _results;

    public LiftedFunction(ComponentInstanceState instance, WitFunctionType type, WasmFunction core, WasmFunction? postReturn, AbiCall call)
    {
        _instance = instance;
        _type = type;
        _core = core;
        _postReturn = postReturn;
        _call = call;
        _arguments = new WasmValue[core.Type.Parameters.Length];
        _results = new WasmValue[core.Type.Results.Length];
    }

    public override void CallFromGuest(AbiCall caller, WitFunctionType type, ReadOnlySpan<WasmValue> arguments, Span<WasmValue> results)
    {
        // The caller's types name the caller's resources and this function's name its own; the values between name what exists.
        var given = type.ParametersInMemory is { } parameters ? Arguments(caller, type, ValueCodecs.Of(parameters), arguments) : null;
        var result = CallFromHost(
            _instance.Store, _type.ParametersInMemory is { } own ? ValueCodecs.Of(own) : null, _type.Result is { } ownResult ? ValueCodecs.Of(ownResult) : null, given!);
        if (type.Result is { } wanted)
        {
            Result(caller, type, ValueCodecs.Of(wanted), result!, arguments, results);
        }
    }

    public override TResult? CallFromHost<TArguments, TResult>(ComponentStore store, Codec<TArguments>? parameters, Codec<TResult>? result, TArguments arguments)
        where TResult : default
    {
        _instance.Enter();
        try
        {
            if (parameters is not null)
            {
                Write(parameters, arguments);
            }

            if (_core.Invoke(_arguments, _results) is { } trap)
            {
                throw new WasmTrapException(trap);
            }

            var value = result is null ? default : Read(result);
            EndCall();
            return value;
        }
        catch (Exception exception)
        {
            _instance.Store.Fault ??= exception is WasmTrapException trap ? trap.Trap : new WasmTrap(TrapKind.HostError, exception.Message, exception);
            throw;
        }
        finally
        {
            _instance.Leave();
        }
    }

    private void Write<T>(Codec<T> codec, T arguments)
    {
        if (!_type.ParametersSpill)
        {
            _arguments.AsSpan().Clear();
            var slots = ValueWriter.OfSlots(_call, _arguments);
            codec.Write(ref slots, arguments);
            return;
        }

        var address = _call.Allocate(codec.Alignment, codec.Type.Size);
        var writer = ValueWriter.OfMemory(_call, address, codec.Alignment, codec.Type.Size);
        codec.Write(ref writer, arguments);
        _arguments[0] = address;
    }

    private T Read<T>(Codec<T> codec)
    {
        var reader = _type.ResultSpills
            ? ValueReader.OfMemory(_call, (uint)_results[0].I32, codec.Alignment, codec.Type.Size)
            : ValueReader.OfSlots(_call, _results);
        return codec.Read(ref reader);
    }

    private void EndCall()
    {
        _call.EndLending();
        if (_call.Borrowed != 0)
        {
            throw ComponentTraps.Make($"the call ended while the guest holds {_call.Borrowed} borrowed handles; it must drop them first");
        }

        if (_postReturn is not null)
        {
            _instance.RunConfined(_postReturn, _results, []);
        }
    }
}
