using System.Reflection.Emit;

namespace Gtc.Wasm;

/// <summary>
/// The check at the start of functions that there is stack left. The address of a local stands for the stack pointer. An interruption raises the limit, so that it is
/// noticed here too.
/// </summary>
internal static class StackCheck
{
    /// <summary>Functions with fewer values have frames that fit in what is kept free below the limit, whatever the JIT needs beside them.</summary>
    public const int ManyValues = 4_096;

    private const long BytesPerValue = 16;
    private const long BytesBeside = 64 << 10;

    /// <summary>What a large frame needs above the limit.</summary>
    /// <param name="values">The locals of the compiled function.</param>
    public static long BytesFor(int values) => (values * BytesPerValue) + BytesBeside;

    /// <summary>Emits the check.</summary>
    /// <param name="il">Where to.</param>
    /// <param name="tokens">The module's tokens.</param>
    /// <param name="instance">The argument that is the instance.</param>
    /// <param name="extra">Bytes that must be free above the limit.</param>
    public static void Emit(ILGenerator il, Tokens tokens, int instance, long extra)
    {
        var here = il.DeclareLocal(typeof(int));
        var go = il.DefineLabel();
        il.Emit(OpCodes.Ldloca, here);
        il.Emit(OpCodes.Conv_U);
        GuestLocals.LoadArgument(il, instance);
        tokens.Field(il, OpCodes.Ldfld, Operations.InstanceStore);

        // The JIT makes a loop of a function that tail-calls itself; there the limit must be read each time.
        il.Emit(OpCodes.Volatile);
        tokens.Field(il, OpCodes.Ldfld, Operations.StoreStackLimit);
        if (extra > 0)
        {
            il.Emit(OpCodes.Ldc_I8, extra);
            tokens.Call(il, Operations.Stub(nameof(StubOperations.Above)));
        }

        il.Emit(OpCodes.Bge_Un, go);
        GuestLocals.LoadArgument(il, instance);
        tokens.Call(il, Operations.Trap(nameof(Traps.Stopped)));
        il.Emit(OpCodes.Ldnull);
        il.Emit(OpCodes.Throw);
        il.MarkLabel(go);
    }
}
