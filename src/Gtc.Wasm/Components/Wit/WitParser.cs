using System.Collections.Immutable;

namespace Gtc.Wasm.Components;

/// <summary>Reads WIT (WIT.md) as far as hosts need it.</summary>
internal sealed class WitParser(string text, Dictionary<string, WitInterface> known, Dictionary<string, ResourceType> resources)
{
    private const int MostDepth = 32;
    private readonly WitTokens _tokens = new(text);
    private readonly Dictionary<string, WitInterface> _here = new(StringComparer.Ordinal);
    private string _package = "";
    private string _version = "";
    private WitInterface _current = new("");
    private int _depth;

    public IEnumerable<WitInterface> Package()
    {
        _tokens.Expect("package");
        _package = $"{_tokens.Name()}:{After(":")}";
        _version = _tokens.Take("@") ? $"@{Version()}" : "";
        _tokens.Expect(";");
        while (_tokens.Peek().Length > 0)
        {
            _tokens.Expect("interface");
            var name = _tokens.Name();
            _current = new WitInterface($"{_package}/{name}{_version}");
            _here.Add(name, _current);
            _tokens.Expect("{");
            DeclareResources();
            while (!_tokens.Take("}"))
            {
                Item();
            }
        }

        return _here.Values;
    }

    // Functions may speak of resources that come later in the text.
    private void DeclareResources()
    {
        var place = _tokens.Place;
        for (var depth = 1; depth > 0;)
        {
            var token = _tokens.Next();
            depth += token == "{" ? 1 : token is "}" or "" ? -1 : 0;
            if (token == "resource" && depth == 1)
            {
                var name = _tokens.Name();
                var path = $"{_current.Id[..^_version.Length]}#{name}";
                _current.Types.Add(name, resources.GetValueOrDefault(path) ?? new HostResourceType<object>(name, null));
            }
        }

        _tokens.Place = place;
    }

    private void Item()
    {
        var word = _tokens.Name();
        switch (word)
        {
            case "use":
                Use();
                break;
            case "type":
                var alias = _tokens.Name();
                _tokens.Expect("=");
                _current.Types.Add(alias, Named());
                _tokens.Expect(";");
                break;
            case "resource":
                Resource();
                break;
            case "record" or "variant" or "enum" or "flags":
                var name = _tokens.Name();
                _current.Types.Add(name, Definition(word));
                break;
            default:
                _tokens.Expect(":");
                Function(word, null);
                break;
        }
    }

    private void Use()
    {
        var first = _tokens.Name();
        WitInterface from;
        if (_tokens.Take(":"))
        {
            var id = $"{first}:{_tokens.Name()}/{After("/")}";
            id = _tokens.Take("@") ? $"{id}@{Version()}" : id;
            from = known.GetValueOrDefault(id) ?? throw _tokens.Fault($"the interface {id} is not known");
        }
        else
        {
            from = _here.GetValueOrDefault(first) ?? throw _tokens.Fault($"the interface {first} is not known");
        }

        _tokens.Expect(".");
        _tokens.Expect("{");
        do
        {
            var name = _tokens.Name();
            var local = _tokens.Take("as") ? _tokens.Name() : name;
            _current.Uses.Add(local, (from.Id, name));
            _current.Types.Add(local, from.Types.GetValueOrDefault(name) ?? throw _tokens.Fault($"{from.Id} has no type {name}"));
        }
        while (_tokens.Take(","));
        _tokens.Expect("}");
        _tokens.Expect(";");
    }

    private void Resource()
    {
        var name = _tokens.Name();
        var resource = (ResourceType)_current.Types[name];
        if (_tokens.Take(";"))
        {
            return;
        }

        _tokens.Expect("{");
        while (!_tokens.Take("}"))
        {
            var word = _tokens.Name();
            if (word == "constructor")
            {
                var parameters = Parameters();
                var result = _tokens.Take("->") ? Type() : WitType.OwnOf(resource);
                _tokens.Expect(";");
                Add($"[constructor]{name}", parameters, result);
                continue;
            }

            _tokens.Expect(":");
            var isStatic = _tokens.Take("static");
            Function(isStatic ? $"[static]{name}.{word}" : $"[method]{name}.{word}", isStatic ? null : resource);
        }
    }

    private void Function(string name, ResourceType? self)
    {
        _tokens.Expect("func");
        var parameters = Parameters();
        if (self is not null)
        {
            parameters.Insert(0, ("self", WitType.BorrowOf(self)));
        }

        var result = _tokens.Take("->") ? Type() : null;
        _tokens.Expect(";");
        Add(name, parameters, result);
    }

    private void Add(string name, List<(string Name, WitType Type)> parameters, WitType? result) =>
        _current.Functions.Add(name, new WitFunctionType(
            [.. parameters.Select(parameter => parameter.Name)], [.. parameters.Select(parameter => parameter.Type)], result));

    private List<(string Name, WitType Type)> Parameters()
    {
        var parameters = new List<(string, WitType)>();
        _tokens.Expect("(");
        while (!_tokens.Take(")"))
        {
            var name = _tokens.Name();
            _tokens.Expect(":");
            parameters.Add((name, Type()));
            Separate(")");
        }

        return parameters;
    }

    private WitType Definition(string word)
    {
        var names = ImmutableArray.CreateBuilder<string>();
        var types = ImmutableArray.CreateBuilder<WitType?>();
        _tokens.Expect("{");
        while (!_tokens.Take("}"))
        {
            names.Add(_tokens.Name());
            types.Add(word == "record" ? TypeAfter(":") : word == "variant" && _tokens.Take("(") ? TypeBefore(")") : null);
            Separate("}");
        }

        if (names.Count == 0)
        {
            throw _tokens.Fault($"a {word} without parts");
        }

        return word switch
        {
            "record" => WitType.Product.Of(names.ToImmutable(), [.. types.Select(type => type!)]),
            "variant" => WitType.Sum.Of(SumKind.Variant, names.ToImmutable(), types.ToImmutable()),
            "enum" => WitType.EnumOf(names.ToArray()),
            _ => WitType.FlagsOf(names.ToArray()),
        };
    }

    private WitType TypeAfter(string mark)
    {
        _tokens.Expect(mark);
        return Type();
    }

    private WitType TypeBefore(string mark)
    {
        var type = Type();
        _tokens.Expect(mark);
        return type;
    }

    private WitType Type() => Named() switch
    {
        WitType type => type,
        ResourceKey resource => WitType.OwnOf(resource),
        _ => throw _tokens.Fault("a value type is needed"),
    };

    private TypeEntity Named()
    {
        if (++_depth > MostDepth)
        {
            throw _tokens.Fault($"types are nested more than {MostDepth} deep");
        }

        var word = _tokens.Next();
        TypeEntity type = word switch
        {
            "bool" => WitType.Bool,
            "s8" => WitType.S8,
            "u8" => WitType.U8,
            "s16" => WitType.S16,
            "u16" => WitType.U16,
            "s32" => WitType.S32,
            "u32" => WitType.U32,
            "s64" => WitType.S64,
            "u64" => WitType.U64,
            "f32" => WitType.F32,
            "f64" => WitType.F64,
            "char" => WitType.Scalar,
            "string" => WitType.Text,
            "list" => WitType.ListOf(Arguments()[0]!),
            "option" => WitType.OptionOf(Arguments()[0]!),
            "tuple" => WitType.TupleOf(Arguments().Select(part => part!).ToArray()),
            "result" => _tokens.Peek() == "<" ? ResultOf(Arguments()) : WitType.ResultOf(null, null),
            "own" => WitType.OwnOf(ResourceArgument()),
            "borrow" => WitType.BorrowOf(ResourceArgument()),
            _ => _current.Types.GetValueOrDefault(word) ?? throw _tokens.Fault($"the type {word} is not known"),
        };
        _depth--;
        return type;
    }

    private static WitType ResultOf(List<WitType?> arguments) => WitType.ResultOf(arguments[0], arguments.Count > 1 ? arguments[1] : null);

    private List<WitType?> Arguments()
    {
        var arguments = new List<WitType?>();
        _tokens.Expect("<");
        do
        {
            arguments.Add(_tokens.Take("_") ? null : Type());
        }
        while (_tokens.Take(","));
        _tokens.Expect(">");
        return arguments;
    }

    private ResourceKey ResourceArgument()
    {
        _tokens.Expect("<");
        var name = _tokens.Name();
        _tokens.Expect(">");
        return _current.Types.GetValueOrDefault(name) as ResourceKey ?? throw _tokens.Fault($"the resource {name} is not known");
    }

    private void Separate(string end)
    {
        if (!_tokens.Take(",") && _tokens.Peek() != end)
        {
            throw _tokens.Fault($"\",\" or \"{end}\" is needed, not \"{_tokens.Peek()}\"");
        }
    }

    private string After(string mark)
    {
        _tokens.Expect(mark);
        return _tokens.Name();
    }

    // Numbers with dots between them; a dot before a brace belongs to what follows.
    private string Version()
    {
        var version = $"{_tokens.Next()}";
        for (var i = 0; i < 2; i++)
        {
            _tokens.Expect(".");
            version += $".{_tokens.Next()}";
        }

        return version;
    }
}
