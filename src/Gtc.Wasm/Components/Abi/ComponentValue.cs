using System.Collections.Immutable;
using System.Text;

namespace Gtc.Wasm.Components;

/// <summary>A component value of any type, for callers that learn types at run time. Equality compares contents.</summary>
public abstract record ComponentValue
{
    private protected ComponentValue()
    {
    }

    /// <summary>A bool.</summary>
    public sealed record Truth(bool Value) : ComponentValue;

    /// <summary>A signed integer of any width.</summary>
    public sealed record Whole(long Value) : ComponentValue;

    /// <summary>An unsigned integer of any width.</summary>
    public sealed record Natural(ulong Value) : ComponentValue;

    /// <summary>An f32.</summary>
    public sealed record F32(float Value) : ComponentValue;

    /// <summary>An f64.</summary>
    public sealed record F64(double Value) : ComponentValue;

    /// <summary>A char.</summary>
    public sealed record Scalar(Rune Value) : ComponentValue;

    /// <summary>A string.</summary>
    public sealed record Text(string Value) : ComponentValue;

    /// <summary>Flags (one bit per name) or the number of an enum's case.</summary>
    public sealed record Number(uint Value) : ComponentValue;

    /// <summary>A list of u8.</summary>
    public sealed record Bytes(ReadOnlyMemory<byte> Value) : ComponentValue
    {
        /// <inheritdoc/>
        public bool Equals(Bytes? other) => other is not null && Value.Span.SequenceEqual(other.Value.Span);

        /// <inheritdoc/>
        public override int GetHashCode() => Value.Length;
    }

    /// <summary>A list of anything but u8, or the parts of a record or tuple.</summary>
    public sealed record Items(ImmutableArray<ComponentValue> Value) : ComponentValue
    {
        /// <inheritdoc/>
        public bool Equals(Items? other) => other is not null && Value.AsSpan().SequenceEqual(other.Value.AsSpan());

        /// <inheritdoc/>
        public override int GetHashCode() => Value.Length;
    }

    /// <summary>A case of a variant, option (0 none, 1 some) or result (0 ok, 1 error), with what it carries.</summary>
    public sealed record Choice(int Index, ComponentValue? Payload) : ComponentValue;

    /// <summary>A handle to a resource.</summary>
    public sealed record Resource(ComponentResource Value) : ComponentValue;

    /// <summary>An option that has no value.</summary>
    public static ComponentValue None { get; } = new Choice(0, null);

    /// <summary>A result's success.</summary>
    public static ComponentValue Ok(ComponentValue? value = null) => new Choice(0, value);

    /// <summary>A result's failure.</summary>
    public static ComponentValue Error(ComponentValue? value = null) => new Choice(1, value);

    /// <summary>An option's value.</summary>
    public static ComponentValue Some(ComponentValue value) => new Choice(1, value);

    /// <summary>A record, tuple or list.</summary>
    public static ComponentValue Of(params ReadOnlySpan<ComponentValue> items) => new Items([.. items]);
}
