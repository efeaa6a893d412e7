using Gtc.Wasm.Components;

namespace Gtc.Wasm.Tests.Components;

public sealed class Imports_are_linked_by_name_and_version
{
    [Theory]
    [InlineData("a:b/c@0.2.0", "a:b/c@0.2.6", true)]
    [InlineData("a:b/c@0.2.9", "a:b/c@0.2.6", true)]
    [InlineData("a:b/c@0.3.0", "a:b/c@0.2.6", false)]
    [InlineData("a:b/c@1.9.0", "a:b/c@1.0.1", true)]
    [InlineData("a:b/c@2.0.0", "a:b/c@1.0.1", false)]
    [InlineData("a:b/c@0.2.0-rc.1", "a:b/c@0.2.6", false)]
    [InlineData("a:b/c", "a:b/c", true)]
    [InlineData("a:b/c", "a:b/c@1.0.0", false)]
    public void Compatible_versions_serve_each_other(string wanted, string offered, bool fits)
    {
        var linker = new ComponentLinker().Define(new HostInterface(offered).Function<string, uint>("f", ["paa"], Codecs.Parameters(Codecs.Text), Codecs.U32, (_, _) => 7));
        Component(wanted).Link(linker).IsOk.ShouldBe(fits);
    }

    [Fact]
    public void All_that_is_missing_is_said_at_once()
    {
        var writer = new ComponentWriter();
        var function = writer.Function([WitType.U8], null);
        writer.ImportFunction("one", function);
        writer.ImportFunction("two", function);
        writer.ImportInstance("x:y/z@1.0.0", writer.Type(InstanceType("g")));
        var error = Load(writer.ToArray()).Link(new ComponentLinker()).Error;
        error!.Kind.ShouldBe(WasmErrorKind.Unlinkable);
        error.Message.ShouldBe("the component cannot be linked: nothing provides one; nothing provides two; nothing provides x:y/z@1.0.0");
    }

    [Fact]
    public void A_function_of_another_type_is_named()
    {
        var linker = new ComponentLinker().Define(new HostInterface("a:b/c@1.0.0").Function<uint, uint>("f", ["paa"], Codecs.Parameters(Codecs.U32), Codecs.U32, (_, _) => 7));
        Component("a:b/c@1.0.0").Link(linker).Error!.Message.ShouldBe(
            "the component cannot be linked: a:b/c@1.0.0#f: func(paa: string) -> u32 is needed, func(paa: u32) -> u32 is given");
    }

    [Fact]
    public void Missing_imports_can_be_allowed_until_they_are_called()
    {
        var component = Load(EchoComponent.Of(WitType.U32, 0));
        using var instance = component.Link(new ComponentLinker { AllowMissing = true }).Value.Instantiate(
            new ComponentOptions { Time = TimeProvider.System }, CallLimits.None, TestContext.Current.CancellationToken).Value;
        instance.Invoke(null, "echo", [new ComponentValue.Natural(1)], CallLimits.None, TestContext.Current.CancellationToken).Error!
            .Message.ShouldBe("the import f is not provided");
    }

    [Fact]
    public void The_same_bytes_are_the_same_component()
    {
        var engine = new ComponentEngine(WasmLimits.Default);
        var first = engine.Load(EchoComponent.Of(WitType.U32, 0)).Value;
        engine.Load(EchoComponent.Of(WitType.U32, 0)).Value.ShouldBeSameAs(first);
        first.Digest.Length.ShouldBe(64);
    }

    private static IComponent Component(string import)
    {
        var writer = new ComponentWriter();
        writer.ImportInstance(import, writer.Type(InstanceType("f")));
        return Load(writer.ToArray());
    }

    // An instance type with one function from string to u32.
    private static Bytes InstanceType(string name) => new Bytes().Add(0x42).Number(2)
        .Add(1, 0x40).Number(1).Name("paa").Add(0x73, 0, 0x79)
        .Add(4, 0).Name(name).Add(1, 0);

    private static IComponent Load(byte[] bytes)
    {
        var loaded = new ComponentEngine(WasmLimits.Default).Load(bytes);
        loaded.Error.ShouldBeNull();
        return loaded.Value;
    }
}
