namespace Gtc.Wasm;

/// <summary>Values of constant expressions of a validated module.</summary>
internal static class ConstantEvaluator
{
    public static WasmValue Evaluate(InstanceState instance, ConstantExpression expression)
    {
        var reader = instance.Code.Module.Read(expression);
        reader.Read();
        return reader.Opcode switch
        {
            Opcode.I32Const or Opcode.F32Const => new WasmValue((int)reader.Constant),
            Opcode.I64Const or Opcode.F64Const => new WasmValue(reader.Constant),
            Opcode.V128Const => new WasmValue(reader.Vector),
            Opcode.RefFunc => WasmValue.Function(instance.FunctionAt((int)reader.Index)),
            Opcode.GlobalGet => instance.Globals[reader.Index].Value,
            _ => WasmValue.Null,
        };
    }
}
