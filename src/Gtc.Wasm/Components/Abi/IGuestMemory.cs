namespace Gtc.Wasm.Components;

/// <summary>What lifting and lowering need of a guest: its linear memory and its allocator.</summary>
internal interface IGuestMemory
{
    /// <summary>All bytes. Valid only until the guest runs again, which <see cref="Reallocate"/> makes it do.</summary>
    Span<byte> Bytes { get; }

    /// <summary>Asks the guest's <c>realloc</c> for memory. The answer is what the guest says and must be checked.</summary>
    uint Reallocate(uint old, uint oldSize, uint alignment, uint newSize);
}
