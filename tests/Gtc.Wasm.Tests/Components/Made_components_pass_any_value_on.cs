using System.Text;
using Gtc.Wasm.Components;

namespace Gtc.Wasm.Tests.Components;

/// <summary>Random types, written in WIT: a component is made of a module that passes its argument on, and a value goes through it and comes back.</summary>
public sealed class Made_components_pass_any_value_on
{
    private const string Host = "t:t/host@1.0.0";
    private const string App = "t:t/app@1.0.0";

    [Fact]
    public void Whatever_its_type()
    {
        for (var seed = 0; seed < 60; seed++)
        {
            var wit = new WitOf(new RandomValues(seed).Type(3));
            var catalog = new WitCatalog().Add(wit.Text);
            var type = catalog.Function(Host, "f");
            var component = new ComponentEngine(WasmLimits.Default).Load(ComponentEncoder.Encode(Module(type), catalog).Value);
            component.Error.ShouldBeNull($"seed {seed}: {wit.Text}");
            ComponentValue? seen = null;
            var linker = new ComponentLinker();
            foreach (var id in catalog.Interfaces.Where(id => id != App))
            {
                linker.Define(catalog.Host(id, id == Host ? new Dictionary<string, HostHandler> { ["f"] = (_, arguments) => seen = arguments[0] } : [], null));
            }

            using var instance = component.Value.Link(linker).Value
                .Instantiate(new ComponentOptions { Time = TimeProvider.System }, CallLimits.None, TestContext.Current.CancellationToken).Value;
            var value = new RandomValues(seed + 1000).Value(type.Parameters[0]);

            var answer = instance.Invoke(App, "f", [value], CallLimits.None, TestContext.Current.CancellationToken);

            answer.Error.ShouldBeNull($"seed {seed}: {wit.Text}");
            answer.Value.ShouldBe(value, $"seed {seed}: {wit.Text}");
            seen.ShouldBe(value, $"seed {seed}: {wit.Text}");
        }
    }

    /// <summary>A module that gives its arguments to the host's function and returns what that returns.</summary>
    private static byte[] Module(WitFunctionType type)
    {
        var (lowered, lifted) = (type.Flatten(lowered: true), type.Flatten(lowered: false));
        var forward = new Bytes().Number(0);
        for (var i = 0; i < lifted.Parameters.Length; i++)
        {
            forward.Add(0x20).Number(i);
        }

        if (lowered.Parameters.Length > lifted.Parameters.Length)
        {
            forward.Add(0x41).Signed(CoreModules.ReturnArea).Add(0x10, 0).Add(0x41).Signed(CoreModules.ReturnArea);
        }
        else
        {
            forward.Add(0x10, 0);
        }

        // An allocator that only moves on, eight bytes at a time.
        var realloc = new Bytes().Number(0).Add(0x23, 0, 0x23, 0, 0x20, 3, 0x6A, 0x41, 7, 0x6A, 0x41, 0x78, 0x71, 0x24, 0);
        return new Bytes().Add(0, (byte)'a', (byte)'s', (byte)'m', 1, 0, 0, 0)
            .Section(1, new Bytes().Number(3).Append(Type(lowered)).Append(Type(lifted)).Add(0x60, 4, 0x7F, 0x7F, 0x7F, 0x7F, 1, 0x7F))
            .Section(2, new Bytes().Number(1).Name(Host).Name("f").Add(0, 0))
            .Section(3, new Bytes().Number(2).Add(1, 2))
            .Section(5, new Bytes().Number(1).Add(0).Number(64))
            .Section(6, new Bytes().Number(1).Add(0x7F, 1, 0x41).Signed(65536).Add(0x0B))
            .Section(7, new Bytes().Number(3).Name("memory").Add(2, 0).Name("cabi_realloc").Add(0, 2).Name($"{App}#f").Add(0, 1))
            .Section(10, new Bytes().Number(2).Append(Body(forward)).Append(Body(realloc)))
            .ToArray();
    }

    private static Bytes Type((System.Collections.Immutable.ImmutableArray<ValueType> Parameters, System.Collections.Immutable.ImmutableArray<ValueType> Results) type) => new Bytes()
        .Add(0x60).Number(type.Parameters.Length).Add([.. type.Parameters.Select(value => (byte)value)])
        .Number(type.Results.Length).Add([.. type.Results.Select(value => (byte)value)]);

    private static Bytes Body(Bytes code)
    {
        var all = code.Add(0x0B).ToArray();
        return new Bytes().Number(all.Length).Add(all);
    }

    /// <summary>A package whose interface <c>types</c> names every record, variant, enum and flags of a type, and whose other two interfaces have <c>f</c> over it.</summary>
    private sealed class WitOf
    {
        private readonly StringBuilder _declarations = new();
        private int _count;

        public WitOf(WitType type)
        {
            var reference = Reference(type);
            var use = _count == 0 ? "" : $"use types.{{{string.Join(", ", Enumerable.Range(0, _count).Select(index => $"t{index}"))}}};";
            Text = $"package t:t@1.0.0; interface types {{ {_declarations} }} interface host {{ {use} f: func(a: {reference}) -> {reference}; }} interface app {{ {use} f: func(a: {reference}) -> {reference}; }}";
        }

        public string Text { get; }

        private string Reference(WitType type) => type switch
        {
            WitType.List list => $"list<{Reference(list.Element)}>",
            WitType.Product { Names.IsDefault: true } tuple => $"tuple<{string.Join(", ", tuple.Parts.Select(Reference))}>",
            WitType.Product record => Named("record", record.Names.Select((name, index) => $"{name}: {Reference(record.Parts[index])}")),
            WitType.Flags flags => Named("flags", flags.Names),
            WitType.Enumeration enumeration => Named("enum", enumeration.Names),
            WitType.Sum { Kind: SumKind.Option } option => $"option<{Reference(option.Payloads[1]!)}>",
            WitType.Sum { Kind: SumKind.Result } result => $"result<{Optional(result.Payloads[0])}, {Optional(result.Payloads[1])}>",
            WitType.Sum variant => Named("variant", variant.Names.Select((name, index) => variant.Payloads[index] is { } payload ? $"{name}({Reference(payload)})" : name)),
            _ => type.ToString()!,
        };

        private string Optional(WitType? type) => type is null ? "_" : Reference(type);

        private string Named(string form, IEnumerable<string> parts)
        {
            // The parts come first: they may declare types of their own.
            var inside = string.Join(", ", parts.ToArray());
            var name = $"t{_count++}";
            _declarations.Append(System.Globalization.CultureInfo.InvariantCulture, $"{form} {name} {{ {inside} }} ");
            return name;
        }
    }
}
