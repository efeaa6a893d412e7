using System.Collections.Immutable;
using System.Text.Json;
using Gtc.Artifacts.Building;
using Gtc.Artifacts.Packs;
using Gtc.Flows.Tests.Components.Egress;
using Gtc.Model;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gtc.Flows.Tests.Samples;

/// <summary>The samples with components: built, checked, and asked.</summary>
public sealed class SampleComponents : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("gtc-sample-").FullName;
    private HttpEgress? _http;

    [Theory]
    [InlineData("greeter")]
    [InlineData("counter")]
    [InlineData("weather")]
    public async Task A_sample_builds_the_same_bytes_twice_and_its_pack_is_sound(string name)
    {
        var first = await BuildAsync(Source(name), "one");
        var second = await BuildAsync(Source(name), "two");

        (await File.ReadAllBytesAsync(second, TestContext.Current.CancellationToken)).ShouldBe(await File.ReadAllBytesAsync(first, TestContext.Current.CancellationToken));
        using var pack = PackFile.Open(first).Value;
        PackCheck.Run(pack, FlowOptions.Standard, TestContext.Current.CancellationToken).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("""{"text":" Ada "}""", "Hello, Ada. I am revision 01J9REV7Q.")]
    [InlineData("""{"text":"Ada","metadata":{"locale":"de-AT"}}""", "Hallo, Ada. I am revision 01J9REV7Q.")]
    [InlineData("""{"text":"","metadata":{"locale":"nl"}}""", "Dag. Hoe heet je? I am revision 01J9REV7Q.")]
    [InlineData("""{}""", "Hello. What is your name? I am revision 01J9REV7Q.")]
    public async Task The_greeter_greets_in_the_language_of_the_message(string message, string answer)
    {
        using var runtime = await OpenAsync(Source("greeter"), EgressPolicy.None);

        Ask(runtime, message).Payloads.ShouldHaveSingleItem().GetProperty("text").GetString().ShouldBe(answer);
    }

    [Fact]
    public async Task The_counter_counts_for_each_user_and_starts_again()
    {
        using var runtime = await OpenAsync(Source("counter"), EgressPolicy.None);

        string Text(string text, string user) => Ask(runtime, $$"""{"text":"{{text}}"}""", user).Payloads.ShouldHaveSingleItem().GetProperty("text").GetString()!;

        Text("one", "ada").ShouldBe("That was message 1.");
        Text("two", "ada").ShouldBe("That was message 2.");
        Text("one", "bob").ShouldBe("That was message 1.");
        Text("RESET", "ada").ShouldBe("I start again.");
        Text("one", "ada").ShouldBe("That was message 1.");
        Text("two", "bob").ShouldBe("That was message 2.");
    }

    [Fact]
    public async Task The_counter_says_that_it_has_no_state_when_none_is_granted()
    {
        var pack = await BuildAsync(Source("counter"), "counter");
        using var runtime = FlowRuntime.Open([pack], NullLogger.Instance, _ => new FlowOptions { Retries = new RetryPolicy(1, TimeSpan.Zero) }).Value;

        Ask(runtime, """{"text":"one"}""").Error().ShouldStartWith("component samples.counter failed: unavailable: ");
    }

    [Fact]
    public async Task The_weather_card_shows_what_the_service_says()
    {
        await using var service = LoopbackServer.Saying(request => request.StartsWith("GET /london.json ", StringComparison.Ordinal)
            ? LoopbackServer.Ok("""{ "more": { "city": "no" }, "city": "London", "temperature": -1.5, "sky": "Rain" }""")
            : "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        using var runtime = await OpenAsync(With(service), Allowed(service));

        var reply = Ask(runtime, """{"text":"London"}""").Payloads.ShouldHaveSingleItem();

        reply.GetProperty("text").GetString().ShouldBe("London: Rain, -1.5 °C");
        var card = reply.GetProperty("renderedCard");
        card.GetProperty("type").GetString().ShouldBe("AdaptiveCard");
        card.GetProperty("body").EnumerateArray().Select(block => block.GetProperty("text").GetString()).ShouldBe(["London", "Rain, -1.5 °C"]);
        card.GetProperty("actions")[0].GetProperty("data").GetProperty("text").GetString().ShouldBe("London");
    }

    [Fact]
    public async Task What_a_person_writes_stays_one_segment_of_the_weather_services_path()
    {
        await using var service = LoopbackServer.Saying(_ => "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        using var runtime = await OpenAsync(With(service), Allowed(service));

        Ask(runtime, """{"text":"../Ö?x"}""").Error().ShouldBe("component samples.weather failed: no_weather: the weather service answered 404");

        service.Requests.ShouldHaveSingleItem().ShouldStartWith("GET /..%2F%C3%96%3Fx.json ");
    }

    [Fact]
    public async Task No_weather_is_asked_for_where_the_environment_allows_no_requests()
    {
        await using var service = LoopbackServer.Saying(_ => LoopbackServer.Ok("{}"));
        using var runtime = await OpenAsync(With(service), EgressPolicy.None);

        Ask(runtime, """{"text":"London"}""").Error().ShouldStartWith("component samples.weather failed: denied: ");

        service.Connections.ShouldBe(0);
    }

    [Fact]
    public async Task The_components_are_what_their_sources_give()
    {
        var sources = Path.Combine(Clang.Samples(), "components");
        var compiler = await Clang.VersionAsync();
        var recorded = (await File.ReadAllTextAsync(Path.Combine(sources, "built-with"), TestContext.Current.CancellationToken)).Trim();
        if (compiler != recorded)
        {
            Assert.Skip($"the components were made with {recorded}; here is {(compiler.Length == 0 ? "no clang, or no wasm-ld" : compiler)}");
        }

        foreach (var name in new[] { "greeter", "counter", "weather" })
        {
            var core = Path.Combine(_folder, $"{name}.core.wasm");
            (await Clang.RunAsync("clang", sources, [.. await Clang.FlagsAsync(sources), "-o", core, $"{name}.c"])).Exit.ShouldBe(0);
            var component = Gtc.Wasm.Components.ComponentEncoder.Encode(await File.ReadAllBytesAsync(core, TestContext.Current.CancellationToken), ComponentInterfaces.Catalog()).Value;
            var kept = await File.ReadAllBytesAsync(Path.Combine(Source(name), "components", $"samples.{name}.wasm"), TestContext.Current.CancellationToken);
            component.ShouldBe(kept, $"samples/components/build makes another samples.{name}.wasm than the one in its pack");
        }
    }

    public void Dispose()
    {
        _http?.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static FlowReply Ask(FlowRuntime runtime, string message, string user = "ada") =>
        runtime.Handle(Flow.Message(message) with { UserId = user }, Flow.Context, TestContext.Current.CancellationToken).Value;

    private static EgressPolicy Allowed(LoopbackServer service)
    {
        EgressPolicy.TryParse($"127.0.0.1:{service.Port}", out var policy).ShouldBeTrue();
        return policy;
    }

    private async Task<FlowRuntime> OpenAsync(string source, EgressPolicy egress)
    {
        var pack = await BuildAsync(source, "pack");
        var host = new ComponentHost
        {
            State = new StateInMemory(StateLimits.Standard),
            Secrets = new NoSecrets(),
            Http = _http = new HttpEgress(egress, EgressLimits.Standard, TimeProvider.System),
            Packs = ImmutableDictionary<string, PackSetting>.Empty,
            Discovered = _ => null,
        };
        return FlowRuntime.Open([pack], NullLogger.Instance, _ => new FlowOptions { Host = host, Retries = new RetryPolicy(1, TimeSpan.Zero) }).Value;
    }

    private async Task<string> BuildAsync(string source, string name) =>
        (await PackBuilder.BuildAsync(source, Path.Combine(_folder, $"{name}.gtpack"), TestContext.Current.CancellationToken)).Value.Path;

    // The sample's flow names the port of the service that its README starts.
    private string With(LoopbackServer service)
    {
        var copy = Path.Combine(_folder, "weather");
        foreach (var file in Directory.GetFiles(Source("weather"), "*", SearchOption.AllDirectories))
        {
            var to = Path.Combine(copy, Path.GetRelativePath(Source("weather"), file));
            Directory.CreateDirectory(Path.GetDirectoryName(to)!);
            if (file.EndsWith(".ygtc", StringComparison.Ordinal))
            {
                File.WriteAllText(to, File.ReadAllText(file).Replace("127.0.0.1:8091", $"127.0.0.1:{service.Port}", StringComparison.Ordinal));
            }
            else
            {
                File.Copy(file, to);
            }
        }

        return copy;
    }

    private static string Source(string name) => Path.Combine(Clang.Samples(), name, "packs", name);

    private sealed class NoSecrets : IComponentSecrets
    {
        public HostAnswer<ReadOnlyMemory<byte>> Read(SecretUri secret) => new HostFault("not-found", "none");

        public Task<HostFault?> WriteAsync(SecretUri secret, ReadOnlyMemory<byte> value, ComponentCaller caller, CancellationToken cancellationToken) =>
            Task.FromResult<HostFault?>(new HostFault("denied", "none"));
    }
}
