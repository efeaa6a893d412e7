using System.Collections.Immutable;

namespace Gtc.Wasm.Components;

/// <content>Types without parts: primitives, flags, enums and handles.</content>
public abstract partial class WitType
{
    private static readonly ImmutableArray<ValueType> OneInt = [ValueType.I32];

    /// <summary>A truth value, one byte.</summary>
    public static WitType Bool { get; } = new Primitive(PrimitiveKind.Bool, 1, ValueType.I32);

    /// <summary>Signed, 8 bits.</summary>
    public static WitType S8 { get; } = new Primitive(PrimitiveKind.S8, 1, ValueType.I32);

    /// <summary>Unsigned, 8 bits.</summary>
    public static WitType U8 { get; } = new Primitive(PrimitiveKind.U8, 1, ValueType.I32);

    /// <summary>Signed, 16 bits.</summary>
    public static WitType S16 { get; } = new Primitive(PrimitiveKind.S16, 2, ValueType.I32);

    /// <summary>Unsigned, 16 bits.</summary>
    public static WitType U16 { get; } = new Primitive(PrimitiveKind.U16, 2, ValueType.I32);

    /// <summary>Signed, 32 bits.</summary>
    public static WitType S32 { get; } = new Primitive(PrimitiveKind.S32, 4, ValueType.I32);

    /// <summary>Unsigned, 32 bits.</summary>
    public static WitType U32 { get; } = new Primitive(PrimitiveKind.U32, 4, ValueType.I32);

    /// <summary>Signed, 64 bits.</summary>
    public static WitType S64 { get; } = new Primitive(PrimitiveKind.S64, 8, ValueType.I64);

    /// <summary>Unsigned, 64 bits.</summary>
    public static WitType U64 { get; } = new Primitive(PrimitiveKind.U64, 8, ValueType.I64);

    /// <summary>IEEE 754 binary32.</summary>
    public static WitType F32 { get; } = new Primitive(PrimitiveKind.F32, 4, ValueType.F32);

    /// <summary>IEEE 754 binary64.</summary>
    public static WitType F64 { get; } = new Primitive(PrimitiveKind.F64, 8, ValueType.F64);

    /// <summary>A Unicode scalar value.</summary>
    public static WitType Scalar { get; } = new Primitive(PrimitiveKind.Scalar, 4, ValueType.I32);

    /// <summary>A sequence of Unicode scalar values: pointer and length.</summary>
    public static WitType Text { get; } = new Primitive(PrimitiveKind.Text, 4, ValueType.I32);

    /// <summary>A type without parts.</summary>
    public sealed class Primitive : WitType
    {
        internal Primitive(PrimitiveKind kind, uint size, ValueType flat)
            : base(
                kind == PrimitiveKind.Text ? 8 : size,
                size,
                kind == PrimitiveKind.Text ? [ValueType.I32, ValueType.I32] : [flat],
                1,
                1,
                hasBorrow: false)
        {
            Kind = kind;
        }

        /// <summary>Which primitive.</summary>
        public PrimitiveKind Kind { get; }

        internal override bool HasPointers => Kind == PrimitiveKind.Text;

        /// <inheritdoc/>
        public override string ToString() => Kind switch
        {
            PrimitiveKind.Text => "string",
            PrimitiveKind.Scalar => "char",
            _ => Kind.ToString().ToLowerInvariant(),
        };
    }

    /// <summary>A set of up to 32 named bits.</summary>
    public sealed class Flags : WitType
    {
        internal Flags(ImmutableArray<string> names)
            : base(Width(names.Length), Width(names.Length), OneInt, 1, 1, hasBorrow: false)
        {
            Names = names;
        }

        /// <summary>Names in bit order, lowest bit first.</summary>
        public ImmutableArray<string> Names { get; }

        /// <summary>The bits that have a name.</summary>
        public uint Mask => Names.Length == 32 ? uint.MaxValue : (1u << Names.Length) - 1;

        /// <inheritdoc/>
        public override string ToString() => $"flags {{{string.Join(", ", Names)}}}";

        private static uint Width(int count) => count <= 8 ? 1u : count <= 16 ? 2u : 4u;
    }

    /// <summary>One of a list of names.</summary>
    public sealed class Enumeration : WitType
    {
        internal Enumeration(ImmutableArray<string> names)
            : base(Sum.DiscriminantWidth(names.Length), Sum.DiscriminantWidth(names.Length), OneInt, 1, 1, hasBorrow: false)
        {
            Names = names;
        }

        /// <summary>Case names in order of their number.</summary>
        public ImmutableArray<string> Names { get; }

        /// <inheritdoc/>
        public override string ToString() => $"enum {{{string.Join(", ", Names)}}}";
    }

    /// <summary>A handle to a resource: owned, or lent for the time of one call.</summary>
    public sealed class Handle : WitType
    {
        internal Handle(ResourceKey resource, bool borrowed)
            : base(4, 4, OneInt, 1, 1, borrowed)
        {
            Resource = resource;
            Borrowed = borrowed;
        }

        /// <summary>The resource type.</summary>
        public ResourceKey Resource { get; }

        /// <summary>True for <c>borrow</c>, false for <c>own</c>.</summary>
        public bool Borrowed { get; }

        /// <inheritdoc/>
        public override string ToString() => $"{(Borrowed ? "borrow" : "own")}<{Resource.Name}>";
    }
}

/// <summary>The primitive value types.</summary>
public enum PrimitiveKind
{
    /// <summary>bool.</summary>
    Bool,

    /// <summary>s8.</summary>
    S8,

    /// <summary>u8.</summary>
    U8,

    /// <summary>s16.</summary>
    S16,

    /// <summary>u16.</summary>
    U16,

    /// <summary>s32.</summary>
    S32,

    /// <summary>u32.</summary>
    U32,

    /// <summary>s64.</summary>
    S64,

    /// <summary>u64.</summary>
    U64,

    /// <summary>f32.</summary>
    F32,

    /// <summary>f64.</summary>
    F64,

    /// <summary>char.</summary>
    Scalar,

    /// <summary>string.</summary>
    Text,
}
