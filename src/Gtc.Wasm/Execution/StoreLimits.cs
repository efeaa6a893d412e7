namespace Gtc.Wasm;

/// <summary>What the guests of one <see cref="WasmStore"/> may use together. What a module states about its own maximum applies as well.</summary>
public sealed record StoreLimits
{
    /// <summary>The defaults.</summary>
    public static StoreLimits Default { get; } = new();

    /// <summary>Bytes of all linear memories together. Growth past it fails as the specification says (memory.grow gives -1); a first size past it is an error of linking.</summary>
    public long MemoryBytes { get; init; } = 1L << 30;

    /// <summary>Elements of all tables together.</summary>
    public long TableElements { get; init; } = 10_000_000;

    /// <summary>Bytes of machine stack that nested calls of guests may use; what the thread has left is a limit too.</summary>
    public int StackBytes { get; init; } = 1 << 20;

    /// <summary>Instances.</summary>
    public int Instances { get; init; } = 10_000;
}
