using Gtc.Wasm.Components;

namespace Gtc.Wasm.Wasi;

/// <summary>Reads and makes values whose types the interface texts fix, so a cast that fails is a bug here.</summary>
internal static class Values
{
    public static string Text(this ComponentValue value) => ((ComponentValue.Text)value).Value;

    public static ulong Natural(this ComponentValue value) => ((ComponentValue.Natural)value).Value;

    public static uint Number(this ComponentValue value) => ((ComponentValue.Number)value).Value;

    public static ReadOnlyMemory<byte> Bytes(this ComponentValue value) => ((ComponentValue.Bytes)value).Value;

    public static ReadOnlySpan<ComponentValue> Items(this ComponentValue value) => ((ComponentValue.Items)value).Value.AsSpan();

    public static ComponentValue.Choice Choice(this ComponentValue value) => (ComponentValue.Choice)value;

    /// <summary>An option's value, or null.</summary>
    public static ComponentValue? Optional(this ComponentValue value) => ((ComponentValue.Choice)value).Payload;

    public static T Open<T>(this ComponentValue value, HostResourceType<T> type)
        where T : class => type.Open(((ComponentValue.Resource)value).Value);

    public static ComponentValue Of(ulong value) => new ComponentValue.Natural(value);

    public static ComponentValue Of(string value) => new ComponentValue.Text(value);

    public static ComponentValue Of(ReadOnlyMemory<byte> value) => new ComponentValue.Bytes(value);

    public static ComponentValue Of(bool value) => new ComponentValue.Truth(value);

    public static ComponentValue Of(IEnumerable<ComponentValue> values) => new ComponentValue.Items([.. values]);

    public static ComponentValue Give<T>(HostResourceType<T> type, T value)
        where T : class => new ComponentValue.Resource(type.Give(value));
}
