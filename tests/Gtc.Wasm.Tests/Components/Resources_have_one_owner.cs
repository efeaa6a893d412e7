using System.Collections.Immutable;
using Gtc.Wasm.Components;

namespace Gtc.Wasm.Tests.Components;

public sealed class Resources_have_one_owner : IDisposable
{
    private readonly List<ulong> _destroyed = [];
    private readonly IComponentInstance _instance;

    public Resources_have_one_owner()
    {
        var loaded = new ComponentEngine(WasmLimits.Default).Load(CounterComponent.Bytes());
        loaded.Error.ShouldBeNull();
        var linker = new ComponentLinker();
        linker.World.Function("f", loaded.Value.ImportItems[0].Functions[0].Type, (_, arguments) =>
        {
            _destroyed.Add(((ComponentValue.Natural)arguments[0]).Value);
            return null;
        });
        _instance = loaded.Value.Link(linker).Value.Instantiate(
            new ComponentOptions { Time = TimeProvider.System }, CallLimits.None, TestContext.Current.CancellationToken).Value;
    }

    public void Dispose() => _instance.Dispose();

    [Fact]
    public void The_host_gets_it_lends_it_and_drops_it()
    {
        var thing = ((ComponentValue.Resource)Value("make", Number(7))).Value;
        thing.IsOwned.ShouldBeTrue();
        Value("look", new ComponentValue.Resource(thing)).ShouldBe(Number(7));
        Value("look", new ComponentValue.Resource(thing)).ShouldBe(Number(7));
        _destroyed.ShouldBeEmpty();
        _instance.Drop(thing).ShouldBeNull();
        _destroyed.ShouldBe([7UL]);
        Should.Throw<InvalidOperationException>(() => _instance.Drop(thing));
    }

    [Fact]
    public void What_was_given_back_belongs_to_the_guest()
    {
        var thing = ((ComponentValue.Resource)Value("make", Number(9))).Value;
        Value("take", new ComponentValue.Resource(thing)).ShouldBe(Number(9));
        Should.Throw<InvalidOperationException>(() => Call("take", new ComponentValue.Resource(thing)));
    }

    [Fact]
    public void A_guest_that_drops_runs_its_destructor()
    {
        var handle = Value("raw-make", Number(5));
        Call("raw-drop", handle).Error.ShouldBeNull();
        _destroyed.ShouldBe([5UL]);
    }

    [Fact]
    public void Handles_are_used_again()
    {
        var first = Value("raw-make", Number(1));
        Call("raw-drop", first).Error.ShouldBeNull();
        Value("raw-make", Number(2)).ShouldBe(first);
    }

    [Theory]
    [InlineData("raw-look", 0)]
    [InlineData("raw-look", 1)]
    [InlineData("raw-drop", 77)]
    [InlineData("raw-drop", uint.MaxValue)]
    public void A_handle_that_does_not_exist_is_a_trap(string function, uint handle)
    {
        var error = Call(function, Number(handle)).Error;
        error!.Kind.ShouldBe(WasmErrorKind.Trapped);
        error.Trap!.Kind.ShouldBe(TrapKind.ComponentRule);
        error.Message.ShouldBe($"there is no handle {handle}");
    }

    [Fact]
    public void Dropping_twice_is_a_trap()
    {
        var handle = Value("raw-make", Number(5));
        Call("raw-drop", handle).Error.ShouldBeNull();
        Call("raw-drop", handle).Error!.Message.ShouldStartWith("there is no handle");
    }

    private static ComponentValue.Natural Number(ulong value) => new(value);

    private ComponentValue Value(string function, ComponentValue argument)
    {
        var result = Call(function, argument);
        result.Error.ShouldBeNull();
        return result.Value!;
    }

    private WasmResult<ComponentValue?> Call(string function, ComponentValue argument) =>
        _instance.Invoke(null, function, ImmutableArray.Create(argument), CallLimits.None, TestContext.Current.CancellationToken);
}
