using Gtc.Wasm.Reference;

namespace Gtc.Wasm.SpecRunner;

/// <summary>The interpreter that the compiler is compared with.</summary>
internal sealed class ReferenceEngine : ISpecEngine
{
    private readonly StepCounter _steps;
    private readonly Dictionary<string, object> _host;

    public ReferenceEngine(StepCounter steps)
    {
        _steps = steps;
        _host = new(StringComparer.Ordinal)
        {
            ["print"] = Print(),
            ["print_i32"] = Print(ValueType.I32),
            ["print_i64"] = Print(ValueType.I64),
            ["print_f32"] = Print(ValueType.F32),
            ["print_f64"] = Print(ValueType.F64),
            ["print_i32_f32"] = Print(ValueType.I32, ValueType.F32),
            ["print_f64_f64"] = Print(ValueType.F64, ValueType.F64),
            ["global_i32"] = new ReferenceGlobal(new GlobalType(ValueType.I32, false), Value.Of(666)),
            ["global_i64"] = new ReferenceGlobal(new GlobalType(ValueType.I64, false), Value.Of(666L)),
            ["global_f32"] = new ReferenceGlobal(new GlobalType(ValueType.F32, false), Value.Of(666.6f)),
            ["global_f64"] = new ReferenceGlobal(new GlobalType(ValueType.F64, false), Value.Of(666.6)),
            ["table"] = new ReferenceTable(new TableType(ValueType.FuncRef, new SizeLimits(10, 20))),
            ["memory"] = new ReferenceMemory(new MemoryType(new SizeLimits(1, 2))),
        };
    }

    public SpecOutcome Instantiate(ReadOnlyMemory<byte> module, IReadOnlyDictionary<string, ISpecInstance> registered)
    {
        if (!WasmModule.Load(module, WasmLimits.Default).TryGet(out var loaded, out var error))
        {
            return new SpecOutcome(SpecEnding.Refused, error.ToString(), Error: error);
        }

        return Guard(() => new SpecOutcome(SpecEnding.Done, Instance: new Running(new ReferenceInstance(loaded, import => Find(import, registered), _steps))));
    }

    private object? Find(Import import, IReadOnlyDictionary<string, ISpecInstance> registered) =>
        import.Module == "spectest" ? _host.GetValueOrDefault(import.Name)
        : registered.TryGetValue(import.Module, out var instance) ? ((Running)instance).Instance.Export(import.Name)
        : null;

    private static ReferenceHostFunction Print(params ValueType[] parameters) => new(new FunctionType([.. parameters], []), _ => []);

    private static SpecOutcome Guard(Func<SpecOutcome> action)
    {
        try
        {
            return action();
        }
        catch (LinkException unlinkable)
        {
            return new SpecOutcome(SpecEnding.Unlinkable, unlinkable.Message);
        }
        catch (TrapException trap)
        {
            return new SpecOutcome(trap.Message == "call stack exhausted" ? SpecEnding.Exhausted : SpecEnding.Trapped, trap.Message);
        }
        catch (StepsExhaustedException stopped)
        {
            return new SpecOutcome(SpecEnding.Stopped, stopped.Message);
        }
    }

    private sealed class Running(ReferenceInstance instance) : ISpecInstance
    {
        public ReferenceInstance Instance { get; } = instance;

        public SpecOutcome Invoke(string field, Value[] arguments) => Instance.Export(field) is ReferenceFunction function
            ? Guard(() => new SpecOutcome(SpecEnding.Done, Values: function.Invoke(arguments)))
            : throw new InvalidDataException($"no function \"{field}\" is exported");

        public SpecOutcome Get(string field) => Instance.Export(field) is ReferenceGlobal global
            ? new SpecOutcome(SpecEnding.Done, Values: [global.Current])
            : throw new InvalidDataException($"no global \"{field}\" is exported");

        public byte[] Memory(string field) => Instance.Export(field) is ReferenceMemory memory ? [.. memory.Bytes] : [];
    }
}
