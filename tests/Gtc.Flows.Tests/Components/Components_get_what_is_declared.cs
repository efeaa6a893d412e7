using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Gtc.Artifacts.Bundles;
using Gtc.Model;
using Gtc.Wasm.Components;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gtc.Flows.Tests.Components;

public sealed class Components_get_what_is_declared
{
    private const string SecretsInterface = "greentic:secrets-store/secrets-store@1.0.0";

    private static readonly WitType Bytes = WitType.ListOf(WitType.U8);
    private static readonly WitType Done = WitType.EnumOf("ok");

    [Theory]
    [InlineData("TELEGRAM_BOT_TOKEN", "telegram_bot_token")]
    [InlineData("Api-Key.v1/main", "api_key_v1_main")]
    [InlineData("__a--b..c__", "a_b_c")]
    [InlineData("", "secret")]
    [InlineData("-._/ ", "secret")]
    public void Keys_of_secrets_have_one_form(string key, string canonical) => SecretKeys.Canonical(key).ShouldBe(canonical);

    [Fact]
    public void A_declared_secret_is_looked_for_under_the_team_then_everybody_then_where_the_revision_says()
    {
        var secrets = new Vault();
        using var host = Host(secrets, new PackConfig
        {
            PackId = "stem",
            RevisionId = "r",
            SecretRefs = new Dictionary<string, string> { ["api-token"] = "secret://local/shared/_/vault/the_token" }.ToImmutableSortedDictionary(StringComparer.Ordinal),
        });
        var caller = Caller(Flow.Context with { Team = "blue" }, "API_TOKEN");

        Read(host, caller, "Api-Token").ShouldBeNull();
        secrets.Asked.ShouldBe(
        [
            "secrets://local/acme/blue/stem/api_token", "secrets://local/acme/blue/p/api_token", "secrets://local/acme/_/stem/api_token", "secrets://local/acme/_/p/api_token",
            "secrets://local/shared/_/vault/the_token",
        ]);
        secrets.Values["secrets://local/shared/_/vault/the_token"] = "named";
        Read(host, caller, "API_TOKEN").ShouldBe("named");
        secrets.Values["secrets://local/acme/_/stem/api_token"] = "everybody's";
        Read(host, caller, "API_TOKEN").ShouldBe("everybody's");
        secrets.Values["secrets://local/acme/blue/stem/api_token"] = "the team's";
        Read(host, caller, "API_TOKEN").ShouldBe("the team's");
    }

    [Fact]
    public void What_is_not_declared_is_denied_and_not_even_looked_for()
    {
        var secrets = new Vault();
        using var host = Host(secrets);

        host.Value.ReadSecret(Caller(Flow.Context, "MINE"), "YOURS", CancellationToken.None).Fault!.Code.ShouldBe("denied");
        host.Value.ReadSecret(Caller(Flow.Context, "MINE"), "", CancellationToken.None).Fault!.Code.ShouldBe("invalid-key");
        host.Value.ReadSecret(Caller(Flow.Context, "MINE"), new string('k', 300), CancellationToken.None).Fault!.Code.ShouldBe("invalid-key");
        host.Value.ReadSecret(Caller(Flow.Context, "MINE"), "mine", CancellationToken.None).Fault!.Code.ShouldBe("not-found");
        secrets.Asked.ShouldAllBe(asked => asked.EndsWith("/mine", StringComparison.Ordinal));
    }

    [Fact]
    public void A_configuration_cannot_reach_into_another_environment()
    {
        var secrets = new Vault { Values = { ["secrets://prod/acme/_/p/api_token"] = "not yours" } };
        using var host = Host(secrets, new PackConfig
        {
            PackId = "stem",
            RevisionId = "r",
            SecretRefs = new Dictionary<string, string> { ["API_TOKEN"] = "secret://prod/acme/_/p/api_token" }.ToImmutableSortedDictionary(StringComparer.Ordinal),
            RuntimeRefs = new Dictionary<string, string> { ["url"] = "runtime://prod/discovered/public_url" }.ToImmutableSortedDictionary(StringComparer.Ordinal),
        });

        Read(host, Caller(Flow.Context), "API_TOKEN").ShouldBeNull();
        host.Value.ReadSetting(Caller(Flow.Context), "url", CancellationToken.None).ShouldBe((string?)null);
    }

    [Fact]
    public void Settings_come_from_the_configuration_then_from_what_was_discovered_then_from_secrets()
    {
        var secrets = new Vault { Values = { ["secrets://local/acme/_/p/three"] = "say \"three\"" } };
        using var host = Host(secrets, new PackConfig
        {
            PackId = "stem",
            RevisionId = "r",
            NonSecret = new Dictionary<string, JsonElement> { ["one"] = JsonElement.Parse("{\"n\":1}") }.ToImmutableSortedDictionary(StringComparer.Ordinal),
            RuntimeRefs = new Dictionary<string, string> { ["one"] = "runtime://local/discovered/public_url", ["two"] = "runtime://local/discovered/public_url", ["gone"] = "runtime://local/discovered/gone" }
                .ToImmutableSortedDictionary(StringComparer.Ordinal),
        });
        var caller = Caller(Flow.Context, "three");

        Setting("one").ShouldBe("""{"n":1}""");
        Setting("two").ShouldBe("\"https://x.example\"");
        Setting("three").ShouldBe("\"say \\\"three\\\"\"");
        Setting("gone").ShouldBeNull();
        Setting("nothing").ShouldBeNull();
        host.Value.ReadSetting(caller, " ", CancellationToken.None).Fault!.Code.ShouldBe("invalid-key");

        string? Setting(string key) => host.Value.ReadSetting(caller, key, CancellationToken.None).Value;
    }

    [Fact]
    public void What_the_deployment_sets_goes_first_and_may_refer_to_what_was_discovered()
    {
        using var host = Host(new Vault(), new PackConfig
        {
            PackId = "stem",
            RevisionId = "r",
            NonSecret = new Dictionary<string, JsonElement> { ["one"] = JsonElement.Parse("1"), ["two"] = JsonElement.Parse("2") }.ToImmutableSortedDictionary(StringComparer.Ordinal),
        });
        var set = new Dictionary<string, JsonElement>
        {
            ["one"] = JsonElement.Parse("\"set\""),
            ["url"] = JsonElement.Parse("\"runtime://local/discovered/public_url\""),
            ["foreign"] = JsonElement.Parse("\"runtime://prod/discovered/public_url\""),
        };
        var changed = new ComponentHost
        {
            State = host.Value.State,
            Secrets = host.Value.Secrets,
            Http = host.Value.Http,
            Packs = host.Value.Packs,
            Discovered = host.Value.Discovered,
            Overrides = caller => caller.Context.DeploymentId == Flow.Context.DeploymentId ? set : null,
        };

        Setting("one").ShouldBe("\"set\"");
        Setting("two").ShouldBe("2");
        Setting("url").ShouldBe("\"https://x.example\"");
        Setting("foreign").ShouldBeNull();

        string? Setting(string key) => changed.ReadSetting(Caller(Flow.Context), key, CancellationToken.None).Value;
    }

    [Fact]
    public void A_declared_secret_is_written_where_it_is_read_when_the_pack_may()
    {
        var secrets = new Vault { Values = { ["secrets://local/acme/red/stem/kept"] = "old" } };
        using var host = Host(secrets);
        var granted = new ComponentHost
        {
            State = host.Value.State,
            Secrets = secrets,
            Http = host.Value.Http,
            Packs = new Dictionary<string, PackSetting> { ["p"] = new("stem", null) },
            Discovered = host.Value.Discovered,
            SecretWriters = new HashSet<string> { "stem" },
        };
        var caller = Caller(Flow.Context with { Team = "red" }, "KEPT", "FRESH");

        Write(granted, "Kept").ShouldBeNull();
        Write(granted, "fresh").ShouldBeNull();
        secrets.Values.ShouldBe(new Dictionary<string, string> { ["secrets://local/acme/red/stem/kept"] = "new", ["secrets://local/acme/_/stem/fresh"] = "new" }, ignoreOrder: true);
        Write(granted, "other")!.ShouldBe(new HostFault("denied", "the pack does not declare this secret"));
        Write(granted, " ")!.Code.ShouldBe("invalid-key");
        Write(host.Value, "kept")!.Message.ShouldContain("--secret-writes");

        HostFault? Write(ComponentHost to, string key) => to.WriteSecret(caller, key, "new"u8.ToArray(), TestContext.Current.CancellationToken);
    }

    [Theory]
    [InlineData("""{"read":true,"write":true}""", true, true, true)]
    [InlineData("""{"read":true,"write":true,"delete":false}""", true, true, false)]
    [InlineData("""{"read":true}""", true, false, false)]
    [InlineData("""{"write":false,"delete":true}""", false, false, true)]
    [InlineData("{}", false, false, false)]
    [InlineData("7", false, false, false)]
    public void State_is_had_as_it_is_declared(string state, bool reads, bool writes, bool deletes)
    {
        using var pack = Pack($$"""{"state":{{state}}}""");
        using var host = Host(new Vault());
        var caller = Caller(Flow.Context) with { Declares = DeclaredCapabilities.Of(pack.Manifest, "my.tool") };

        (host.Value.ReadState(caller, "k", CancellationToken.None).Fault!.Code == "not_found").ShouldBe(reads);
        (host.Value.WriteState(caller, "k", new byte[1], CancellationToken.None) is null).ShouldBe(writes);
        (host.Value.DeleteState(caller, "k", CancellationToken.None) is null).ShouldBe(deletes);
    }

    [Theory]
    [InlineData("""{"http":{"client":true}}""", true, "")]
    [InlineData("""{"http":{"client":true,"hosts":["a.example","*.b.example"]}}""", true, "a.example *.b.example")]
    [InlineData("""{"http":{"client":{"hosts":["a.example"]}}}""", true, "a.example")]
    [InlineData("""{"http":{"client":false,"server":true}}""", false, "")]
    [InlineData("""{"http":true}""", false, "")]
    [InlineData("{}", false, "")]
    public void Http_is_had_as_it_is_declared(string host, bool sends, string hosts)
    {
        using var pack = Pack(host);
        var declared = DeclaredCapabilities.Of(pack.Manifest, "my.tool");

        declared.SendsHttp.ShouldBe(sends);
        string.Join(' ', declared.HttpHosts).ShouldBe(hosts);
        DeclaredCapabilities.Of(pack.Manifest, "other").SendsHttp.ShouldBeFalse();
    }

    [Fact]
    public void Secrets_are_declared_by_the_pack_and_by_the_component_and_a_messaging_provider_by_being_one()
    {
        using var pack = Pack("""{"secrets":{"required":["ONE",{"key":"two-x"},3]}}""", """ "secret_requirements":[{"key":"THREE","required":true}], """);
        using var provider = TestProviders.Pack(TestProviders.Echo());
        var declared = DeclaredCapabilities.Of(provider.Manifest, "my.provider");

        DeclaredCapabilities.Of(pack.Manifest, "my.tool").Secrets.ShouldBe(["one", "three", "two_x"]);
        (declared.SendsHttp, declared.ReadsState, declared.WritesState, declared.DeletesState).ShouldBe((true, true, true, true));
        DeclaredCapabilities.Of(provider.Manifest, "another").ReadsState.ShouldBeFalse();
    }

    [Fact]
    public void A_guest_gets_its_secret_and_the_log_does_not()
    {
        using var log = new KeepingLog();
        var secrets = new Vault { Values = { ["secrets://local/acme/_/p/secret"] = "hunter2hunter2" } };
        var result = WitType.ResultOf(WitType.OptionOf(Bytes), WitType.EnumOf("not-found", "denied", "invalid-key", "internal"));

        // Its key is the empty text, which no pack can declare: it is an invalid one.
        Run(TestComponents.Probe(SecretsInterface, "get", [WitType.Text], 2, result), "{}", secrets, log).Texts().ShouldBe(["1", "2"]);
        log.Lines.ShouldAllBe(line => !line.Contains("hunter2", StringComparison.Ordinal));
    }

    [Fact]
    public void A_guest_that_floods_state_is_refused_and_goes_on()
    {
        var state = new StateInMemory(new StateLimits(512, 256 << 10, 100, 1 << 20));

        Run(TestComponents.Flooding(Done, 400), """{"state":{"write":true}}""", new Vault(), NullLogger.Instance, state).Texts().ShouldBe(["1", "0"]);
        Run(TestComponents.Flooding(Done, 3), """{"state":{"write":true}}""", new Vault(), NullLogger.Instance).Texts().ShouldBe(["0", "0"]);
        Run(TestComponents.Flooding(Done, 3), "{}", new Vault(), NullLogger.Instance).Texts().ShouldBe(["1", "0"]);
    }

    [Fact]
    public void A_guest_that_floods_the_log_is_heard_for_a_while_and_a_denial_is_told_once()
    {
        using var log = new KeepingLog();
        var pairs = WitType.ListOf(WitType.TupleOf(WitType.Text, WitType.Text));
        var span = WitType.RecordOf(("tenant", WitType.Text), ("flow-id", WitType.Text));
        var request = WitType.RecordOf(("method", WitType.Text), ("url", WitType.Text), ("headers", pairs), ("body", WitType.OptionOf(Bytes)));
        var response = WitType.RecordOf(("status", WitType.U16), ("headers", pairs), ("body", WitType.OptionOf(Bytes)));

        Run(TestComponents.Repeating("greentic:telemetry/logger-api@1.0.0", "log", [span, pairs, WitType.OptionOf(WitType.Text)], 9, WitType.ResultOf(Done, TestComponents.HostError), 3000), "{}", new Vault(), log);
        log.Lines.Count.ShouldBe(1000);
        log.Lines.Clear();
        Run(TestComponents.Repeating("greentic:http/http-client@1.0.0", "send", [request, WitType.OptionOf(WitType.Text)], 12, WitType.ResultOf(response, TestComponents.HostError), 50), "{}", new Vault(), log);
        log.Lines.ShouldBe(["Component p/my.tool was denied something: the pack does not declare that this component sends HTTP requests"]);
        log.Lines.Clear();
        Run(TestComponents.Reading(SecretsInterface, "YOURS", Bytes), "{}", new Vault(), log);
        log.Lines.ShouldBe(["Component p/my.tool was denied something: the pack does not declare this secret"]);
    }

    [Fact]
    public async Task A_guest_that_waits_for_a_server_is_stopped_when_its_time_is_over()
    {
        await using var silent = Egress.LoopbackServer.Doing((_, stop) => Task.Delay(Timeout.Infinite, stop));
        EgressPolicy.TryParse($"127.0.0.1:{silent.Port}", out var policy).ShouldBeTrue();
        using var egress = new HttpEgress(policy, EgressLimits.Standard with { MaxTime = TimeSpan.FromHours(1) }, TimeProvider.System);
        using var granting = Host(new Vault());
        var options = new FlowOptions
        {
            Host = new ComponentHost { State = granting.Value.State, Secrets = granting.Value.Secrets, Http = egress, Packs = granting.Value.Packs, Discovered = granting.Value.Discovered },
            Limits = FlowLimits.Standard with { ComponentTime = TimeSpan.FromMilliseconds(500) },
            Retries = new(1, TimeSpan.Zero),
        };
        using var runtime = FlowRuntime.Load([Pack("""{"http":{"client":true}}""", component: TestComponents.Fetching(silent.Url))], NullLogger.Instance, options).Value;

        runtime.Handle(Flow.Message("{}"), Flow.Context, TestContext.Current.CancellationToken).Value.Error()
            .ShouldBe("component my.tool failed: DEADLINE_EXCEEDED: it was stopped after 0.5 s");
    }

    [Fact]
    public void Calling_oneself_like_a_built_in_grants_nothing()
    {
        using var host = Host(new Vault());
        var caller = new ComponentCaller(Flow.Context, "p", "f", "a", "state.set");

        host.Value.WriteState(caller, "k", new byte[1], CancellationToken.None)!.Code.ShouldBe("unavailable");
        Flow.Run(Flow.Node("a", "component.exec", """{"component":"state.set","operation":"x","key":"k","value":1}""")).Error().ShouldBe("unsupported node kind `state.set` (node `a`)");
    }

    private static string? Read(HostInUse host, ComponentCaller caller, string key) =>
        host.Value.ReadSecret(caller, key, TestContext.Current.CancellationToken) is { Fault: null } answer ? Encoding.UTF8.GetString(answer.Value.Span) : null;

    private static ComponentCaller Caller(FlowContext context, params string[] secrets) =>
        new(context, "p", "f", "a", "my.tool") { Declares = new() { Secrets = [.. secrets.Select(SecretKeys.Canonical)] } };

    private static Gtc.Artifacts.Packs.PackFile Pack(string host, string more = "", byte[]? component = null) => Flow.Open(
        $$$"""
        {"schema_version":"pack-v1","pack_id":"p","version":"1.0.0","kind":"application","publisher":"t",{{{more}}}
         "components":[{"id":"my.tool","version":"1.0.0","capabilities":{"host":{{{host}}} } }],
         "flows":[{{{Flow.Entry("f", Flow.Node("a", "my.tool", """{"op":"x","input":1}"""))}}}]}
        """,
        ("components/my.tool.wasm", component ?? []));

    private static FlowReply Run(byte[] component, string host, Vault secrets, ILogger log, IStateStore? state = null)
    {
        using var granting = Host(secrets, null, state);
        using var runtime = FlowRuntime.Load([Pack(host, component: component)], log, new FlowOptions { Host = granting.Value, Retries = new(1, TimeSpan.Zero) }).Value;
        return runtime.Handle(Flow.Message("{}"), Flow.Context, TestContext.Current.CancellationToken).Value;
    }

    private static HostInUse Host(Vault secrets, PackConfig? config = null, IStateStore? state = null) => new(new ComponentHost
    {
        State = state ?? new StateInMemory(StateLimits.Standard),
        Secrets = secrets,
        Http = new HttpEgress(EgressPolicy.None, EgressLimits.Standard, TimeProvider.System),
        Packs = new Dictionary<string, PackSetting> { ["p"] = new("stem", config) },
        Discovered = key => key == "public_url" ? JsonElement.Parse("\"https://x.example\"") : null,
    });

    private sealed record HostInUse(ComponentHost Value) : IDisposable
    {
        public void Dispose() => Value.Http.Dispose();
    }

    private sealed class Vault : IComponentSecrets
    {
        public Dictionary<string, string> Values { get; } = [];

        public List<string> Asked { get; } = [];

        public Task<HostFault?> WriteAsync(SecretUri secret, ReadOnlyMemory<byte> value, ComponentCaller caller, CancellationToken cancellationToken)
        {
            Values[secret.ToString()] = Encoding.UTF8.GetString(value.Span);
            return Task.FromResult<HostFault?>(null);
        }

        public HostAnswer<ReadOnlyMemory<byte>> Read(SecretUri secret)
        {
            Asked.Add(secret.ToString());
            return Values.TryGetValue(secret.ToString(), out var value) ? new ReadOnlyMemory<byte>(Encoding.UTF8.GetBytes(value)) : new HostFault("not-found", "no");
        }
    }

    private sealed class KeepingLog : ILogger, IDisposable
    {
        public List<string> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Lines.Add(formatter(state, exception));

        public void Dispose() => Lines.Clear();
    }
}
