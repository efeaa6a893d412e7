namespace Gtc.Wasm.Components;

/// <summary>The index spaces of a component, or of a component or instance type, as they are when a definition is read.</summary>
internal sealed class Scope(Scope? parent, bool isComponent)
{
    public Scope? Parent { get; } = parent;

    /// <summary>False inside a type declaration, which defines nothing that runs.</summary>
    public bool IsComponent { get; } = isComponent;

    public List<FunctionType> CoreFunctions { get; } = [];

    public List<TableType> CoreTables { get; } = [];

    public List<MemoryType> CoreMemories { get; } = [];

    public List<GlobalType> CoreGlobals { get; } = [];

    /// <summary>Core function types and core module types.</summary>
    public List<object> CoreTypes { get; } = [];

    public List<CoreModuleType> CoreModules { get; } = [];

    public List<Dictionary<string, CoreExternType>> CoreInstances { get; } = [];

    public List<TypeEntity> Types { get; } = [];

    public List<WitFunctionType> Functions { get; } = [];

    public List<InstanceType> Instances { get; } = [];

    public List<ComponentType> Components { get; } = [];

    public OrderedDictionary<string, ExternType> Imports { get; } = [];

    public OrderedDictionary<string, ExternType> Exports { get; } = [];

    /// <summary>Names in lower case: two may not differ in case alone.</summary>
    public HashSet<string> ImportNames { get; } = [];

    public HashSet<string> ExportNames { get; } = [];

    /// <summary>Resource types that imports introduced.</summary>
    public HashSet<ResourceKey> ImportedResources { get; } = [];

    /// <summary>Resource types this component defines; only it may make and look into them.</summary>
    public HashSet<ResourceKey> OwnResources { get; } = [];

    public List<Definition> Definitions { get; } = [];

    /// <summary>How many resource slots an instance needs.</summary>
    public int ResourceSlots { get; private set; }

    public ResourceVariable NewResource(string name) => new(name, IsComponent ? ResourceSlots++ : -1);
}
