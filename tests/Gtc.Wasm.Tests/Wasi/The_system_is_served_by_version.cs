using System.Collections.Immutable;
using Gtc.Wasm.Components;
using Gtc.Wasm.Tests.Components;
using Gtc.Wasm.Wasi;

namespace Gtc.Wasm.Tests.Wasi;

public sealed class The_system_is_served_by_version
{
    private static readonly ComponentValue Nothing = new ComponentValue.Choice(0, null);

    [Theory]
    [InlineData("0.2.0")]
    [InlineData("0.2.6")]
    [InlineData("0.2.12")]
    public void Environment_variables_are_those_of_the_grant(string version)
    {
        var grants = WasiGrants.None with { Environment = [new("NAME", "Ada"), new("EMPTY", "")] };
        Call($"wasi:cli/environment@{version}", "get-environment", [], WitType.ListOf(WitType.TupleOf(WitType.Text, WitType.Text)), grants, []).Value.ShouldBe(
            ComponentValue.Of(
                ComponentValue.Of(new ComponentValue.Text("NAME"), new ComponentValue.Text("Ada")),
                ComponentValue.Of(new ComponentValue.Text("EMPTY"), new ComponentValue.Text(""))));
    }

    [Fact]
    public void Random_numbers_come_from_the_source_that_was_given() =>
        Call("wasi:random/random@0.2.3", "get-random-u64", [], WitType.U64, WasiGrants.None, []).Value.ShouldBe(new ComponentValue.Natural(0x0101_0101_0101_0101));

    [Fact]
    public void The_wall_clock_is_the_time_provider()
    {
        var type = WitType.RecordOf(("seconds", WitType.U64), ("nanoseconds", WitType.U32));
        Call("wasi:clocks/wall-clock@0.2.3", "resolution", [], type, WasiGrants.None, []).Value.ShouldBe(
            ComponentValue.Of(new ComponentValue.Natural(0), new ComponentValue.Natural(100)));
    }

    [Fact]
    public void A_guest_that_exits_ends_its_call_with_its_code()
    {
        var error = Call("wasi:cli/exit@0.2.3", "exit", [("status", WitType.ResultOf(null, null))], null, WasiGrants.None, [new ComponentValue.Choice(1, null)]).Error;
        error!.Trap!.Exception.ShouldBeOfType<WasiExitException>().Code.ShouldBe(1u);
    }

    [Fact]
    public void Too_many_random_bytes_at_once_are_a_trap() =>
        Call("wasi:random/random@0.2.3", "get-random-bytes", [("len", WitType.U64)], WitType.ListOf(WitType.U8), WasiGrants.None, [new ComponentValue.Natural(1UL << 40)])
            .Error!.Message.ShouldContain("random bytes at once");

    [Fact]
    public void The_working_directory_is_nowhere() =>
        Call("wasi:cli/environment@0.2.3", "initial-cwd", [], WitType.OptionOf(WitType.Text), WasiGrants.None, []).Value.ShouldBe(Nothing);

    private static WasmResult<ComponentValue?> Call(
        string id, string function, ImmutableArray<(string Name, WitType Type)> parameters, WitType? result, WasiGrants grants, ImmutableArray<ComponentValue> arguments)
    {
        var loaded = new ComponentEngine(WasmLimits.Default).Load(ForwardComponent.Bytes(id, function, parameters, result));
        loaded.Error.ShouldBeNull();
        var linked = loaded.Value.Link(WasiHost.AddTo(new ComponentLinker()));
        linked.Error.ShouldBeNull();
        using var context = new WasiContext(grants, TimeProvider.System, bytes => bytes.Fill(1));
        using var instance = linked.Value.Instantiate(
            new ComponentOptions { Time = TimeProvider.System, State = [context] }, CallLimits.None, TestContext.Current.CancellationToken).Value;
        return instance.Invoke(null, "run", arguments, CallLimits.None, TestContext.Current.CancellationToken);
    }
}
