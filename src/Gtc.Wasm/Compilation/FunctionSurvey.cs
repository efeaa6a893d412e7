namespace Gtc.Wasm;

/// <summary>What the start of a compiled function depends on, found by reading the whole body once.</summary>
internal readonly record struct FunctionSurvey(bool TouchesMemory, bool Loops, bool Calls)
{
    public static FunctionSurvey Of(WasmModule module, FunctionBody body)
    {
        var (touches, loops, calls) = (false, false, false);
        var reader = module.Read(body);
        while (reader.Read())
        {
            touches |= reader.Shape.Immediate is Immediate.Memory or Immediate.MemoryLane;
            loops |= reader.Opcode == Opcode.Loop;
            calls |= reader.Opcode is Opcode.Call or Opcode.CallIndirect or Opcode.ReturnCall or Opcode.ReturnCallIndirect;
        }

        return new FunctionSurvey(touches, loops, calls);
    }
}
