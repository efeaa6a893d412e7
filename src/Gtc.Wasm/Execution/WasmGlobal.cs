using System.Runtime.Intrinsics;

namespace Gtc.Wasm;

/// <summary>A global variable or constant.</summary>
public sealed class WasmGlobal : WasmExternal
{
    // Compiled code reads and writes the one that the type says.
    internal Vector128<byte> Bits;
    internal object? Reference;

    /// <summary>Makes a global.</summary>
    /// <exception cref="ArgumentException">The value is a reference that does not have the type or belongs to another store.</exception>
    public WasmGlobal(WasmStore store, GlobalType type, WasmValue value)
        : base(store)
    {
        ArgumentNullException.ThrowIfNull(store);
        Type = type;
        Assign(value);
    }

    /// <inheritdoc/>
    public override ExternalKind Kind => ExternalKind.Global;

    /// <summary>Its type.</summary>
    public GlobalType Type { get; }

    /// <summary>Its value.</summary>
    /// <exception cref="InvalidOperationException">Set, and it is a constant.</exception>
    /// <exception cref="ArgumentException">Set to a reference that does not have the type or belongs to another store.</exception>
    public WasmValue Value
    {
        get => Type.Type.IsReference() ? WasmValue.External(Reference) : new WasmValue(Bits);
        set
        {
            if (!Type.IsMutable)
            {
                throw new InvalidOperationException("The global is a constant.");
            }

            Assign(value);
        }
    }

    private void Assign(WasmValue value)
    {
        Bits = value.V128;
        Reference = Type.Type.IsReference() ? Boundary.Check(value.Reference, Type.Type, Store) : null;
    }
}
