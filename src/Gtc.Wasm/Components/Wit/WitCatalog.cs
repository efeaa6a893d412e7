using System.Collections.Immutable;

namespace Gtc.Wasm.Components;

/// <summary>
/// Interfaces described in WIT, for hosts to implement: the types come from the text, the functions from handlers. Understood are packages, interfaces, <c>use</c>,
/// types, resources and functions; worlds belong to guests and are not.
/// </summary>
public sealed class WitCatalog
{
    private readonly Dictionary<string, ResourceType> _resources = new(StringComparer.Ordinal);
    private readonly Dictionary<string, WitInterface> _interfaces = new(StringComparer.Ordinal);

    /// <summary>Ids of all interfaces, such as <c>wasi:io/poll@0.2.6</c>.</summary>
    public ImmutableArray<string> Interfaces => [.. _interfaces.Keys];

    /// <summary>Says which host objects stand behind a resource, before the text that declares it is added.</summary>
    /// <param name="path">The interface without version, <c>#</c> and the resource, such as <c>wasi:io/poll#pollable</c>.</param>
    /// <param name="resource">The host's type.</param>
    /// <returns>This, so that definitions can be chained.</returns>
    public WitCatalog Resource<T>(string path, HostResourceType<T> resource)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(resource);
        _resources.Add(path, resource);
        return this;
    }

    /// <summary>Adds a package. What it uses of others must have been added before.</summary>
    /// <returns>This, so that definitions can be chained.</returns>
    /// <exception cref="ArgumentException">The text is not understood.</exception>
    public WitCatalog Add(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        try
        {
            foreach (var parsed in new WitParser(text, _interfaces, _resources).Package())
            {
                _interfaces.Add(parsed.Id, parsed);
            }
        }
        catch (WasmFaultException fault)
        {
            throw new ArgumentException(fault.Error.Message, nameof(text), fault);
        }

        return this;
    }

    /// <summary>Makes the host's side of an interface.</summary>
    /// <param name="id">Its id with version.</param>
    /// <param name="handlers">One handler per function; methods are named as components name them, such as <c>[method]pollable.ready</c>.</param>
    /// <param name="otherwise">Makes the handler of a function that has none; null when all must have one.</param>
    /// <exception cref="ArgumentException">A function has no handler, or a handler no function.</exception>
    public HostInterface Host(string id, IReadOnlyDictionary<string, HostHandler> handlers, Func<string, WitFunctionType, HostHandler>? otherwise)
    {
        ArgumentNullException.ThrowIfNull(handlers);
        var described = _interfaces.TryGetValue(id, out var found) ? found : throw new ArgumentException($"There is no interface {id}.", nameof(id));
        var host = new HostInterface(id);
        foreach (var (name, type) in described.Types)
        {
            if (type is ResourceType resource)
            {
                host.Resource(name, resource);
            }
        }

        foreach (var (name, type) in described.Functions)
        {
            var handler = handlers.GetValueOrDefault(name) ?? otherwise?.Invoke(name, type);
            host.Function(name, type, handler ?? throw new ArgumentException($"{id}#{name} has no handler.", nameof(handlers)));
        }

        var stray = handlers.Keys.FirstOrDefault(name => !described.Functions.ContainsKey(name));
        return stray is null ? host : throw new ArgumentException($"{id} has no function {stray}.", nameof(handlers));
    }

    /// <summary>The type of a function.</summary>
    /// <exception cref="KeyNotFoundException">There is none.</exception>
    public WitFunctionType Function(string id, string name) => _interfaces[id].Functions[name];

    /// <summary>An interface, or null.</summary>
    internal WitInterface? Find(string id) => _interfaces.GetValueOrDefault(id);

    /// <summary>A named value type.</summary>
    /// <exception cref="KeyNotFoundException">There is none.</exception>
    public WitType Type(string id, string name) => (WitType)_interfaces[id].Types[name];
}

/// <summary>One interface: its named types and its functions.</summary>
internal sealed class WitInterface(string id)
{
    public string Id { get; } = id;

    public OrderedDictionary<string, TypeEntity> Types { get; } = new(StringComparer.Ordinal);

    /// <summary>Those of the types that are another interface's, and where they come from.</summary>
    public Dictionary<string, (string Interface, string Name)> Uses { get; } = new(StringComparer.Ordinal);

    public OrderedDictionary<string, WitFunctionType> Functions { get; } = [];

    /// <summary>The types in their order, where none is a resource.</summary>
    public IEnumerable<(string Name, WitType Type)> ValueTypes() => Types.Select(named => (named.Key, named.Value as WitType
        ?? throw new WasmFaultException(new WasmError(WasmErrorKind.Invalid, -1, $"{Id} has the resource {named.Key}, and a component that this writes can have none"))));
}
