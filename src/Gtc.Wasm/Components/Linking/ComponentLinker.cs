namespace Gtc.Wasm.Components;

/// <summary>What a host offers to components. Fill it first; afterwards any number of threads may link with it.</summary>
public sealed class ComponentLinker
{
    private readonly Dictionary<string, List<HostInterface>> _interfaces = new(StringComparer.Ordinal);

    /// <summary>When true, imports that nobody serves do not keep a component from being linked; calling one is a trap.</summary>
    public bool AllowMissing { get; init; }

    /// <summary>Functions and resources that worlds import by a plain name.</summary>
    public HostInterface World { get; } = new("");

    /// <summary>Offers an interface; of several compatible versions the one that is asked for by name comes first, then the one defined first.</summary>
    /// <returns>This, so that definitions can be chained.</returns>
    public ComponentLinker Define(HostInterface offered)
    {
        ArgumentNullException.ThrowIfNull(offered);
        if (!_interfaces.TryGetValue(offered.Id.Path, out var versions))
        {
            _interfaces.Add(offered.Id.Path, versions = []);
        }

        versions.Add(offered);
        return this;
    }

    /// <summary>Which of the interfaces that were offered an import of this name would get. Whether its types fit, only linking tells.</summary>
    /// <param name="name">The id with version, such as <c>wasi:io/poll@0.2.0</c>.</param>
    /// <returns>The id of what is offered, such as <c>wasi:io/poll@0.2.6</c>, or null.</returns>
    public string? FindOffered(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return Find(name)?.Name;
    }

    /// <summary>Finds what serves each import and checks the types.</summary>
    /// <returns>What each import gets, or one error that names everything that is missing or does not fit.</returns>
    internal WasmResult<Dictionary<string, object>> Resolve(ComponentType component)
    {
        var given = new Dictionary<string, object>(StringComparer.Ordinal);
        var faults = new List<string>();
        var linking = new Linking(AllowMissing, faults);
        foreach (var (name, wanted) in component.Imports)
        {
            if (wanted.Sort == ExternSort.Instance)
            {
                given[name] = linking.Instance(name, (InstanceType)wanted.Entity, Find(name));
            }
            else if (linking.Item(name, wanted, World, name) is { } item)
            {
                given[name] = item;
            }
        }

        return faults.Count == 0
            ? given
            : new WasmError(WasmErrorKind.Unlinkable, -1, $"the component cannot be linked: {string.Join("; ", faults)}");
    }

    private HostInterface? Find(string name)
    {
        var id = InterfaceId.Parse(name);
        return !_interfaces.TryGetValue(id.Path, out var versions)
            ? null
            : versions.Find(version => version.Id.Text == name) ?? versions.Find(version => version.Id.IsCompatibleWith(id));
    }

    private sealed class Linking(bool allowMissing, List<string> faults)
    {
        private readonly CheckBudget _budget = new();
        private readonly Substitution _bound = new(new CheckBudget());

        public Dictionary<string, object> Instance(string name, InstanceType wanted, HostInterface? offered)
        {
            var items = new Dictionary<string, object>(StringComparer.Ordinal);
            if (offered is null && !allowMissing)
            {
                faults.Add($"nothing provides {name}");
            }

            foreach (var (export, type) in wanted.Exports)
            {
                if (Item(export, type, offered, $"{name}#{export}") is { } item)
                {
                    items[export] = item;
                }
            }

            return items;
        }

        /// <returns>What serves the import, or null when it needs nothing or nothing serves it.</returns>
        public object? Item(string name, ExternType wanted, HostInterface? offered, string path)
        {
            if (wanted is { Sort: ExternSort.Type, IsFresh: false })
            {
                // A name for a type that both sides know; a host declares none.
                return (wanted.Entity as ResourceKey) is { } key ? _bound.Apply(key) as ResourceType : null;
            }

            if (offered is null || !offered.Type.Exports.TryGetValue(name, out var found))
            {
                return Missing(wanted, offered is null && path != name, path);
            }

            if (new TypeRules(_budget).Mismatch(wanted, found, _bound) is { } reason)
            {
                faults.Add($"{path}: {reason}");
                return null;
            }

            return offered.Items[name];
        }

        private object? Missing(ExternType wanted, bool reported, string path)
        {
            if (wanted.IsFresh)
            {
                var resource = new HostResourceType<object>(path, null);
                _bound.Set((ResourceKey)wanted.Entity, resource);
                if (allowMissing)
                {
                    return resource;
                }
            }

            if (allowMissing && wanted.Sort == ExternSort.Function)
            {
                return new MissingFunction(path);
            }

            if (!reported || allowMissing)
            {
                faults.Add($"nothing provides {path}");
            }

            return null;
        }
    }
}
