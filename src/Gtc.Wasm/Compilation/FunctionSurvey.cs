namespace Gtc.Wasm;

/// <summary>What the compilation of a function depends on, found by reading its whole body once.</summary>
/// <param name="TouchesMemory">True when it loads or stores.</param>
/// <param name="Loops">True when it has a loop.</param>
/// <param name="Calls">True when it calls.</param>
/// <param name="Pushes">How many operands its instructions push, each counted once: never fewer than the slots that it needs.</param>
internal readonly record struct FunctionSurvey(bool TouchesMemory, bool Loops, bool Calls, long Pushes)
{
    public static FunctionSurvey Of(WasmModule module, FunctionBody body)
    {
        var (touches, loops, calls, pushes) = (false, false, false, 0L);
        var reader = module.Read(body);
        while (reader.Read())
        {
            touches |= reader.Shape.Immediate is Immediate.Memory or Immediate.MemoryLane;
            loops |= reader.Opcode == Opcode.Loop;
            calls |= reader.Opcode is Opcode.Call or Opcode.CallIndirect or Opcode.ReturnCall or Opcode.ReturnCallIndirect;
            pushes += reader.Opcode switch
            {
                Opcode.Call => module.TypeOf((int)reader.Index).Results.Length,
                Opcode.CallIndirect => module.Types[(int)reader.Index].Results.Length,
                Opcode.Block or Opcode.Loop or Opcode.If => reader.Block.In(module).Parameters.Length + reader.Block.In(module).Results.Length,
                _ => 1,
            };
        }

        return new FunctionSurvey(touches, loops, calls, pushes);
    }

    /// <summary>True when the frame may be larger than what is kept free below the stack limit.</summary>
    /// <param name="body">The surveyed body.</param>
    public bool MayBeLarge(FunctionBody body) => body.LocalCount + Pushes > StackCheck.ManyValues;
}
