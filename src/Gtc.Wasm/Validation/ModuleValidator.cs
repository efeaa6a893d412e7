namespace Gtc.Wasm;

/// <summary>Checks every rule of validation (core specification 2.0, section 3.4). The first one that is broken ends it.</summary>
internal sealed class ModuleValidator
{
    private readonly WasmModule _module;
    private readonly FunctionTyping _typing;

    public ModuleValidator(WasmModule module, WasmLimits limits)
    {
        _module = module;
        _typing = new FunctionTyping(module, limits);
    }

    public void Validate()
    {
        CheckFunctions();
        CheckSizes();
        CheckGlobals();
        CheckExports();
        CheckStart();
        CheckElements();
        CheckData();
        for (var function = _module.ImportedFunctions; function < _module.Functions.Length; function++)
        {
            CheckCode(function);
        }
    }

    private void CheckCode(int function)
    {
        var body = _module.Code[function - _module.ImportedFunctions];
        _typing.Enter(function);
        var instructions = _module.Read(body);
        while (instructions.Read())
        {
            _typing.Apply(in instructions);
        }

        if (!_typing.Frames.IsEmpty)
        {
            throw WasmFaultException.Malformed(body.Offset + body.Length, "END opcode expected at the end of the function");
        }
    }

    private void CheckFunctions()
    {
        foreach (var type in _module.Functions)
        {
            if (type >= (uint)_module.Types.Length)
            {
                throw Broken($"unknown type {type}");
            }
        }
    }

    private void CheckSizes()
    {
        foreach (var table in _module.Tables)
        {
            CheckSize(table.Size, "table");
        }

        foreach (var memory in _module.Memories)
        {
            if (Math.Max(memory.Size.Minimum, memory.Size.Maximum ?? 0) > MemoryType.MostPages)
            {
                throw Broken($"memory size must be at most 65536 pages (4GiB), found {memory.Size}");
            }

            CheckSize(memory.Size, "memory");
        }

        if (_module.Memories.Length > 1)
        {
            throw Broken($"multiple memories: {_module.Memories.Length}; a module has one at most");
        }
    }

    private static void CheckSize(SizeLimits size, string what)
    {
        if (size.Minimum > size.Maximum)
        {
            throw Broken($"size minimum must not be greater than maximum: a {what} of {size}");
        }
    }

    private void CheckGlobals()
    {
        for (var global = 0; global < _module.GlobalValues.Length; global++)
        {
            CheckConstant(_module.GlobalValues[global], _module.Globals[_module.ImportedGlobals + global].Type);
        }
    }

    private void CheckExports()
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var export in _module.Exports)
        {
            var (count, what) = export.Kind switch
            {
                ExternalKind.Function => (_module.Functions.Length, "function"),
                ExternalKind.Table => (_module.Tables.Length, "table"),
                ExternalKind.Memory => (_module.Memories.Length, "memory"),
                _ => (_module.Globals.Length, "global"),
            };
            if (export.Index >= (uint)count)
            {
                throw Broken($"unknown {what} {export.Index} in export \"{export.Name}\"");
            }

            if (!names.Add(export.Name))
            {
                throw Broken($"duplicate export name \"{export.Name}\"");
            }
        }
    }

    private void CheckStart()
    {
        if (_module.Start is not { } start)
        {
            return;
        }

        CheckFunction(start);
        if (!_module.TypeOf((int)start).Equals(FunctionType.Empty))
        {
            throw Broken($"start function: it takes and gives nothing, found {_module.TypeOf((int)start)}");
        }
    }

    private void CheckElements()
    {
        foreach (var segment in _module.Elements)
        {
            if (segment.Mode == SegmentMode.Active)
            {
                CheckPlace(segment);
            }

            if (segment.Functions.IsDefault)
            {
                foreach (var expression in segment.Expressions)
                {
                    CheckConstant(expression, segment.Type);
                }
            }
            else
            {
                foreach (var function in segment.Functions)
                {
                    CheckFunction(function);
                }
            }
        }
    }

    private void CheckPlace(ElementSegment segment)
    {
        if (segment.Table >= (uint)_module.Tables.Length)
        {
            throw WasmFaultException.Invalid(segment.Offset, $"unknown table {segment.Table}");
        }

        var element = _module.Tables[(int)segment.Table].Element;
        if (element != segment.Type)
        {
            throw WasmFaultException.Invalid(segment.Offset, $"type mismatch: {segment.Type.Name()} elements for a table of {element.Name()}");
        }

        CheckConstant(segment.Place, ValueType.I32);
    }

    private void CheckData()
    {
        foreach (var segment in _module.Data)
        {
            if (segment.Mode != SegmentMode.Active)
            {
                continue;
            }

            if (segment.Memory >= (uint)_module.Memories.Length)
            {
                throw WasmFaultException.Invalid(segment.Offset, $"unknown memory {segment.Memory}");
            }

            CheckConstant(segment.Place, ValueType.I32);
        }
    }

    private void CheckFunction(uint function)
    {
        if (function >= (uint)_module.Functions.Length)
        {
            throw Broken($"unknown function {function}");
        }
    }

    private void CheckConstant(ConstantExpression expression, ValueType type)
    {
        _typing.EnterExpression(type);
        var instructions = _module.Read(expression);
        while (instructions.Read())
        {
            CheckIsConstant(in instructions);
            _typing.Apply(in instructions);
        }
    }

    // The sums and products are those of the extended constant expressions.
    private void CheckIsConstant(in InstructionReader instruction)
    {
        switch (instruction.Opcode)
        {
            case Opcode.I32Const or Opcode.I64Const or Opcode.F32Const or Opcode.F64Const or Opcode.V128Const:
            case Opcode.I32Add or Opcode.I32Sub or Opcode.I32Mul or Opcode.I64Add or Opcode.I64Sub or Opcode.I64Mul:
            case Opcode.RefNull or Opcode.RefFunc or Opcode.End:
                return;
            case Opcode.GlobalGet when instruction.Index >= (uint)_module.ImportedGlobals:
                throw WasmFaultException.Invalid(instruction.Offset, $"unknown global {instruction.Index}: an expression may read imported globals only");
            case Opcode.GlobalGet when !_module.Globals[(int)instruction.Index].IsMutable:
                return;
            default:
                throw WasmFaultException.Invalid(instruction.Offset, $"constant expression required, found {instruction.Shape.Name}");
        }
    }

    private static WasmFaultException Broken(string message) => WasmFaultException.Invalid(-1, message);
}
