using Gtc.Cli.Start;
using Gtc.Model;
using Gtc.Runtime;
using Gtc.Store;

namespace Gtc.Cli.Tests.Start;

public sealed class Flow_stores_have_a_place : IDisposable
{
    private readonly TestCli _cli = new();

    public void Dispose() => _cli.Dispose();

    [Fact]
    public async Task Without_a_word_they_are_the_memory_of_the_worker()
    {
        await _cli.OpAsync("env init");
        await using var stores = (await OpenAsync(null, null)).Value;

        stores.State.ShouldBeNull();
        stores.Sessions.ShouldBeNull();
    }

    [Fact]
    public async Task Sessions_wait_where_their_pins_are_and_state_has_a_place_of_its_own()
    {
        await _cli.OpAsync("env init");
        _cli.SetVariable("GREENTIC_STATE", "rediss://user:hidden@state.invalid/2");
        await using var stores = (await OpenAsync("redis://pins.invalid:7000/1", null)).Value;

        stores.Sessions!.Place.ShouldBe("redis://pins.invalid:7000/1");
        stores.State!.Place.ShouldBe("rediss://state.invalid:6379/2");
        await using var other = (await OpenAsync(null, "memory")).Value;
        other.State.ShouldBeNull();
    }

    [Fact]
    public async Task The_slot_state_names_a_secret_that_holds_the_url()
    {
        await _cli.OpAsync("env init");
        _cli.Write("answers.json", """{"url_secret_ref":"secret://local/default/_/state/redis_url","key_prefix":"shop:"}""");
        await _cli.OpAsync("env-packs update slot=state kind=greentic.state.redis@0.1.0 pack_ref=builtin answers_ref=answers.json");
        (await OpenAsync(null, null)).Refusal.ShouldBeOfType<Refusal.Missing>().Message
            .ShouldBe("the secret secret://local/default/_/state/redis_url, the URL of the Redis server for the state of components, is not there");

        _cli.SetVariable("GREENTIC_SECRET__LOCAL__DEFAULT_____STATE__REDIS_URL", "redis://:hidden@held.invalid");
        await using var stores = (await OpenAsync(null, null)).Value;
        stores.State!.Place.ShouldBe("redis://held.invalid:6379/0");
    }

    [Fact]
    public async Task A_variable_may_name_the_secret_since_a_pod_has_no_answers()
    {
        await _cli.OpAsync("env init");
        _cli.SetVariable("GREENTIC_PINS", "secret://local/default/_/sessions/redis_url");
        _cli.SetVariable("GREENTIC_PINS_KEY_PREFIX", "shop:");
        (await OpenAsync(null, null)).Refusal.ShouldBeOfType<Refusal.Missing>().Message.ShouldContain("the URL of the Redis server for session pins, is not there");

        _cli.SetVariable("GREENTIC_SECRET__LOCAL__DEFAULT_____SESSIONS__REDIS_URL", "redis://:hidden@held.invalid");
        await using var stores = (await OpenAsync(null, null)).Value;
        stores.Sessions!.Place.ShouldBe("redis://held.invalid:6379/0");
    }

    [Theory]
    [InlineData("--state", "redis://:hidden@host")]
    [InlineData("--state", "hidden")]
    [InlineData("--egress", "http://example.com")]
    [InlineData("--egress", "a b")]
    public async Task A_wrong_word_is_refused(string option, string value)
    {
        var run = await _cli.RunWordsAsync("start", "--store-root", _cli.StoreRoot, option, value);

        run.Exit.ShouldBe(1);
        run.Stderr.ShouldContain(option);
        (run.Stdout + run.Stderr).ShouldNotContain("hidden");
    }

    [Fact]
    public void Components_reach_the_public_internet_unless_it_is_said_otherwise()
    {
        using var output = new StringWriter();
        var context = _cli.Context(output, output);

        WorkerEgress.Resolve(null, context).Value.Text.ShouldBe("public");
        WorkerEgress.Resolve("api.example.com,10.0.0.0/8", context).Value.Text.ShouldBe("api.example.com,10.0.0.0/8");
        _cli.SetVariable("GREENTIC_EGRESS", "none");
        WorkerEgress.Resolve(null, _cli.Context(output, output)).Value.Text.ShouldBe("none");
        _cli.SetVariable("GREENTIC_EGRESS", "public,");
        WorkerEgress.Resolve(null, _cli.Context(output, output)).Refusal!.Message.ShouldStartWith("GREENTIC_EGRESS must be ");
    }

    private async Task<Outcome<FlowStores>> OpenAsync(string? pins, string? state)
    {
        using var output = new StringWriter();
        var context = _cli.Context(output, output);
        var layout = new StoreLayout(_cli.StoreRoot);
        var store = new FileEnvironmentStore(layout, context.Time, new RandomSource(context.Random));
        var document = (await store.LoadAsync(EnvId.Local, TestContext.Current.CancellationToken)).Value;
        return WorkerStores.Resolve(pins, state, layout.Environment(EnvId.Local), context).Then(stores => stores.OpenFlowStores(document));
    }
}
