namespace Gtc.Wasm;

/// <summary>What functions are called. Names help people to read messages; a damaged name section is no reason to refuse a module, so it just gives none.</summary>
internal sealed class FunctionNames
{
    private const byte FunctionSubsection = 1;
    private const int LongestName = 10_000;

    private readonly Dictionary<int, string> _names = [];

    private FunctionNames()
    {
    }

    public static FunctionNames Read(WasmModule module)
    {
        var names = new FunctionNames();
        foreach (var export in module.Exports)
        {
            if (export.Kind == ExternalKind.Function)
            {
                names._names.TryAdd((int)export.Index, export.Name);
            }
        }

        foreach (var section in module.CustomSections)
        {
            if (section.Name == "name")
            {
                names.TryRead(section.Bytes.Span, module.Functions.Length);
            }
        }

        return names;
    }

    public string Of(int function) => _names.TryGetValue(function, out var name) ? name : $"function {function}";

    private void TryRead(ReadOnlySpan<byte> bytes, int functions)
    {
        try
        {
            var reader = new ByteReader(bytes, 0, bytes.Length);
            while (!reader.IsAtEnd)
            {
                var kind = reader.Byte();
                var length = reader.Count(int.MaxValue, "bytes of names");
                var part = new ByteReader(bytes, reader.Position, reader.Position + length);
                reader.Take(length);
                for (var left = kind == FunctionSubsection ? part.Count(functions, "names") : 0; left > 0; left--)
                {
                    _names[(int)part.U32()] = part.Name(LongestName);
                }
            }
        }
        catch (WasmFaultException)
        {
            // The names read so far are kept.
        }
    }
}
