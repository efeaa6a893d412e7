using System.Collections.Immutable;

namespace Gtc.Wasm.Components;

/// <summary>A component value type with its canonical ABI layout (CanonicalABI.md: alignment, element size, flattening).</summary>
public abstract partial class WitType : TypeEntity
{
    /// <summary>Parameters with more flat slots than this travel through memory.</summary>
    internal const int MostFlatParameters = 16;

    private protected WitType(uint size, uint alignment, ImmutableArray<ValueType> flat, int nodes, int depth, bool hasBorrow)
    {
        if (nodes > ComponentLimits.TypeNodes || depth > ComponentLimits.TypeDepth)
        {
            throw WasmFaultException.TooLarge(
                -1, $"a type is made of at most {ComponentLimits.TypeNodes} parts, {ComponentLimits.TypeDepth} deep; this one has {nodes} parts, {depth} deep");
        }

        Size = size;
        Alignment = alignment;
        Flat = flat;
        Nodes = nodes;
        Depth = depth;
        HasBorrow = hasBorrow;
    }

    /// <summary>Bytes one value takes in memory.</summary>
    public uint Size { get; }

    /// <summary>Alignment in memory, a power of two, in bytes.</summary>
    public uint Alignment { get; }

    /// <summary>The flat slots, or default when there are more than <see cref="MostFlatParameters"/> (nothing that large is ever passed flat).</summary>
    internal ImmutableArray<ValueType> Flat { get; }

    /// <summary>Number of flat slots; one more than the most that are passed flat when there are too many.</summary>
    internal int FlatCount => Flat.IsDefault ? MostFlatParameters + 1 : Flat.Length;

    internal int Nodes { get; }

    internal int Depth { get; }

    /// <summary>True when a borrowed handle is somewhere inside, which results may not have.</summary>
    internal bool HasBorrow { get; }

    /// <summary>True when a string or list is somewhere inside, which live in memory even where the value itself does not.</summary>
    internal virtual bool HasPointers => false;

    internal static uint Align(uint offset, uint alignment) => (offset + alignment - 1) & ~(alignment - 1);

    /// <summary>Joins flat slots one after the other; default when there are too many.</summary>
    internal static ImmutableArray<ValueType> Concatenate(IEnumerable<WitType> types)
    {
        var flat = ImmutableArray.CreateBuilder<ValueType>();
        foreach (var type in types)
        {
            if (type.Flat.IsDefault || flat.Count + type.Flat.Length > MostFlatParameters)
            {
                return default;
            }

            flat.AddRange(type.Flat);
        }

        return flat.ToImmutable();
    }
}
