namespace Gtc.Wasm.Components;

/// <summary>How a canonical function represents strings in the guest's memory.</summary>
internal enum StringEncoding
{
    Utf8,
    Utf16,

    /// <summary>Latin-1, or UTF-16 when the top bit of the length is set.</summary>
    Latin1OrUtf16,
}
