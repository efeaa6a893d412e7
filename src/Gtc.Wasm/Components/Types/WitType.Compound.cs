using System.Collections.Immutable;

namespace Gtc.Wasm.Components;

/// <content>Types with parts: lists, products (record, tuple) and sums (variant, option, result).</content>
public abstract partial class WitType
{
    /// <summary>A list: pointer and length.</summary>
    public sealed class List : WitType
    {
        internal List(WitType element)
            : base(8, 4, [ValueType.I32, ValueType.I32], element.Nodes + 1, element.Depth + 1, element.HasBorrow)
        {
            Element = element;
        }

        /// <summary>The type of each element.</summary>
        public WitType Element { get; }

        internal override bool HasPointers => true;

        /// <inheritdoc/>
        public override string ToString() => $"list<{Element}>";
    }

    /// <summary>A record (its parts have names) or a tuple (they have none).</summary>
    public sealed class Product : WitType
    {
        private Product(ImmutableArray<string> names, ImmutableArray<WitType> parts, ImmutableArray<uint> offsets, uint size, uint alignment)
            : base(
                size, alignment, Concatenate(parts), 1 + Total(parts), 1 + parts.Max(part => part.Depth), parts.Any(part => part.HasBorrow))
        {
            Names = names;
            Parts = parts;
            Offsets = offsets;
            HasPointers = parts.Any(part => part.HasPointers);
        }

        /// <summary>Field names of a record; default for a tuple.</summary>
        public ImmutableArray<string> Names { get; }

        /// <summary>The parts in order.</summary>
        public ImmutableArray<WitType> Parts { get; }

        /// <summary>Where each part lies, in bytes from the start.</summary>
        internal ImmutableArray<uint> Offsets { get; }

        internal override bool HasPointers { get; }

        /// <inheritdoc/>
        public override string ToString() => Names.IsDefault
            ? $"tuple<{string.Join(", ", Parts)}>"
            : $"record {{{string.Join(", ", Names.Select((name, index) => $"{name}: {Parts[index]}"))}}}";

        internal static Product Of(ImmutableArray<string> names, ImmutableArray<WitType> parts)
        {
            uint size = 0;
            uint alignment = 1;
            var offsets = ImmutableArray.CreateBuilder<uint>(parts.Length);
            foreach (var part in parts)
            {
                size = Align(size, part.Alignment);
                offsets.Add(size);
                size += part.Size;
                alignment = Math.Max(alignment, part.Alignment);
            }

            return new Product(names, parts, offsets.MoveToImmutable(), Align(size, alignment), alignment);
        }
    }

    /// <summary>A variant, an option (none, some) or a result (ok, error): a case number and what that case carries.</summary>
    public sealed class Sum : WitType
    {
        private Sum(SumKind kind, ImmutableArray<string> names, ImmutableArray<WitType?> payloads, uint payloadOffset, uint size, uint alignment)
            : base(size, alignment, Join(payloads), 1 + Total(payloads), 1 + payloads.Max(part => part?.Depth ?? 0), payloads.Any(part => part?.HasBorrow ?? false))
        {
            Kind = kind;
            Names = names;
            Payloads = payloads;
            PayloadOffset = payloadOffset;
            HasPointers = payloads.Any(payload => payload is { HasPointers: true });
        }

        /// <summary>Which of the three forms it was written in.</summary>
        public SumKind Kind { get; }

        /// <summary>Case names in order of their number.</summary>
        public ImmutableArray<string> Names { get; }

        /// <summary>What each case carries, null for nothing.</summary>
        public ImmutableArray<WitType?> Payloads { get; }

        internal uint PayloadOffset { get; }

        internal override bool HasPointers { get; }

        internal uint DiscriminantSize => DiscriminantWidth(Payloads.Length);

        /// <inheritdoc/>
        public override string ToString() => Kind switch
        {
            SumKind.Option => $"option<{Payloads[1]}>",
            SumKind.Result => $"result<{Payloads[0]?.ToString() ?? "_"}, {Payloads[1]?.ToString() ?? "_"}>",
            _ => $"variant {{{string.Join(", ", Names.Select((name, index) => Payloads[index] is { } payload ? $"{name}({payload})" : name))}}}",
        };

        internal static uint DiscriminantWidth(int cases) => cases <= 256 ? 1u : cases <= 65536 ? 2u : 4u;

        internal static Sum Of(SumKind kind, ImmutableArray<string> names, ImmutableArray<WitType?> payloads)
        {
            var width = DiscriminantWidth(payloads.Length);
            var payloadAlignment = payloads.Max(payload => payload?.Alignment ?? 1);
            var alignment = Math.Max(width, payloadAlignment);
            var offset = Align(width, payloadAlignment);
            var size = Align(offset + payloads.Max(payload => payload?.Size ?? 0), alignment);
            return new Sum(kind, names, payloads, offset, size, alignment);
        }

        private static ImmutableArray<ValueType> Join(ImmutableArray<WitType?> payloads)
        {
            var joined = new List<ValueType> { ValueType.I32 };
            foreach (var payload in payloads)
            {
                if (payload is null)
                {
                    continue;
                }

                if (payload.Flat.IsDefault || payload.Flat.Length + 1 > MostFlatParameters)
                {
                    return default;
                }

                for (var i = 0; i < payload.Flat.Length; i++)
                {
                    if (i + 1 < joined.Count)
                    {
                        joined[i + 1] = Join(joined[i + 1], payload.Flat[i]);
                    }
                    else
                    {
                        joined.Add(payload.Flat[i]);
                    }
                }
            }

            return [.. joined];
        }

        private static ValueType Join(ValueType left, ValueType right) =>
            left == right ? left
            : left is ValueType.I64 or ValueType.F64 || right is ValueType.I64 or ValueType.F64 ? ValueType.I64
            : ValueType.I32;
    }

    private static int Total(IEnumerable<WitType?> parts)
    {
        long total = 0;
        foreach (var part in parts)
        {
            total += part?.Nodes ?? 1;
        }

        return (int)Math.Min(total, int.MaxValue - 1);
    }
}

/// <summary>The three ways to write a sum.</summary>
public enum SumKind
{
    /// <summary>Named cases.</summary>
    Variant,

    /// <summary>none or some.</summary>
    Option,

    /// <summary>ok or error.</summary>
    Result,
}
