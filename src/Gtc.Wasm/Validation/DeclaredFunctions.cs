namespace Gtc.Wasm;

/// <summary>The functions that code may take references to: those that stand outside of code, in exports, element segments and globals.</summary>
internal static class DeclaredFunctions
{
    public static HashSet<uint> Of(WasmModule module)
    {
        var declared = new HashSet<uint>();
        foreach (var export in module.Exports)
        {
            if (export.Kind == ExternalKind.Function)
            {
                declared.Add(export.Index);
            }
        }

        foreach (var value in module.GlobalValues)
        {
            Add(declared, module, value);
        }

        foreach (var segment in module.Elements)
        {
            if (segment.Functions.IsDefault)
            {
                foreach (var expression in segment.Expressions)
                {
                    Add(declared, module, expression);
                }
            }
            else
            {
                declared.UnionWith(segment.Functions);
            }
        }

        return declared;
    }

    private static void Add(HashSet<uint> declared, WasmModule module, ConstantExpression expression)
    {
        var instructions = module.Read(expression);
        while (instructions.Read())
        {
            if (instructions.Opcode == Opcode.RefFunc)
            {
                declared.Add(instructions.Index);
            }
        }
    }
}
