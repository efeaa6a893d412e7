using System.Collections.Immutable;
using System.IO.Compression;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Gtc.Artifacts.Building;
using Gtc.Artifacts.Bundles;
using Gtc.Artifacts.Cbor;
using Gtc.Flows;
using Gtc.Flows.Tests.Components;
using Gtc.Flows.Tests.Components.Egress;
using Gtc.Model;
using Gtc.Redis.Tests;
using Gtc.Store;
using Gtc.Wasm.Components;

namespace Gtc.Runtime.Tests.Components;

/// <summary>A bundle whose pack has a component, routed and asked: what the component reaches of the worker.</summary>
public sealed class Workers_grant_what_is_declared : IDisposable
{
    private const string Secrets = "greentic:secrets-store/secrets-store@1.0.0";
    private const string Http = """{"http":{"client":true}}""";

    // As the component answers what it was given, a value is the CBOR of a text.
    private const string Hidden = "ghunter2";

    private static readonly WitType Bytes = WitType.ListOf(WitType.U8);

    private readonly WorkerLab _lab = new();

    public void Dispose() => _lab.Dispose();

    [Fact]
    public async Task A_declared_secret_reaches_its_component_and_no_log()
    {
        _lab.Variables[SecretUri.Of("local", "default", "_", "talk", "api_token").Value.EnvironmentVariable] = Hidden;
        await RouteAsync(TestComponents.Reading(Secrets, "API-TOKEN", Bytes), """{"secrets":{"required":["API_TOKEN"]}}""");

        (await AskAsync()).GetString().ShouldBe("hunter2");
        _lab.Logs.Lines.ShouldAllBe(line => !line.Text.Contains("hunter2", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_secret_that_is_not_declared_is_not_given()
    {
        _lab.Variables[SecretUri.Of("local", "default", "_", "talk", "api_token").Value.EnvironmentVariable] = Hidden;
        await RouteAsync(TestComponents.Reading(Secrets, "API_TOKEN", Bytes), """{"secrets":{"required":["OTHER"]}}""");

        (await AskAsync()).GetRawText().ShouldContain("INVALID_OUTPUT");
    }

    [Fact]
    public async Task A_declared_secret_is_written_when_the_environment_lets_its_pack_and_leaves_a_line_in_the_audit_log()
    {
        await RouteAsync(TestComponents.Writing("API_TOKEN", Hidden), """{"secrets":{"required":["API_TOKEN"]}}""");
        (await AskAsync()).GetRawText().ShouldContain("--secret-writes");

        (await AskAsync(options => options with { SecretWriters = new HashSet<string> { "talk" } })).GetString().ShouldBe("hunter2");

        var secret = SecretUri.Of("local", "default", "_", "talk", "api_token").Value;
        using var value = new SecretSource(_lab.Document, _lab.Store.Layout.Environment(EnvId.Local), new(_ => null, TimeProvider.System, RandomNumberGenerator.Fill)).Find(secret).Value;
        Encoding.UTF8.GetString(value!.Bytes).ShouldBe(Hidden);
        var audit = await File.ReadAllTextAsync(Path.Combine(_lab.Environment, "audit", "events.jsonl"), TestContext.Current.CancellationToken);
        audit.ShouldContain("default/_/talk/api_token");
        audit.ShouldNotContain("hunter2");
    }

    [Fact]
    public async Task A_secret_that_the_worker_is_given_from_outside_is_not_written()
    {
        _lab.Variables[SecretUri.Of("local", "default", "_", "talk", "api_token").Value.EnvironmentVariable] = "outside";
        await RouteAsync(TestComponents.Writing("API_TOKEN", Hidden), """{"secrets":{"required":["API_TOKEN"]}}""");

        (await AskAsync(options => options with { SecretWriters = new HashSet<string> { "talk" } })).GetRawText().ShouldContain("given the secret from outside");
    }

    [Fact]
    public async Task A_request_is_sent_where_the_worker_grants_it_and_the_pack_declares_it()
    {
        await using var server = LoopbackServer.Saying(_ => LoopbackServer.Ok("dpong"));
        await RouteAsync(TestComponents.Fetching(server.Url + "/weather"), Http);

        (await AskAsync()).GetRawText().ShouldContain("INVALID_OUTPUT");
        server.Connections.ShouldBe(0);
        (await AskAsync(options => options with { Egress = Egress($"127.0.0.1:{server.Port}") })).GetString().ShouldBe("pong");
        server.Requests.ShouldHaveSingleItem().ShouldStartWith("GET /weather HTTP/1.1");
    }

    [Fact]
    public async Task A_request_that_is_not_declared_is_not_sent()
    {
        await using var server = LoopbackServer.Saying(_ => LoopbackServer.Ok("dpong"));
        await RouteAsync(TestComponents.Fetching(server.Url), "{}");

        (await AskAsync(options => options with { Egress = Egress($"127.0.0.1:{server.Port}") })).GetRawText().ShouldContain("INVALID_OUTPUT");
        server.Connections.ShouldBe(0);
    }

    [Fact]
    public async Task State_and_sessions_in_redis_outlive_the_worker()
    {
        const string Nodes = """
            {"id":"keep","component":{"id":"state.set"},"input":{"mapping":{"key":"first","value":"{{entry.text}}"}},"routing":{"Next":{"node_id":"wait"}}},
            {"id":"wait","component":{"id":"session.wait"},"input":{"mapping":{}},"routing":{"Next":{"node_id":"get"}}},
            {"id":"get","component":{"id":"state.get"},"input":{"mapping":{"key":"first"}},"routing":{"Next":{"node_id":"say"}}},
            {"id":"say","component":{"id":"emit.log"},"input":{"mapping":{"now":"{{entry.text}}","first":"{{prev}}","kept":"{{node.keep}}"}},"routing":"End"}
            """;
        using var server = await RedisServer.StartAsync();
        await RouteAsync([], "{}", Nodes);

        (await AskAsync(Shared, "one")).ValueKind.ShouldBe(JsonValueKind.Undefined);
        (await AskAsync(Shared, "two")).GetRawText().ShouldBe("""{"now":"two","first":"one","kept":"one"}""");

        WorkerOptions Shared(WorkerOptions options) => options with { OpenFlowStores = _ => new FlowStores(Connect(server), Connect(server)) };
    }

    [Fact]
    public async Task Status_says_where_they_lie_and_whether_it_answers()
    {
        _lab.Save();
        await using (var worker = (await _lab.BootAsync()).Value)
        {
            (await StoresAsync(worker)).ShouldBe("""{"state":{"store":"memory","reachable":true},"sessions":{"store":"memory","reachable":true}}""");
        }

        using var server = await RedisServer.StartAsync();
        var redis = Connect(server);
        await using var shared = (await _lab.BootAsync(options => options with { OpenFlowStores = _ => new FlowStores(redis, null) })).Value;
        await Eventually.HoldsAsync(async () => await StoresAsync(shared) == $$$"""{"state":{"store":"{{{redis.Place}}}","reachable":true},"sessions":{"store":"memory","reachable":true}}""");
        server.Kill();
        await Eventually.HoldsAsync(async () => await StoresAsync(shared) == $$$"""{"state":{"store":"{{{redis.Place}}}","reachable":false},"sessions":{"store":"memory","reachable":true}}""");

        static async Task<string> StoresAsync(WorkerHost worker)
        {
            using var client = new HttpClient { BaseAddress = new Uri($"http://{worker.Address}") };
            return (await client.GetFromJsonAsync<JsonElement>("/status", TestContext.Current.CancellationToken)).GetProperty("stores").GetRawText();
        }
    }

    [Fact]
    public async Task In_memory_they_are_the_revisions_own()
    {
        const string Count = """
            {"id":"get","component":{"id":"state.get"},"input":{"mapping":{"key":"seen","default":"nothing"}},"routing":{"Next":{"node_id":"set"}}},
            {"id":"set","component":{"id":"state.set"},"input":{"mapping":{"key":"seen","value":"{{entry.text}}"}},"routing":{"Next":{"node_id":"say"}}},
            {"id":"say","component":{"id":"emit.log"},"input":{"mapping":"{{node.get}}"},"routing":"End"}
            """;
        await RouteAsync([], "{}", Count);
        await using var worker = (await _lab.BootAsync()).Value;

        (await SayAsync(worker, "one")).GetString().ShouldBe("nothing");
        (await SayAsync(worker, "two")).GetString().ShouldBe("one");
    }

    [Fact]
    public async Task What_a_deployment_sets_for_a_pack_is_its_components_setting_and_follows_the_deployment()
    {
        await RouteAsync(TestComponents.Reading("greentic:runtime-config/runtime-config@1.0.0", "tone", WitType.Text), "{}");
        Set("7");
        await using var worker = (await _lab.BootAsync()).Value;

        // The component answers with the bytes that it got, and a digit is the CBOR of a negative number.
        (await SayAsync(worker, "hi")).GetInt32().ShouldBe(-1 - ('7' - 0x20));
        Set("\"runtime://local/discovered/tone\"");
        PackDescriptor.TryParse("greentic.deployer.local-process@0.1.0", out var deployer).ShouldBeTrue();
        await _lab.Store.ChangeDiscoveredAsync(EnvId.Local, deployer, known => known.SetItem("tone", JsonElement.Parse("3")), TestContext.Current.CancellationToken);
        await Eventually.HoldsAsync(async () => (await SayAsync(worker, "hi")) is { ValueKind: JsonValueKind.Number } said && said.GetInt32() == -1 - ('3' - 0x20));

        void Set(string tone)
        {
            _lab.Change(document => document with
            {
                Bundles = [.. document.Bundles.Select(deployment => deployment with
                {
                    ConfigOverrides = ImmutableSortedDictionary<string, ImmutableSortedDictionary<string, JsonElement>>.Empty.Add(
                        "talk", ImmutableSortedDictionary<string, JsonElement>.Empty.Add("tone", JsonElement.Parse(tone))),
                })],
            });
            _lab.Save();
        }
    }

    [Fact]
    public async Task What_was_discovered_is_read_when_it_is_asked_for()
    {
        _lab.Save();
        await using var components = new WorkerComponents(_lab.Options(), _lab.Logs);
        components.Follow(_lab.Document).ShouldBeNull();
        var config = new PackConfig
        {
            PackId = "p",
            RevisionId = "r",
            RuntimeRefs = new Dictionary<string, string> { ["url"] = "runtime://local/discovered/public_url" }.ToImmutableSortedDictionary(StringComparer.Ordinal),
        };
        using var zip = new MemoryStream(Pack([], "{}", string.Empty));
        using var pack = Gtc.Artifacts.Packs.PackFile.Open(zip, "talk.gtpack").Value;
        var host = components.OptionsFor(new RevisionId(Ulid.From(DateTimeOffset.UnixEpoch, new byte[10])), [pack], new Dictionary<string, string> { ["talk.gtpack"] = "p" }, [config]).Host;
        var caller = new ComponentCaller(new FlowContext("local", "default", "d", "b", "r"), "talk", "f", "n", "my.tool");

        host.ReadSetting(caller, "url", TestContext.Current.CancellationToken).ShouldBe((string?)null);
        PackDescriptor.TryParse("greentic.deployer.local-process@0.1.0", out var deployer).ShouldBeTrue();

        // A pod or a container on a device has it from its deployer as a file that changes under it.
        var given = _lab.PathTo("given.json");
        _lab.Variables[CarriedRuntime.Variable] = given;
        host.ReadSetting(caller, "url", TestContext.Current.CancellationToken).ShouldBe((string?)null, "a file that is not there says nothing");
        foreach (var url in (string[])["https://one.example", "https://two.example"])
        {
            var discovered = ImmutableSortedDictionary<string, JsonElement>.Empty.Add("public_url", JsonElement.Parse($"\"{url}\""));
            await File.WriteAllTextAsync(
                given,
                CarriedRuntime.Text(_lab.Document with { Packs = [new EnvPackBinding { Slot = CapabilitySlot.Deployer, Kind = deployer, PackRef = "builtin" }] }, discovered),
                TestContext.Current.CancellationToken);
            host.ReadSetting(caller, "url", TestContext.Current.CancellationToken).ShouldBe($"\"{url}\"");
        }

        // What the worker itself found out goes before.
        await _lab.Store.ChangeDiscoveredAsync(
            EnvId.Local,
            deployer,
            known => known.SetItem("public_url", JsonElement.Parse("\"https://x.example\"")),
            TestContext.Current.CancellationToken);
        host.ReadSetting(caller, "url", TestContext.Current.CancellationToken).ShouldBe("\"https://x.example\"");
    }

    private static EgressPolicy Egress(string text) => EgressPolicy.TryParse(text, out var policy) ? policy : throw new ArgumentException(text);

    private static FlowRedis Connect(RedisServer server) =>
        FlowRedis.Connect($"redis://127.0.0.1:{server.Port}", null, "t:", TimeProvider.System, () => 0, TimeSpan.FromSeconds(20)).Value;

    private static async Task<JsonElement> SayAsync(WorkerHost worker, string text)
    {
        using var client = new HttpClient { BaseAddress = new Uri($"http://{worker.Address}") };
        using var body = new StringContent($$"""{"text":"{{text}}","session":"s"}""", Encoding.UTF8, "application/json");
        using var response = await client.PostAsync("/", body, TestContext.Current.CancellationToken);
        var replies = await response.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
        return replies.GetArrayLength() == 0 ? default : replies[0].GetProperty("payload");
    }

    private static byte[] Pack(byte[] component, string declares, string nodes)
    {
        var manifest = $$$"""
            {"schema_version":"pack-v1","pack_id":"talk","version":"1.0.0","kind":"application","publisher":"t",
             "components":[{"id":"my.tool","version":"1.0.0","capabilities":{"host":{{{declares}}} } }],
             "flows":[{"id":"f","kind":"messaging","tags":["default"],"entrypoints":[],
                "flow":{"schema_version":"flow-v1","id":"f","kind":"messaging","entrypoints":{},"nodes":[{{{nodes}}}]}}]}
            """;
        var zip = new MemoryStream();
        using (var archive = new ZipArchive(zip, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, content) in new[] { ("manifest.cbor", CborDocument.Write(JsonElement.Parse(manifest), sortKeys: false)), ("components/my.tool.wasm", component) })
            {
                using var stream = archive.CreateEntry(name, CompressionLevel.NoCompression).Open();
                stream.Write(content);
            }
        }

        return zip.ToArray();
    }

    private async Task<JsonElement> AskAsync(Func<WorkerOptions, WorkerOptions>? change = null, string text = "hi")
    {
        await using var worker = (await _lab.BootAsync(change)).Value;
        return await SayAsync(worker, text);
    }

    private async Task RouteAsync(byte[] component, string declares, string? nodes = null)
    {
        var source = _lab.PathTo("source");
        Directory.CreateDirectory(Path.Combine(source, "packs"));
        await File.WriteAllTextAsync(Path.Combine(source, "bundle.yaml"), "schema_version: 1\nbundle_id: talk\nbundle_name: talk\n", TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(
            Path.Combine(source, "packs", "talk.gtpack"),
            Pack(component, declares, nodes ?? """{"id":"a","component":{"id":"my.tool"},"input":{"mapping":{"op":"x","input":1}},"routing":"End"}"""),
            TestContext.Current.CancellationToken);
        var built = await BundleBuilder.BuildAsync(source, _lab.PathTo("talk.gtbundle"), "test", TestContext.Current.CancellationToken);
        await _lab.RouteOneAsync(built.Value.Path);
    }
}
