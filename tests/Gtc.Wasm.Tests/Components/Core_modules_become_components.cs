using System.Text;
using Gtc.Wasm.Components;

namespace Gtc.Wasm.Tests.Components;

public sealed class Core_modules_become_components
{
    private const string Types = """
        package example:types@1.0.0;
        interface shapes {
          type label = string;
          record point { x: u32, y: s64 }
          record place { name: label, at: option<point> }
        }
        """;

    private const string App = """
        package example:app@1.2.0;
        interface host {
          use example:types/shapes@1.0.0.{place};
          enum mood { good, bad }
          look: func(at: place) -> result<tuple<place, mood>, string>;
        }
        interface app {
          use example:types/shapes@1.0.0.{place};
          use host.{mood};
          variant outcome { found(tuple<place, mood>), lost(string) }
          run: func(at: place) -> result<tuple<place, mood>, string>;
          name: func() -> string;
        }
        """;

    private static readonly string[] Functions = ["run", "name"];

    // A place is flat: name pointer and length, whether there is a point, its two numbers. Look returns through memory, so it takes one more.
    private static readonly FunctionType Look = new([ValueType.I32, ValueType.I32, ValueType.I32, ValueType.I32, ValueType.I64, ValueType.I32], []);
    private static readonly FunctionType Run = new([ValueType.I32, ValueType.I32, ValueType.I32, ValueType.I32, ValueType.I64], [ValueType.I32]);

    [Fact]
    public void What_they_import_and_export_gets_the_types_of_its_interface()
    {
        var component = Loaded(ComponentEncoder.Encode(Module(), Catalog()).Value);

        component.ImportItems.Select(import => import.Name).ShouldBe(["example:types/shapes@1.0.0", "example:app/host@1.2.0"]);
        component.ImportItems[1].Functions.ShouldHaveSingleItem().Type.ToString().ShouldBe(Catalog().Function("example:app/host@1.2.0", "look").ToString());
        var export = component.ExportItems.ShouldHaveSingleItem();
        export.Name.ShouldBe("example:app/app@1.2.0");
        export.Functions.Select(function => $"{function.Name}: {function.Type}").ShouldBe(
            Functions.Select(name => $"{name}: {Catalog().Function(export.Name, name)}"));
    }

    [Fact]
    public void They_run_calls_of_the_host_included()
    {
        var place = ComponentValue.Of(new ComponentValue.Text("here"), ComponentValue.Some(ComponentValue.Of(new ComponentValue.Natural(3), new ComponentValue.Whole(-4))));
        ComponentValue? seen = null;
        var host = Catalog().Host(
            "example:app/host@1.2.0",
            new Dictionary<string, HostHandler>
            {
                ["look"] = (_, arguments) =>
                {
                    seen = arguments[0];
                    return new ComponentValue.Choice(0, ComponentValue.Of(arguments[0], new ComponentValue.Number(1)));
                },
            },
            null);
        var linker = new ComponentLinker().Define(host).Define(Catalog().Host("example:types/shapes@1.0.0", new Dictionary<string, HostHandler>(), null));
        var linked = Loaded(ComponentEncoder.Encode(Module(), Catalog()).Value).Link(linker).Value;
        using var instance = linked.Instantiate(new ComponentOptions { Time = TimeProvider.System }, CallLimits.None, TestContext.Current.CancellationToken).Value;

        var answer = instance.Invoke("example:app/app@1.2.0", "run", [place], CallLimits.None, TestContext.Current.CancellationToken).Value;

        seen.ShouldBe(place);
        answer.ShouldBe(new ComponentValue.Choice(0, ComponentValue.Of(place, new ComponentValue.Number(1))));
        instance.Invoke("example:app/app@1.2.0", "name", [], CallLimits.None, TestContext.Current.CancellationToken).Value.ShouldBe(new ComponentValue.Text("gtc"));
    }

    [Fact]
    public void The_same_module_gives_the_same_bytes()
        => ComponentEncoder.Encode(Module(), Catalog()).Value.ShouldBe(ComponentEncoder.Encode(Module(), Catalog()).Value);

    [Theory]
    [InlineData("example:app/host@1.2.0", "listen", "the import `example:app/host@1.2.0` `listen` is no function of an interface that is known")]
    [InlineData("env", "memcpy", "the import `env` `memcpy` is no function of an interface that is known")]
    public void An_import_that_no_interface_has_is_named(string module, string name, string message)
        => Refused(Module(import: (module, name))).ShouldStartWith(message);

    [Fact]
    public void A_core_type_that_is_not_that_of_the_interface_is_named_with_both()
    {
        Refused(Module(look: new([ValueType.I32], []))).ShouldBe($"the import example:app/host@1.2.0#look has the core type {new FunctionType([ValueType.I32], [])}, by its interface it is {Look}");
        Refused(Module(run: new([ValueType.I32], [ValueType.I32]))).ShouldStartWith("the export example:app/app@1.2.0#run has the core type");
    }

    [Fact]
    public void An_interface_is_exported_whole_or_not_at_all()
    {
        Refused(Module(exports: ["example:app/app@1.2.0#run"])).ShouldBe("the module exports functions of example:app/app@1.2.0, but not `example:app/app@1.2.0#name`");
        Refused(Module(exports: ["example:app/app@1.2.0#walk"])).ShouldBe("the export `example:app/app@1.2.0#walk` is no function of example:app/app@1.2.0, which has run, name");
        Refused(Module(exports: ["example:app/other@1.2.0#run"])).ShouldStartWith("the interface example:app/other@1.2.0 is not known");
        Refused(Module(exports: [])).ShouldStartWith("the module exports no function of an interface");
        Refused(Module(exports: ["example:app/app@1.2.0#run", "example:app/app@1.2.0#name", "_initialize"])).ShouldStartWith("the module wants to be initialized by `_initialize`");
    }

    [Fact]
    public void A_module_without_an_allocator_where_one_is_needed_is_refused()
        => ComponentEncoder.Encode(Module(allocator: "malloc"), Catalog()).Error!.Message.ShouldStartWith("the component would not be valid: ");

    [Fact]
    public void Resources_are_refused()
    {
        var catalog = new WitCatalog().Add("package a:b@1.0.0; interface c { resource thing; take: func(it: borrow<thing>); }");
        var module = new Bytes().Add(0, (byte)'a', (byte)'s', (byte)'m', 1, 0, 0, 0)
            .Section(1, new Bytes().Number(1).Add(0x60, 1, 0x7F, 0))
            .Section(3, new Bytes().Number(1).Add(0))
            .Section(5, new Bytes().Number(1).Add(0, 1))
            .Section(7, new Bytes().Number(2).Name("memory").Add(2, 0).Name("a:b/c@1.0.0#take").Add(0, 0))
            .Section(10, new Bytes().Number(1).Number(2).Add(0, 0x0B))
            .ToArray();

        ComponentEncoder.Encode(module, catalog).Error!.Message.ShouldContain("has the resource thing");
    }

    [Fact]
    public void Whatever_is_no_module_is_refused()
        => ComponentEncoder.Encode(Encoding.UTF8.GetBytes("no module"), Catalog()).Error!.Kind.ShouldBe(WasmErrorKind.Malformed);

    private static WitCatalog Catalog() => new WitCatalog().Add(Types).Add(App);

    private static IComponent Loaded(byte[] bytes)
    {
        var loaded = new ComponentEngine(WasmLimits.Default).Load(bytes);
        loaded.Error.ShouldBeNull();
        return loaded.Value;
    }

    private static string Refused(byte[] module)
    {
        var error = ComponentEncoder.Encode(module, Catalog()).Error.ShouldNotBeNull();
        error.Kind.ShouldBe(WasmErrorKind.Unlinkable, error.Message);
        return error.Message;
    }

    /// <summary>A module that passes what run gets on to look, and returns what look returns; name points at three letters.</summary>
    private static byte[] Module((string Module, string Name)? import = null, FunctionType? look = null, FunctionType? run = null, string[]? exports = null, string allocator = "cabi_realloc")
    {
        var (from, name) = import ?? ("example:app/host@1.2.0", "look");
        string[] names = exports ?? ["example:app/app@1.2.0#run", "example:app/app@1.2.0#name"];
        var (imported, exported) = (look ?? Look, run ?? Run);
        var forward = new Bytes().Number(0);
        if (look is null && run is null)
        {
            forward.Add(0x20, 0, 0x20, 1, 0x20, 2, 0x20, 3, 0x20, 4).Add(0x41).Signed(CoreModules.ReturnArea).Add(0x10, 0).Add(0x41).Signed(CoreModules.ReturnArea);
        }
        else
        {
            forward.Add(0x41, 0);
        }

        var exporting = new Bytes().Number(2 + names.Length).Name("memory").Add(2, 0).Name(allocator).Add(0, 3);
        foreach (var (index, export) in names.Index())
        {
            exporting.Name(export).Add(0, (byte)(index + 1));
        }

        var area = new Bytes().Number(0).Add(0x41).Signed(2048);
        var realloc = new Bytes().Number(0).Add(0x23, 0, 0x23, 0, 0x20, 3, 0x6A, 0x41, 7, 0x6A, 0x41, 0x78, 0x71, 0x24, 0);
        return new Bytes().Add(0, (byte)'a', (byte)'s', (byte)'m', 1, 0, 0, 0)
            .Section(1, new Bytes().Number(4).Append(Type(imported)).Append(Type(exported)).Add(0x60, 0, 1, 0x7F).Add(0x60, 4, 0x7F, 0x7F, 0x7F, 0x7F, 1, 0x7F))
            .Section(2, new Bytes().Number(1).Name(from).Name(name).Add(0, 0))
            .Section(3, new Bytes().Number(3).Add(1, 2, 3))
            .Section(5, new Bytes().Number(1).Add(0, 2))
            .Section(6, new Bytes().Number(1).Add(0x7F, 1, 0x41).Signed(65536).Add(0x0B))
            .Section(7, exporting)
            .Section(10, new Bytes().Number(3).Append(Body(forward)).Append(Body(area)).Append(Body(realloc)))
            .Section(11, new Bytes().Number(1).Add(0, 0x41).Signed(2048).Add(0x0B).Number(11).Add(8, 8, 0, 0, 3, 0, 0, 0).Add("gtc"u8))
            .ToArray();
    }

    private static Bytes Type(FunctionType type)
    {
        var bytes = new Bytes().Add(0x60).Number(type.Parameters.Length).Add([.. type.Parameters.Select(value => (byte)value)]);
        return bytes.Number(type.Results.Length).Add([.. type.Results.Select(value => (byte)value)]);
    }

    private static Bytes Body(Bytes code)
    {
        var all = code.Add(0x0B).ToArray();
        return new Bytes().Number(all.Length).Add(all);
    }
}
