using System.Collections.Immutable;

namespace Gtc.Wasm.Components;

/// <summary>One step of instantiating a component. Checking resolved all names and types; what is left are indices into the index spaces.</summary>
internal abstract record Definition
{
    /// <summary>Adds a core module of the file.</summary>
    internal sealed record CoreModule(WasmModule Module) : Definition
    {
        private WasmCode? _code;

        /// <summary>The compiled form, made when first needed.</summary>
        public WasmCode Code => _code ?? Interlocked.CompareExchange(ref _code, WasmEngine.Compile(Module), null) ?? _code;
    }

    /// <summary>Instantiates a core module; each argument is a core instance.</summary>
    internal sealed record InstantiateCore(int Module, ImmutableArray<(string Name, int Instance)> Arguments) : Definition;

    /// <summary>Makes a core instance of what is there.</summary>
    internal sealed record CoreBundle(ImmutableArray<(string Name, ExternalKind Kind, int Index)> Exports) : Definition;

    /// <summary>Adds a nested component.</summary>
    internal sealed record Nested(ComponentPlan Plan) : Definition;

    /// <summary>Instantiates a component.</summary>
    internal sealed record Instantiate(int Component, ImmutableArray<(string Name, Reference Value)> Arguments, ImmutableArray<ResourceBinding> Bindings) : Definition;

    /// <summary>Makes an instance of what is there.</summary>
    internal sealed record Bundle(ImmutableArray<(string Name, Reference Value)> Exports) : Definition;

    /// <summary>Adds what an instance exports.</summary>
    internal sealed record Alias(int Instance, string Name, ExternSort Sort) : Definition;

    /// <summary>Adds what a core instance exports.</summary>
    internal sealed record CoreAlias(int Instance, string Name, ExternalKind Kind) : Definition;

    /// <summary>Adds a core module or component of an enclosing component.</summary>
    internal sealed record Outer(int Depth, Reference Value) : Definition;

    /// <summary>Makes a resource type.</summary>
    internal sealed record DefineResource(int Slot, string Name, int? Destructor) : Definition;

    /// <summary>Makes a component function of a core function.</summary>
    internal sealed record Lift(int Function, CanonicalOptions Options, WitFunctionType Type) : Definition;

    /// <summary>Makes a core function of a component function.</summary>
    internal sealed record Lower(int Function, CanonicalOptions Options, WitFunctionType Type) : Definition;

    /// <summary>Makes the core function for <c>resource.new</c>, <c>resource.drop</c> or <c>resource.rep</c>.</summary>
    internal sealed record ResourceFunction(ResourceOperation Operation, ResourceKey Resource) : Definition;

    /// <summary>Adds what is given for an import.</summary>
    internal sealed record Import(string Name, ExternType Type, ImmutableArray<ResourceBinding> Bindings) : Definition;

    /// <summary>Exports what is there, which also becomes an item of its own in the index space.</summary>
    internal sealed record Export(string Name, Reference Value) : Definition;
}

/// <summary>An item of an index space; for a type that is a resource, which one.</summary>
internal readonly record struct Reference(ExternSort Sort, int Index, ResourceKey? Resource);

/// <summary>What <c>canon</c> says about strings, memory and allocation.</summary>
internal sealed record CanonicalOptions(StringEncoding Encoding, int? Memory, int? Realloc, int? PostReturn);

internal enum ResourceOperation
{
    New = 2,
    Drop = 3,
    Representation = 4,
}

/// <summary>A component, decoded and checked: its type, and the steps to instantiate it.</summary>
internal sealed record ComponentPlan(ComponentType Type, ImmutableArray<Definition> Definitions, int ResourceSlots);
