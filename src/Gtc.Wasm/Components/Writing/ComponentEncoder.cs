using System.Collections.Immutable;

namespace Gtc.Wasm.Components;

/// <summary>
/// Makes a component of a core module. The module names what it needs and gives as tools for C and Rust do: an import's module is the id of an interface and its name the
/// function's; an export is <c>INTERFACE#FUNCTION</c>; <c>memory</c> and <c>cabi_realloc</c> are its memory and allocator, and <c>cabi_post_INTERFACE#FUNCTION</c>, where there is
/// one, is called when a result was read. Every core type is compared with what the canonical ABI makes of the interface's type.
/// </summary>
public sealed class ComponentEncoder
{
    private const string Memory = "memory";
    private const string Realloc = "cabi_realloc";
    private const string PostReturn = "cabi_post_";
    private const string ResourceDrop = "[resource-drop]";
    private const string Initialize = "_initialize";

    private readonly ComponentSections _sections = new();
    private readonly Dictionary<(string Interface, string Name), int> _typesOfImports = [];
    private readonly Dictionary<string, int> _imports = new(StringComparer.Ordinal);
    private readonly WasmModule _module;
    private readonly WitCatalog _interfaces;
    private int _calling;

    private ComponentEncoder(WasmModule module, WitCatalog interfaces)
    {
        _module = module;
        _interfaces = interfaces;
    }

    /// <summary>Makes a component.</summary>
    /// <param name="module">A core module; it is decoded and validated.</param>
    /// <param name="interfaces">All interfaces that it may speak of. It may use resources of those that it imports, not export any; functions outside of interfaces are not supported.</param>
    /// <returns>The component's bytes, the same for the same input; or what does not fit.</returns>
    public static WasmResult<byte[]> Encode(ReadOnlyMemory<byte> module, WitCatalog interfaces)
    {
        ArgumentNullException.ThrowIfNull(interfaces);
        if (!WasmModule.Load(module, WasmLimits.Default).TryGet(out var loaded, out var error))
        {
            return error;
        }

        try
        {
            // What was made is read back: an allocator that is missing, say, shows only here.
            var component = new ComponentEncoder(loaded, interfaces).Component();
            return new ComponentEngine(WasmLimits.Default).Load(component).TryGet(out _, out error)
                ? component
                : error with { Offset = -1, Message = $"the component would not be valid: {error.Message}" };
        }
        catch (WasmFaultException fault)
        {
            return fault.Error;
        }
    }

    private byte[] Component()
    {
        var needed = Needed();
        var given = Given();
        foreach (var id in needed.Select(import => import.Interface).Concat(given.SelectMany(Dependencies)).Distinct())
        {
            Import(id, needed);
        }

        var core = Instantiate(needed);
        var memory = _sections.CoreExport(core, Memory, ExternalKind.Memory);
        int? realloc = Exports(Realloc, ExternalKind.Function) ? _sections.CoreExport(core, Realloc, ExternalKind.Function) : null;
        var options = Options(memory, realloc);
        Fill(needed, options);
        foreach (var id in given)
        {
            Export(core, Described(id), options);
        }

        return _sections.ToArray();
    }

    /// <summary>The functions that the module imports, in its order.</summary>
    private ImmutableArray<CoreImport> Needed()
    {
        var needed = ImmutableArray.CreateBuilder<CoreImport>();
        foreach (var import in _module.Imports)
        {
            if (import is not FunctionImport function || CoreTypeOf(import) is not { } expected)
            {
                throw Misfit($"the import `{import.Module}` `{import.Name}` is no function of an interface that is known; known are {string.Join(", ", _interfaces.Interfaces)}");
            }

            Compare(expected, _module.Types[(int)function.TypeIndex], $"the import {import.Module}#{import.Name}");
            var one = new CoreImport(import.Module, import.Name, expected);
            if (!needed.Contains(one))
            {
                needed.Add(one);
            }
        }

        return needed.ToImmutable();
    }

    /// <summary>The core type of what is imported, or null when there is no such function. Handles are dropped by <c>[resource-drop]NAME</c>, beside the functions of their interface.</summary>
    private FunctionType? CoreTypeOf(Import import) => _interfaces.Find(import.Module) is not { } described ? null
        : described.Functions.TryGetValue(import.Name, out var type) ? Core(type, lowered: true)
        : import.Name.StartsWith(ResourceDrop, StringComparison.Ordinal) && described.Types.GetValueOrDefault(import.Name[ResourceDrop.Length..]) is ResourceKey ? new([ValueType.I32], [])
        : null;

    /// <summary>The interfaces that the module exports; each must be whole.</summary>
    private ImmutableArray<string> Given()
    {
        var given = ImmutableArray.CreateBuilder<string>();
        foreach (var export in _module.Exports.Where(export => export.Name.Contains('#', StringComparison.Ordinal) && !export.Name.StartsWith(PostReturn, StringComparison.Ordinal)))
        {
            var mark = export.Name.IndexOf('#', StringComparison.Ordinal);
            var id = export.Name[..mark];
            if (!Described(id).Functions.TryGetValue(export.Name[(mark + 1)..], out var type) || export.Kind != ExternalKind.Function)
            {
                throw Misfit($"the export `{export.Name}` is no function of {id}, which has {string.Join(", ", Described(id).Functions.Keys)}");
            }

            Compare(Core(type, lowered: false), _module.TypeOf((int)export.Index), $"the export {export.Name}");
            if (!given.Contains(id))
            {
                given.Add(id);
            }
        }

        if (given.Count == 0)
        {
            throw Misfit("the module exports no function of an interface: an export is called INTERFACE#FUNCTION, such as example:app/handler@1.0.0#handle");
        }

        CheckWhole(given);
        return given.ToImmutable();
    }

    private void CheckWhole(IEnumerable<string> given)
    {
        foreach (var id in given)
        {
            if (Described(id).Functions.Keys.FirstOrDefault(function => !Exports($"{id}#{function}", ExternalKind.Function)) is { } missing)
            {
                throw Misfit($"the module exports functions of {id}, but not `{id}#{missing}`");
            }
        }

        if (Exports(Initialize, ExternalKind.Function))
        {
            throw Misfit($"the module wants to be initialized by `{Initialize}`, which nothing would call; compile it without, or with a start function");
        }

        if (!Exports(Memory, ExternalKind.Memory))
        {
            throw Misfit($"the module does not export its memory as `{Memory}`");
        }
    }

    private IEnumerable<string> Dependencies(string id) => Described(id).Uses.Values.Select(use => use.Interface).Distinct();

    private void Import(string id, ImmutableArray<CoreImport> needed)
    {
        if (_imports.ContainsKey(id))
        {
            return;
        }

        foreach (var dependency in Dependencies(id))
        {
            Import(dependency, needed);
        }

        var functions = needed.Where(import => import.Interface == id && !import.IsDrop).Select(import => import.Function).Distinct();
        _imports[id] = _sections.ImportInstance(id, _sections.Type(InterfaceImport.Definition(Described(id), functions, TypeOfImport)));
    }

    private int TypeOfImport((string Interface, string Name) type)
    {
        if (!_typesOfImports.TryGetValue(type, out var index))
        {
            index = _typesOfImports[type] = _sections.TypeOf(_imports[type.Interface], type.Name);
        }

        return index;
    }

    /// <summary>Instantiates the module over functions that wait for the real ones.</summary>
    private int Instantiate(ImmutableArray<CoreImport> needed)
    {
        var module = _sections.CoreModule(_module.Bytes.Span);
        if (needed.IsEmpty)
        {
            return _sections.CoreInstance(module, []);
        }

        _calling = _sections.CoreInstance(_sections.CoreModule(ImportModules.Calling([.. needed.Select(import => import.Type)])), []);
        var bundles = needed.Select((import, index) => (Import: import, Index: _sections.CoreExport(_calling, ImportModules.Name(index), ExternalKind.Function)))
            .ToArray()
            .GroupBy(import => import.Import.Interface)
            .Select(group => (group.Key, _sections.CoreBundle([.. group.Select(import => (import.Import.Function, ExternalKind.Function, import.Index))])))
            .ToArray();
        return _sections.CoreInstance(module, bundles);
    }

    private void Fill(ImmutableArray<CoreImport> needed, WasmBytes options)
    {
        if (needed.IsEmpty)
        {
            return;
        }

        var table = _sections.CoreExport(_calling, ImportModules.Table, ExternalKind.Table);
        var lowered = needed.Select((import, index) => (ImportModules.Name(index), ExternalKind.Function, Lowered(import, options))).ToArray();
        var bundle = _sections.CoreBundle([.. lowered, (ImportModules.Table, ExternalKind.Table, table)]);
        _sections.CoreInstance(_sections.CoreModule(ImportModules.Filling([.. needed.Select(import => import.Type)])), [("", bundle)]);
    }

    private int Lowered(CoreImport import, WasmBytes options) => import.IsDrop
        ? _sections.ResourceDrop(TypeOfImport((import.Interface, import.Function[ResourceDrop.Length..])))
        : _sections.Lower(_sections.FunctionOf(_imports[import.Interface], import.Function), options);

    private void Export(int core, WitInterface described, WasmBytes options)
    {
        var types = new TypeWriter(_sections.Type);
        foreach (var (name, type) in described.ValueTypes())
        {
            types.Know(type, described.Uses.TryGetValue(name, out var origin) ? TypeOfImport(origin) : types.Define(type));
        }

        var functions = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var (name, type) in described.Functions)
        {
            var export = $"{described.Id}#{name}";
            var index = types.Define(type);
            var function = _sections.CoreExport(core, export, ExternalKind.Function);
            var post = PostReturn + export;
            var own = Exports(post, ExternalKind.Function) ? With(options, 5, _sections.CoreExport(core, post, ExternalKind.Function)) : options;
            functions[name] = _sections.Lift(function, own, index);
        }

        var naming = InterfaceExport.Of(described, Described);
        var given = naming.Types.Select(import => (import.Name, types.Known(import.Type) ?? TypeOfImport(import.Origin))).ToArray();
        var instance = _sections.Instance(_sections.Component(naming.Component), given, [.. naming.Functions.Select(import => (import.Name, functions[import.Function]))]);
        _sections.ExportInstance(described.Id, instance);
    }

    private static FunctionType Core(WitFunctionType type, bool lowered) => type.Flatten(lowered) is var (parameters, results) ? new(parameters, results) : FunctionType.Empty;

    private static void Compare(FunctionType expected, FunctionType found, string what)
    {
        if (!expected.Equals(found))
        {
            throw Misfit($"{what} has the core type {found}, by its interface it is {expected}");
        }
    }

    // String encoding UTF-8, the memory, and the allocator where there is one.
    private static WasmBytes Options(int memory, int? realloc)
    {
        var options = new WasmBytes().Number(2).Add(0, 3).Number(memory);
        return realloc is { } allocator ? With(options, 4, allocator) : options;
    }

    private static WasmBytes With(WasmBytes options, byte option, int index)
    {
        var bytes = options.ToArray();
        return new WasmBytes().Number(bytes[0] + 1).Add(bytes.AsSpan(1)).Add(option).Number(index);
    }

    private WitInterface Described(string id) => _interfaces.Find(id) ?? throw Misfit($"the interface {id} is not known; known are {string.Join(", ", _interfaces.Interfaces)}");

    private bool Exports(string name, ExternalKind kind) => _module.Exports.Any(export => export.Name == name && export.Kind == kind);

    private static WasmFaultException Misfit(string message) => new(new WasmError(WasmErrorKind.Unlinkable, -1, message));

    private sealed record CoreImport(string Interface, string Function, FunctionType Type)
    {
        public bool IsDrop => Function.StartsWith(ResourceDrop, StringComparison.Ordinal);
    }
}
