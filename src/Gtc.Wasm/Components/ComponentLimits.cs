namespace Gtc.Wasm.Components;

/// <summary>Bounds on what a component file may contain. They are far above what toolchains emit and keep checking linear.</summary>
internal static class ComponentLimits
{
    public const int TypeNodes = 100_000;
    public const int TypeDepth = 100;
    public const int NestedComponents = 16;
    public const int Definitions = 200_000;
    public const int ListItems = 100_000;
    public const int NameBytes = 100_000;
    public const int FunctionParameters = 1_000;
    public const int InstanceExports = 100_000;

    /// <summary>Handles one component instance can hold at a time.</summary>
    public const int Handles = 1 << 20;

    /// <summary>List elements, other than bytes, that one call may make the host hold.</summary>
    public const ulong LiftedItems = 4_000_000;

    /// <summary>Bytes of one string or list that crosses a boundary (CanonicalABI.md: MAX_STRING_BYTE_LENGTH and its like); strings and byte lists of one call have as many together.</summary>
    public const uint ValueBytes = (1u << 28) - 1;
}
