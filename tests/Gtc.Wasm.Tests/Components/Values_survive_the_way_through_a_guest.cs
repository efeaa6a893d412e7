using System.Collections.Immutable;
using Gtc.Wasm.Components;

namespace Gtc.Wasm.Tests.Components;

public sealed class Values_survive_the_way_through_a_guest
{
    private static readonly CallLimits NoLimits = CallLimits.None;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Whatever_their_type_and_the_string_encoding(byte encoding)
    {
        for (var seed = 0; seed < 60; seed++)
        {
            var random = new RandomValues((seed * 3) + encoding);
            var type = random.Type(4);
            using var echo = new Echo(type, encoding);
            for (var i = 0; i < 4; i++)
            {
                var value = random.Value(type);
                var result = echo.Instance.Invoke(null, "echo", [value], NoLimits, TestContext.Current.CancellationToken);
                result.Error.ShouldBeNull($"seed {seed}, {type}");
                result.Value.ShouldBe(value, $"seed {seed}, {type}");
                echo.Seen.ShouldBe(value, $"seed {seed}, {type}");
            }
        }
    }

    [Fact]
    public void When_there_are_too_many_to_pass_flat()
    {
        WitType[] types = [.. Enumerable.Repeat(WitType.Text, 6), .. Enumerable.Repeat(WitType.U8, 6)];
        using var echo = new Echo(types, WitType.Text, 0, (_, arguments) => arguments[3]);
        ImmutableArray<ComponentValue> values =
        [
            .. Enumerable.Range(0, 6).Select(i => new ComponentValue.Text($"text {i}")), .. Enumerable.Range(0, 6).Select(i => new ComponentValue.Natural((byte)i)),
        ];
        echo.Instance.Invoke(null, "echo", values, NoLimits, TestContext.Current.CancellationToken).Value.ShouldBe(new ComponentValue.Text("text 3"));
    }

    [Fact]
    public void Through_typed_bindings()
    {
        var codec = Codecs.Result(Codecs.List(Codecs.Tuple(Codecs.Text, Codecs.Optional(Codecs.U16))), Codecs.Bytes);
        var binding = new FunctionBinding<WitResult<(string, ushort?)[], byte[]>, WitResult<(string, ushort?)[], byte[]>>(
            null, "echo", Codecs.Parameters(codec), codec);
        using var echo = new Echo(codec.Type, 0);
        var ok = echo.Instance.Invoke(binding, new(true, [("a", 1), ("ü", null)], null), NoLimits, TestContext.Current.CancellationToken).Value;
        ok.Ok.ShouldBe([("a", 1), ("ü", null)]);
        var error = echo.Instance.Invoke(binding, new(false, null, [1, 2, 3]), NoLimits, TestContext.Current.CancellationToken).Value;
        error.IsOk.ShouldBeFalse();
        error.Error.ShouldBe([1, 2, 3]);
    }

    [Fact]
    public void A_binding_of_another_type_is_refused_before_the_call()
    {
        using var echo = new Echo(WitType.U32, 0);
        var binding = new FunctionBinding<string, string>(null, "echo", Codecs.Parameters(Codecs.Text), Codecs.Text);
        binding.Mismatch(echo.Component).ShouldBe("echo has the type func(paa: u32) -> u32, expected was func(string) -> string");
        new FunctionBinding<string, string>("a:b/c", "d", Codecs.Parameters(Codecs.Text), Codecs.Text).Mismatch(echo.Component)
            .ShouldBe("the component does not export the function a:b/c#d; it exports echo");
    }

    [Fact]
    public void Not_a_numbers_become_the_canonical_one()
    {
        using var echo = new Echo(WitType.F64, 0);
        var odd = BitConverter.UInt64BitsToDouble(0xFFF8_0000_0000_1234);
        var result = echo.Instance.Invoke(null, "echo", [new ComponentValue.F64(odd)], NoLimits, TestContext.Current.CancellationToken).Value;
        BitConverter.DoubleToUInt64Bits(result.ShouldBeOfType<ComponentValue.F64>().Value).ShouldBe(0x7FF8_0000_0000_0000UL);
    }

    [Fact]
    public void A_host_function_that_fails_traps_the_guest_and_ends_its_instance()
    {
        using var echo = new Echo([WitType.U32], WitType.U32, 0, (_, _) => throw new InvalidOperationException("no luck"));
        var first = echo.Instance.Invoke(null, "echo", [new ComponentValue.Natural(1)], NoLimits, TestContext.Current.CancellationToken);
        first.Error!.Kind.ShouldBe(WasmErrorKind.Trapped);
        first.Error.Message.ShouldContain("no luck");
        var second = echo.Instance.Invoke(null, "echo", [new ComponentValue.Natural(1)], NoLimits, TestContext.Current.CancellationToken);
        second.Error!.Message.ShouldContain("trapped before");
    }

    private sealed class Echo : IDisposable
    {
        public Echo(WitType type, byte encoding)
            : this([type], type, encoding, null)
        {
        }

        public Echo(WitType[] parameters, WitType? result, byte encoding, HostHandler? handler)
        {
            var loaded = new ComponentEngine(WasmLimits.Default).Load(EchoComponent.Of(parameters, result, encoding));
            loaded.Error.ShouldBeNull();
            Component = loaded.Value;
            var linker = new ComponentLinker();
            linker.World.Function("f", Component.ImportItems[0].Functions[0].Type, handler ?? ((_, arguments) => Seen = arguments[0]));
            Instance = Component.Link(linker).Value.Instantiate(new ComponentOptions { Time = TimeProvider.System }, NoLimits, TestContext.Current.CancellationToken).Value;
        }

        public IComponent Component { get; }

        public IComponentInstance Instance { get; }

        public ComponentValue? Seen { get; private set; }

        public void Dispose() => Instance.Dispose();
    }
}
