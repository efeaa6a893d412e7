using Gtc.Wasm.Components;

namespace Gtc.Wasm.Tests.Components;

public sealed class Imports_that_are_exported_again_can_be_called
{
    private static readonly ComponentOptions Options = new() { Time = TimeProvider.System };

    [Fact]
    public void Over_values_of_any_type()
    {
        for (var seed = 0; seed < 40; seed++)
        {
            var values = new RandomValues(seed);
            var type = values.Type(3);
            var value = values.Value(type);
            var linker = new ComponentLinker();
            linker.World.Function("f", new WitFunctionType(["paa"], [type], type), (_, arguments) => arguments[0]);
            using var instance = Make(Again([type], type), linker);
            var answer = instance.Invoke(null, "again", [value], CallLimits.None, TestContext.Current.CancellationToken);
            answer.Error.ShouldBeNull();
            answer.Value.ShouldBe(value, $"seed {seed}: {type}");
        }
    }

    [Fact]
    public void Over_CSharp_types_that_the_two_sides_choose()
    {
        // The interface hands out bytes as an array, the caller wants them as values; and the caller's text is long.
        var linker = new ComponentLinker();
        linker.World.Function<string, byte[]>("f", ["paa"], Codecs.Parameters(Codecs.Text), Codecs.Bytes, (_, text) => System.Text.Encoding.UTF8.GetBytes(text!));
        using var instance = Make(Again([WitType.Text], WitType.ListOf(WitType.U8)), linker);
        var given = new string('ü', 5_000);
        var answer = instance.Invoke(null, "again", [new ComponentValue.Text(given)], CallLimits.None, TestContext.Current.CancellationToken).Value;
        System.Text.Encoding.UTF8.GetString(answer.ShouldBeOfType<ComponentValue.Bytes>().Value.Span).ShouldBe(given);
    }

    [Fact]
    public void Without_arguments_and_result()
    {
        var calls = 0;
        var linker = new ComponentLinker();
        linker.World.Function("f", new WitFunctionType([], [], null), (_, _) =>
        {
            calls++;
            return null;
        });
        using var instance = Make(Again([], null), linker);
        instance.Invoke(null, "again", [], CallLimits.None, TestContext.Current.CancellationToken).Value.ShouldBeNull();
        calls.ShouldBe(1);
    }

    [Fact]
    public void What_the_host_function_throws_is_a_trap_and_ends_the_instance()
    {
        var linker = new ComponentLinker();
        linker.World.Function("f", new WitFunctionType([], [], null), (_, _) => throw new InvalidOperationException("no such luck"));
        using var instance = Make(Again([], null), linker);
        instance.Invoke(null, "again", [], CallLimits.None, TestContext.Current.CancellationToken).Error!.Trap!.Message.ShouldBe("host function failed: no such luck");
        instance.Invoke(null, "again", [], CallLimits.None, TestContext.Current.CancellationToken).Error!.Message.ShouldContain("trapped before");
    }

    [Fact]
    public void But_not_when_resources_go_through_them()
    {
        var resource = new HostResourceType<object>("r", null);
        var linker = new ComponentLinker();
        linker.World.Resource(resource).Function("f", new WitFunctionType(["paa"], [WitType.OwnOf(resource)], null), (_, _) => null);
        var writer = new ComponentWriter();
        var own = writer.Type(new Bytes().Add(0x69).Number(writer.ImportResource("r")));
        var type = writer.Type(new Bytes().Add(0x40).Number(1).Name("paa").Signed(own).Add(1, 0));
        writer.Export("again", 1, writer.ImportFunction("f", type));
        using var instance = Make(writer.ToArray(), linker);
        instance.Invoke(null, "again", [new ComponentValue.Natural(0)], CallLimits.None, TestContext.Current.CancellationToken).Error!
            .Message.ShouldContain("resources go through it");
    }

    private static byte[] Again(WitType[] parameters, WitType? result)
    {
        var writer = new ComponentWriter();
        writer.Export("again", 1, writer.ImportFunction("f", writer.Function(parameters, result)));
        return writer.ToArray();
    }

    private static IComponentInstance Make(byte[] bytes, ComponentLinker linker)
    {
        var loaded = new ComponentEngine(WasmLimits.Guest).Load(bytes);
        loaded.Error.ShouldBeNull();
        var linked = loaded.Value.Link(linker);
        linked.Error.ShouldBeNull();
        return linked.Value.Instantiate(Options, CallLimits.None, TestContext.Current.CancellationToken).Value;
    }
}
