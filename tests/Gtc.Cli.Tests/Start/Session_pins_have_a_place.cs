using Gtc.Cli.Start;
using Gtc.Model;
using Gtc.Routing;
using Gtc.Store;

namespace Gtc.Cli.Tests.Start;

public sealed class Session_pins_have_a_place : IDisposable
{
    private const string Reference = "secret://local/default/_/sessions/redis_url";

    private readonly TestCli _cli = new();

    public void Dispose() => _cli.Dispose();

    [Fact]
    public async Task Without_a_word_they_lie_in_memory()
    {
        await _cli.OpAsync("env init");
        (await PlaceAsync(null)).ShouldBe("memory");
    }

    [Fact]
    public async Task The_option_goes_before_the_variable_and_both_before_the_binding()
    {
        await BindAsync();
        _cli.SetVariable("GREENTIC_PINS", "rediss://user:hidden@variable.invalid/2");
        (await PlaceAsync("redis://option.invalid:7000/1")).ShouldBe("redis://option.invalid:7000/1");
        (await PlaceAsync(null)).ShouldBe("rediss://variable.invalid:6379/2");
        (await PlaceAsync("memory")).ShouldBe("memory");
    }

    [Fact]
    public async Task The_environment_names_a_secret_that_holds_the_url()
    {
        await BindAsync();
        var missing = (await OpenAsync(null)).Refusal.ShouldBeOfType<Refusal.Missing>();
        missing.Message.ShouldContain(Reference);
        missing.Next.ShouldBe("gtc op secrets put");

        _cli.SetVariable("GREENTIC_SECRET__LOCAL__DEFAULT_____SESSIONS__REDIS_URL", "redis://:hidden@held.invalid");
        (await PlaceAsync(null)).ShouldBe("redis://held.invalid:6379/0");
        _cli.SetVariable("GREENTIC_SECRET__LOCAL__DEFAULT_____SESSIONS__REDIS_URL", "");
        _cli.Write("url.txt", "redis://:hidden@stored.invalid:6380/4");
        await _cli.OpAsync("secrets put default/_/sessions/redis_url --from-file url.txt");
        (await PlaceAsync(null)).ShouldBe("redis://stored.invalid:6380/4");
    }

    [Theory]
    [InlineData("redis://:hidden@host")]
    [InlineData("redis://user:hidden@host:6379/1")]
    [InlineData("redis://hidden@host")]
    [InlineData("http://:hidden@host")]
    [InlineData("hidden")]
    public async Task A_password_or_a_wrong_place_on_the_command_line_is_refused_and_never_repeated(string option)
    {
        var run = await _cli.RunWordsAsync("start", "--store-root", _cli.StoreRoot, "--pins", option);
        run.Exit.ShouldBe(1);
        run.Stderr.ShouldContain("--pins");
        (run.Stdout + run.Stderr).ShouldNotContain("hidden");
    }

    [Fact]
    public async Task A_wrong_variable_is_refused_and_never_repeated()
    {
        _cli.SetVariable("GREENTIC_PINS", "hidden");
        var run = await _cli.RunWordsAsync("start", "--store-root", _cli.StoreRoot);
        (run.Exit, run.Stderr.Contains("GREENTIC_PINS must be", StringComparison.Ordinal), run.Stderr.Contains("hidden", StringComparison.Ordinal)).ShouldBe((1, true, false));
    }

    [Fact]
    public async Task Answers_of_the_env_pack_are_checked_when_it_is_bound()
    {
        await _cli.OpAsync("env init");
        var answers = _cli.Write("answers.json", """{"url_secret_ref":"secret://local/too/short"}""");
        var run = await _cli.RunAsync($"op env-packs update slot=sessions kind=greentic.sessions.redis@0.1.0 pack_ref=builtin answers_ref={answers} --store-root {_cli.StoreRoot} --format json");
        (run.Exit, run.Kind).ShouldBe((1, "conflict"));
        run.Message.ShouldContain("url_secret_ref");
    }

    private async Task BindAsync()
    {
        await _cli.OpAsync("env init");
        _cli.Write("answers.json", $$"""{"url_secret_ref":"{{Reference}}","key_prefix":"shop:"}""");
        await _cli.OpAsync("env-packs update slot=sessions kind=greentic.sessions.redis@0.1.0 pack_ref=builtin answers_ref=answers.json");
    }

    private async Task<string> PlaceAsync(string? option)
    {
        await using var pins = (await OpenAsync(option)).Value;
        return pins.Place;
    }

    private async Task<Outcome<PinStore>> OpenAsync(string? option)
    {
        using var output = new StringWriter();
        var context = _cli.Context(output, output);
        var layout = new StoreLayout(_cli.StoreRoot);
        var store = new FileEnvironmentStore(layout, context.Time, new RandomSource(context.Random));
        var document = (await store.LoadAsync(EnvId.Local, TestContext.Current.CancellationToken)).Value;
        return WorkerStores.Resolve(option, null, layout.Environment(EnvId.Local), context).Then(stores => stores.OpenPins(document));
    }
}
