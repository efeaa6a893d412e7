namespace Gtc.Wasm.Tests.Components;

/// <summary>Small core modules that test components are made of.</summary>
internal static class CoreModules
{
    public const int ReturnArea = 4096;

    private static readonly byte[] Preamble = [0, (byte)'a', (byte)'s', (byte)'m', 1, 0, 0, 0];

    /// <summary>A memory of 64 pages and an allocator that only moves on; exports memory, realloc and reset.</summary>
    public static byte[] Allocator() => new Bytes()
        .Add(Preamble)
        .Section(1, new Bytes().Number(2).Add(0x60, 4, 0x7F, 0x7F, 0x7F, 0x7F, 1, 0x7F).Add(0x60, 0, 0))
        .Section(3, new Bytes().Number(2).Add(0, 1))
        .Section(5, new Bytes().Number(1).Add(0).Number(64))
        .Section(6, new Bytes().Number(1).Add(0x7F, 1, 0x41).Signed(65536).Add(0x0B))
        .Section(7, new Bytes().Number(3).Name("memory").Add(2, 0).Name("realloc").Add(0, 0).Name("reset").Add(0, 1))
        .Section(10, new Bytes().Number(2).Append(Body(new Bytes()
            .Number(1).Number(1).Add(0x7F)
            .Add(0x23, 0, 0x20, 2, 0x6A, 0x41, 1, 0x6B, 0x41, 0, 0x20, 2, 0x6B, 0x71, 0x22, 4, 0x20, 3, 0x6A, 0x24, 0, 0x20, 4))).Append(Body(new Bytes()
            .Number(0).Add(0x41).Signed(65536).Add(0x24, 0))))
        .ToArray();

    /// <summary>
    /// Exports <c>run</c>, which calls the import <c>host</c> <c>f</c> with its own arguments. Where the result travels through memory, the import gets
    /// one more argument: the place that <c>run</c> then returns.
    /// </summary>
    public static byte[] Forward(FunctionType import, FunctionType export)
    {
        var through = import.Parameters.Length > export.Parameters.Length;
        var body = new Bytes().Number(0);
        for (var i = 0; i < export.Parameters.Length; i++)
        {
            body.Add(0x20).Number(i);
        }

        if (through)
        {
            body.Add(0x41).Signed(ReturnArea);
        }

        body.Add(0x10, 0);
        if (through)
        {
            body.Add(0x41).Signed(ReturnArea);
        }

        return Module(import, export, body);
    }

    /// <summary>A module that imports <c>host</c> <c>f</c> and exports <c>run</c> with the given code, without its end.</summary>
    public static byte[] Module(FunctionType import, FunctionType export, Bytes code) => new Bytes()
        .Add(Preamble)
        .Section(1, new Bytes().Number(2).Append(Type(import)).Append(Type(export)))
        .Section(2, new Bytes().Number(1).Name("host").Name("f").Add(0, 0))
        .Section(3, new Bytes().Number(1).Add(1))
        .Section(7, new Bytes().Number(1).Name("run").Add(0, 1))
        .Section(10, new Bytes().Number(1).Append(Body(code)))
        .ToArray();

    private static Bytes Type(FunctionType type)
    {
        var bytes = new Bytes().Add(0x60).Number(type.Parameters.Length);
        foreach (var parameter in type.Parameters)
        {
            bytes.Add((byte)parameter);
        }

        bytes.Number(type.Results.Length);
        foreach (var result in type.Results)
        {
            bytes.Add((byte)result);
        }

        return bytes;
    }

    private static Bytes Body(Bytes code)
    {
        var all = code.Add(0x0B).ToArray();
        return new Bytes().Number(all.Length).Add(all);
    }
}
