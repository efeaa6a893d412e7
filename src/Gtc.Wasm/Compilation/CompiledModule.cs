namespace Gtc.Wasm;

/// <summary>The code of a module: one static method per function. The runtime makes machine code of each when it is first called.</summary>
internal sealed unsafe class CompiledModule(WasmModule module, Type? code)
{
    /// <summary>How many functions one filler method gives the entries of.</summary>
    public const int FillerSize = 128;

    private readonly nint[] _entries = new nint[module.Code.Length];
    private readonly Lock _gate = new();

    /// <summary>The address to call a function at, which the module defines.</summary>
    /// <param name="function">An index into <see cref="WasmModule.Functions"/>.</param>
    public nint EntryOf(int function)
    {
        var own = function - module.ImportedFunctions;
        return Volatile.Read(ref _entries[own]) is not 0 and var entry ? entry : Fill(own);
    }

    // Asking the runtime for addresses one by one is slow; a filler gives those of its neighbours as well.
    private nint Fill(int own)
    {
        lock (_gate)
        {
            var number = own / FillerSize;
            var filler = EmittedAssembly.Address(code!, FillerName(number));
            var entries = stackalloc nint[FillerSize];
            ((delegate*<nint*, void>)filler)(entries);
            var first = number * FillerSize;
            for (var place = 0; place < FillerSize && first + place < _entries.Length; place++)
            {
                Volatile.Write(ref _entries[first + place], entries[place]);
            }

            return _entries[own];
        }
    }

    public static string FillerName(int number) => $"entries-{number}";
}
