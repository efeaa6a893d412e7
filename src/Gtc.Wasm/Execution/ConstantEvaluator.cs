namespace Gtc.Wasm;

/// <summary>Values of constant expressions of a validated module, the extended ones that add, subtract and multiply integers among them.</summary>
internal static class ConstantEvaluator
{
    public static WasmValue Evaluate(InstanceState instance, ConstantExpression expression)
    {
        var stack = new Stack<WasmValue>();
        var reader = instance.Code.Module.Read(expression);
        while (reader.Read() && reader.Opcode != Opcode.End)
        {
            stack.Push(reader.Opcode switch
            {
                Opcode.I32Const or Opcode.F32Const => new WasmValue((int)reader.Constant),
                Opcode.I64Const or Opcode.F64Const => new WasmValue(reader.Constant),
                Opcode.V128Const => new WasmValue(reader.Vector),
                Opcode.RefFunc => WasmValue.Function(instance.FunctionAt((int)reader.Index)),
                Opcode.GlobalGet => instance.Globals[reader.Index].Value,
                Opcode.RefNull => WasmValue.Null,
                _ => Combine(reader.Opcode, stack.Pop(), stack.Pop()),
            });
        }

        return stack.Pop();
    }

    private static WasmValue Combine(Opcode opcode, WasmValue right, WasmValue left) => opcode switch
    {
        Opcode.I32Add => left.I32 + right.I32,
        Opcode.I32Sub => left.I32 - right.I32,
        Opcode.I32Mul => left.I32 * right.I32,
        Opcode.I64Add => left.I64 + right.I64,
        Opcode.I64Sub => left.I64 - right.I64,
        _ => left.I64 * right.I64,
    };
}
