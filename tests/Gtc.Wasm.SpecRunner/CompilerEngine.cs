using System.Runtime.Intrinsics;
using Gtc.Wasm.Reference;

namespace Gtc.Wasm.SpecRunner;

/// <summary>The engine that gtc runs guests with.</summary>
internal sealed class CompilerEngine : ISpecEngine, IDisposable
{
    private readonly WasmEngine _engine = new(WasmLimits.Default);
    private readonly WasmStore _store;
    private readonly TimeSpan? _deadline;
    private readonly WasmImports _host;

    /// <param name="limits">What guests may use together.</param>
    /// <param name="deadline">How long one command may take.</param>
    public CompilerEngine(StoreLimits limits, TimeSpan? deadline = null)
    {
        _store = new WasmStore(limits);
        _deadline = deadline;
        _host = new WasmImports()
            .Add("spectest", "print", Print())
            .Add("spectest", "print_i32", Print(ValueType.I32))
            .Add("spectest", "print_i64", Print(ValueType.I64))
            .Add("spectest", "print_f32", Print(ValueType.F32))
            .Add("spectest", "print_f64", Print(ValueType.F64))
            .Add("spectest", "print_i32_f32", Print(ValueType.I32, ValueType.F32))
            .Add("spectest", "print_f64_f64", Print(ValueType.F64, ValueType.F64))
            .Add("spectest", "global_i32", Global(ValueType.I32, 666))
            .Add("spectest", "global_i64", Global(ValueType.I64, 666L))
            .Add("spectest", "global_f32", Global(ValueType.F32, 666.6f))
            .Add("spectest", "global_f64", Global(ValueType.F64, 666.6))
            .Add("spectest", "table", WasmTable.Create(_store, new TableType(ValueType.FuncRef, new SizeLimits(10, 20))).Value)
            .Add("spectest", "memory", WasmMemory.Create(_store, new MemoryType(new SizeLimits(1, 2))).Value);
    }

    public SpecOutcome Instantiate(ReadOnlyMemory<byte> module, IReadOnlyDictionary<string, ISpecInstance> registered)
    {
        if (!_engine.Load(module).TryGet(out var code, out var error))
        {
            return new SpecOutcome(SpecEnding.Refused, error.ToString(), Error: error);
        }

        var imports = new WasmImports();
        foreach (var import in code.Module.Imports)
        {
            if (_host.TryFind(import.Module, import.Name, out var offer))
            {
                imports.Add(import.Module, import.Name, offer);
            }
            else if (registered.TryGetValue(import.Module, out var instance) && ((Running)instance).Instance.Find(import.Name) is { } export)
            {
                imports.Add(import.Module, import.Name, export);
            }
        }

        using var bound = _store.Bound(_deadline, TimeProvider.System, CancellationToken.None);
        if (code.Instantiate(_store, imports).TryGet(out var made, out error))
        {
            return new SpecOutcome(SpecEnding.Done, Instance: new Running(made, _deadline));
        }

        return error.Trap is { } trap ? Ended(trap) : new SpecOutcome(SpecEnding.Unlinkable, error.Message, Error: error);
    }

    public void Dispose() => _store.Dispose();

    private WasmFunction Print(params ValueType[] parameters) => WasmFunction.FromHost(_store, new FunctionType([.. parameters], []), (_, _) => { });

    private WasmGlobal Global(ValueType type, WasmValue value) => new(_store, new GlobalType(type, false), value);

    private static SpecOutcome Ended(WasmTrap trap) => new(
        trap.Kind switch
        {
            TrapKind.CallStackExhausted => SpecEnding.Exhausted,
            TrapKind.DeadlineExceeded or TrapKind.Cancelled or TrapKind.ResourceExhausted or TrapKind.HostError => SpecEnding.Stopped,
            _ => SpecEnding.Trapped,
        },
        trap.Message);

    private static WasmValue Inward(Value value, ValueType type) => type switch
    {
        ValueType.FuncRef => WasmValue.Function((WasmFunction?)value.Reference),
        ValueType.ExternRef => WasmValue.External(value.Reference),
        _ => new WasmValue(Vector128.Create(value.Low, value.High).AsByte()),
    };

    private static Value Outward(WasmValue value, ValueType type) => type.IsReference() ? Value.To(value.Reference) : Value.Of(value.V128);

    private sealed class Running(WasmInstance instance, TimeSpan? deadline) : ISpecInstance
    {
        public WasmInstance Instance { get; } = instance;

        public SpecOutcome Invoke(string field, Value[] arguments)
        {
            var function = Instance.FindFunction(field) ?? throw new InvalidDataException($"no function \"{field}\" is exported");
            var results = new WasmValue[function.Type.Results.Length];
            using var bound = Instance.Store.Bound(deadline, TimeProvider.System, CancellationToken.None);
            var trap = function.Invoke([.. arguments.Select((argument, place) => Inward(argument, function.Type.Parameters[place]))], results);
            return trap is null
                ? new SpecOutcome(SpecEnding.Done, Values: [.. results.Select((result, place) => Outward(result, function.Type.Results[place]))])
                : Ended(trap);
        }

        public SpecOutcome Get(string field)
        {
            var global = Instance.FindGlobal(field) ?? throw new InvalidDataException($"no global \"{field}\" is exported");
            return new SpecOutcome(SpecEnding.Done, Values: [Outward(global.Value, global.Type.Type)]);
        }

        public byte[] Memory(string field) => Instance.FindMemory(field) is { } memory ? memory.Span(0, (uint)memory.ByteLength).ToArray() : [];
    }
}
