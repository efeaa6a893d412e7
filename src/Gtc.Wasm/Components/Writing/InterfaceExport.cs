using System.Collections.Immutable;

namespace Gtc.Wasm.Components;

/// <summary>
/// The component inside of a component that gives an exported interface its names: it imports types and functions, and exports them again as the interface has them.
/// Only so do the types of an exported instance have names of their own (Explainer.md, import and export definitions).
/// </summary>
internal sealed class InterfaceExport
{
    private readonly ComponentSections _sections = new();
    private readonly WitInterface _described;
    private readonly HashSet<WitType> _used = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<string> _labels = new(StringComparer.Ordinal);
    private readonly ImmutableArray<(string Name, WitType Type, (string Interface, string Name) Origin)>.Builder _types =
        ImmutableArray.CreateBuilder<(string Name, WitType Type, (string Interface, string Name) Origin)>();

    private readonly ImmutableArray<(string Name, string Function)>.Builder _functions = ImmutableArray.CreateBuilder<(string Name, string Function)>();

    private InterfaceExport(WitInterface described, Func<string, WitInterface> find)
    {
        _described = described;
        foreach (var type in described.ValueTypes().Select(named => named.Type).Concat(described.Functions.Values.SelectMany(function => function.Parameters)))
        {
            Use(type);
        }

        foreach (var result in described.Functions.Values.Select(function => function.Result).OfType<WitType>())
        {
            Use(result);
        }

        var imported = ImportTypes(find);
        var functions = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var (name, type) in described.Functions)
        {
            functions[name] = _sections.ImportFunction($"import-func-{name}", imported.Define(type));
            _functions.Add(($"import-func-{name}", name));
        }

        Export(imported, functions);
    }

    /// <summary>The component.</summary>
    public byte[] Component => _sections.ToArray();

    /// <summary>The types that it imports: by which name, and whose they are.</summary>
    public ImmutableArray<(string Name, WitType Type, (string Interface, string Name) Origin)> Types => _types.ToImmutable();

    /// <summary>The functions that it imports: by which name, and which they are.</summary>
    public ImmutableArray<(string Name, string Function)> Functions => _functions.ToImmutable();

    /// <summary>Makes one.</summary>
    /// <param name="described">The interface.</param>
    /// <param name="find">Finds the interfaces that it uses.</param>
    public static InterfaceExport Of(WitInterface described, Func<string, WitInterface> find) => new(described, find);

    // Types of other interfaces come first, in an order in which each stands before those that are made of it.
    private TypeWriter ImportTypes(Func<string, WitInterface> find)
    {
        var types = new TypeWriter(_sections.Type);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        Visit(_described);
        return types;

        void Visit(WitInterface described)
        {
            if (!seen.Add(described.Id))
            {
                return;
            }

            foreach (var origin in described.Uses.Values)
            {
                Visit(find(origin.Interface));
            }

            foreach (var (name, type) in described.ValueTypes().Where(named => _used.Contains(named.Type) && types.Known(named.Type) is null))
            {
                var label = $"import-type-{name}";
                while (!_labels.Add(label))
                {
                    label += "-x";
                }

                types.Know(type, _sections.ImportType(label, types.Define(type)));
                _types.Add((label, type, (described.Id, name)));
            }
        }
    }

    private void Export(TypeWriter imported, Dictionary<string, int> functions)
    {
        var exported = new TypeWriter(_sections.Type);
        foreach (var (name, type) in _described.ValueTypes())
        {
            var isOwn = !_described.Uses.ContainsKey(name);
            exported.Know(type, _sections.ExportType(name, isOwn ? exported.Define(type) : imported.Known(type) ?? exported.Define(type)));
        }

        foreach (var (name, type) in _described.Functions)
        {
            _sections.ExportFunction(name, functions[name], exported.Define(type));
        }
    }

    private void Use(WitType type)
    {
        if (type is WitType.Primitive || !_used.Add(type))
        {
            return;
        }

        ImmutableArray<WitType?> parts = type switch
        {
            WitType.List list => [list.Element],
            WitType.Product product => [.. product.Parts],
            WitType.Sum sum => sum.Payloads,
            _ => [],
        };
        foreach (var part in parts.OfType<WitType>())
        {
            Use(part);
        }
    }
}
