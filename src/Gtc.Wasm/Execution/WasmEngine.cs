using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace Gtc.Wasm;

/// <summary>Turns modules into code that can be instantiated. Code is kept by the digest of its module for as long as somebody uses it. Thread-safe.</summary>
public sealed class WasmEngine
{
    private readonly ConcurrentDictionary<string, WeakReference<WasmCode>> _codes = new(StringComparer.Ordinal);

    /// <summary>An engine.</summary>
    /// <param name="limits">How large modules may be.</param>
    public WasmEngine(WasmLimits limits)
    {
        ArgumentNullException.ThrowIfNull(limits);
        Limits = limits;
    }

    /// <summary>How large modules may be.</summary>
    public WasmLimits Limits { get; }

    /// <summary>Decodes, validates and compiles a module, or finds the code of one with the same bytes. The bytes must not change afterwards.</summary>
    /// <returns>The code, or why the bytes are no valid module.</returns>
    public WasmResult<WasmCode> Load(ReadOnlyMemory<byte> bytes)
    {
        var digest = Convert.ToHexString(SHA256.HashData(bytes.Span));
        if (_codes.TryGetValue(digest, out var known) && known.TryGetTarget(out var code))
        {
            return code;
        }

        if (!WasmModule.Load(bytes, Limits).TryGet(out var module, out var error))
        {
            return error;
        }

        code = Compile(module);
        _codes[digest] = new WeakReference<WasmCode>(code);
        Forget();
        return code;
    }

    /// <summary>Compiles a validated module. Machine code is made function by function, when each is first called.</summary>
    /// <param name="module">A module that <see cref="WasmModule.Validate"/> found valid; compiled code of any other has no defined behaviour.</param>
    public static WasmCode Compile(WasmModule module)
    {
        ArgumentNullException.ThrowIfNull(module);
        return new WasmCode(module);
    }

    private void Forget()
    {
        foreach (var (digest, code) in _codes)
        {
            if (!code.TryGetTarget(out _))
            {
                _codes.TryRemove(new KeyValuePair<string, WeakReference<WasmCode>>(digest, code));
            }
        }
    }
}
