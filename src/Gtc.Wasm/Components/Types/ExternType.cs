using System.Collections.Immutable;

namespace Gtc.Wasm.Components;

/// <summary>What components import, export and hand to each other.</summary>
internal enum ExternSort
{
    CoreModule,
    Function,
    Type,
    Component,
    Instance,
}

/// <summary>The type of an import or export.</summary>
/// <param name="Sort">What it is.</param>
/// <param name="Entity">Its type; for <see cref="ExternSort.Type"/>, the type that is bound to the name.</param>
/// <param name="IsFresh">The name introduces a resource type that is only known by being one (<c>sub resource</c>).</param>
internal sealed record ExternType(ExternSort Sort, TypeEntity Entity, bool IsFresh = false)
{
    public string Describe() => Sort switch
    {
        ExternSort.Function => $"{Entity}",
        ExternSort.Type when Entity is ResourceKey => "a resource type",
        ExternSort.Type => $"the type {Entity}",
        ExternSort.CoreModule => "a core module",
        ExternSort.Component => "a component",
        _ => "an instance",
    };
}

/// <summary>What an instance exports, by name, in order.</summary>
internal sealed class InstanceType(OrderedDictionary<string, ExternType> exports) : TypeEntity
{
    public OrderedDictionary<string, ExternType> Exports { get; } = exports;

    /// <summary>How deep instance and component types are nested, which bounds every walk.</summary>
    public int Depth { get; } = Deeper(exports.Values);

    public static int Deeper(IEnumerable<ExternType> parts)
    {
        var depth = 1;
        foreach (var part in parts)
        {
            depth = Math.Max(depth, 1 + (part.Entity is InstanceType instance ? instance.Depth : part.Entity is ComponentType component ? component.Depth : 0));
        }

        return depth <= ComponentLimits.TypeDepth
            ? depth
            : throw WasmFaultException.TooLarge(-1, $"instance types are nested more than {ComponentLimits.TypeDepth} deep");
    }

    public override string ToString() => $"instance with {string.Join(", ", Exports.Keys)}";
}

/// <summary>What a component imports and exports, by name, in order.</summary>
internal sealed class ComponentType(OrderedDictionary<string, ExternType> imports, OrderedDictionary<string, ExternType> exports) : TypeEntity
{
    public OrderedDictionary<string, ExternType> Imports { get; } = imports;

    public OrderedDictionary<string, ExternType> Exports { get; } = exports;

    public int Depth { get; } = InstanceType.Deeper(imports.Values.Concat(exports.Values));
}

/// <summary>A core function, table, memory or global.</summary>
internal sealed record CoreExternType(ExternalKind Kind, FunctionType? Function, TableType Table, MemoryType Memory, GlobalType Global)
{
    public static CoreExternType Of(FunctionType type) => new(ExternalKind.Function, type, default, default, default);

    public static CoreExternType Of(TableType type) => new(ExternalKind.Table, null, type, default, default);

    public static CoreExternType Of(MemoryType type) => new(ExternalKind.Memory, null, default, type, default);

    public static CoreExternType Of(GlobalType type) => new(ExternalKind.Global, null, default, default, type);

    /// <summary>True when something of this type can stand where <paramref name="wanted"/> is imported.</summary>
    public bool Fits(CoreExternType wanted) => Kind == wanted.Kind && Kind switch
    {
        ExternalKind.Function => Function!.Equals(wanted.Function),
        ExternalKind.Table => Table.Element == wanted.Table.Element && Within(Table.Size, wanted.Table.Size),
        ExternalKind.Memory => Within(Memory.Size, wanted.Memory.Size),
        _ => Global == wanted.Global,
    };

    private static bool Within(SizeLimits given, SizeLimits wanted) =>
        given.Minimum >= wanted.Minimum && (wanted.Maximum is null || (given.Maximum is { } maximum && maximum <= wanted.Maximum));
}

/// <summary>What a core module imports and exports.</summary>
internal sealed class CoreModuleType(
    ImmutableArray<(string Module, string Name, CoreExternType Type)> imports, Dictionary<string, CoreExternType> exports) : TypeEntity
{
    public ImmutableArray<(string Module, string Name, CoreExternType Type)> Imports { get; } = imports;

    public Dictionary<string, CoreExternType> Exports { get; } = exports;

    public static CoreModuleType Of(WasmModule module)
    {
        var imports = module.Imports.Select(import => (import.Module, import.Name, import switch
        {
            FunctionImport function => CoreExternType.Of(module.Types[(int)function.TypeIndex]),
            TableImport table => CoreExternType.Of(table.Type),
            MemoryImport memory => CoreExternType.Of(memory.Type),
            _ => CoreExternType.Of(((GlobalImport)import).Type),
        }));
        var exports = module.Exports.ToDictionary(
            export => export.Name,
            export => export.Kind switch
            {
                ExternalKind.Function => CoreExternType.Of(module.TypeOf((int)export.Index)),
                ExternalKind.Table => CoreExternType.Of(module.Tables[(int)export.Index]),
                ExternalKind.Memory => CoreExternType.Of(module.Memories[(int)export.Index]),
                _ => CoreExternType.Of(module.Globals[(int)export.Index]),
            });
        return new CoreModuleType([.. imports], exports);
    }
}
