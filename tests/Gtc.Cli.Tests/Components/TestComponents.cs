using Gtc.Wasm;
using Gtc.Wasm.Tests.Components;

namespace Gtc.Cli.Tests.Components;

/// <summary>WebAssembly for tests.</summary>
internal static class TestComponents
{
    /// <summary>A component that exports an interface with one function without parameters and imports another one; a custom section besides.</summary>
    public static byte[] With(string export, string function, string? import = null, string imported = "hush")
    {
        var writer = new ComponentWriter();
        if (import is not null)
        {
            // An instance type with one function, which takes and gives nothing.
            writer.ImportInstance(import, writer.Type(new Bytes().Add(0x42, 2, 1, 0x40, 0, 1, 0, 4, 0).Name(imported).Add(1, 0)));
        }

        var core = writer.CoreFunction(writer.InstantiateCore(writer.CoreModule(CoreModules.Allocator())), "reset");
        var lifted = writer.Lift(core, new Bytes().Number(0), writer.Function([], null));
        writer.Export(export, 5, writer.Bundle((function, (byte)1, lifted)));
        return writer.Section(0, new Bytes().Name("producers").Add(1, 2, 3)).ToArray();
    }

    /// <summary>A core module that imports <c>host</c> <c>f</c> and exports <c>run</c>.</summary>
    public static byte[] CoreModule() => CoreModules.Module(
        new FunctionType([Wasm.ValueType.I32], []), new FunctionType([], [Wasm.ValueType.I64]), new Bytes().Number(0).Add(0x42, 7));
}
