using System.Collections.Immutable;
using System.Globalization;

namespace Gtc.Wasm.Components;

/// <summary>
/// The two core modules that untie a knot: lowering an import needs the memory of the module that calls it, and that module needs its imports to exist. The first module
/// gives functions that call through a table; the second one fills the table when the real ones are there.
/// </summary>
internal static class ImportModules
{
    /// <summary>The table, by the name under which it is passed on.</summary>
    public const string Table = "$imports";

    private static readonly byte[] Preamble = [0, (byte)'a', (byte)'s', (byte)'m', 1, 0, 0, 0];

    /// <summary>The name of an import's function.</summary>
    public static string Name(int index) => index.ToString(CultureInfo.InvariantCulture);

    /// <summary>Exports one function per type, and the table that they call through.</summary>
    public static byte[] Calling(ImmutableArray<FunctionType> types)
    {
        var exports = new WasmBytes().Number(types.Length + 1);
        var code = new WasmBytes().Number(types.Length);
        for (var i = 0; i < types.Length; i++)
        {
            exports.Name(Name(i)).Add(0).Number(i);
            var body = new WasmBytes().Number(0);
            for (var parameter = 0; parameter < types[i].Parameters.Length; parameter++)
            {
                body.Add(0x20).Number(parameter);
            }

            body.Add(0x41).Signed(i).Add(0x11).Number(i).Add(0, 0x0B);
            code.Number(body.Length).Append(body);
        }

        return new WasmBytes().Add(Preamble)
            .Section(1, Types(types))
            .Section(3, Indices(types.Length))
            .Section(4, new WasmBytes().Number(1).Append(TableType(types.Length)))
            .Section(7, exports.Name(Table).Add(1).Number(0))
            .Section(10, code)
            .ToArray();
    }

    /// <summary>Imports the table and one function per type, and puts them into it.</summary>
    public static byte[] Filling(ImmutableArray<FunctionType> types)
    {
        var imports = new WasmBytes().Number(types.Length + 1);
        for (var i = 0; i < types.Length; i++)
        {
            imports.Name("").Name(Name(i)).Add(0).Number(i);
        }

        return new WasmBytes().Add(Preamble)
            .Section(1, Types(types))
            .Section(2, imports.Name("").Name(Table).Add(1).Append(TableType(types.Length)))
            .Section(9, new WasmBytes().Number(1).Add(0, 0x41, 0, 0x0B).Append(Indices(types.Length)))
            .ToArray();
    }

    private static WasmBytes TableType(int size) => new WasmBytes().Add(0x70, 1).Number(size).Number(size);

    private static WasmBytes Types(ImmutableArray<FunctionType> types)
    {
        var written = new WasmBytes().Number(types.Length);
        foreach (var type in types)
        {
            Values(written.Add(0x60), type.Parameters);
            Values(written, type.Results);
        }

        return written;
    }

    private static void Values(WasmBytes written, ImmutableArray<ValueType> values)
    {
        written.Number(values.Length);
        foreach (var value in values)
        {
            written.Add((byte)value);
        }
    }

    // A list that counts: function i has type i, slot i holds function i.
    private static WasmBytes Indices(int count)
    {
        var indices = new WasmBytes().Number(count);
        for (var i = 0; i < count; i++)
        {
            indices.Number(i);
        }

        return indices;
    }
}
