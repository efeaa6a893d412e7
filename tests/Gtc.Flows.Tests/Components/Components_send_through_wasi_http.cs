using System.Collections.Immutable;
using System.Text.Json;
using Gtc.Artifacts.Packs;
using Gtc.Flows.Tests.Components.Egress;
using Gtc.Flows.Tests.Samples;
using Gtc.Model;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gtc.Flows.Tests.Components;

/// <summary>A guest in C that sends a request through <c>wasi:http/outgoing-handler</c>, made by gtc's own encoder, over loopback.</summary>
public sealed class Components_send_through_wasi_http : IDisposable
{
    // DNS-timeout is 0; HTTP-request-denied is the sixteenth of the interface's errors, destination-unavailable the fourth.
    private const string Denied = "component my.tool failed: wasi_http: 15";
    private const string Unavailable = "component my.tool failed: wasi_http: 3";

    private readonly string _folder = Directory.CreateTempSubdirectory("gtc-wasi-http-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_request_goes_where_the_policy_allows_it_and_its_answer_comes_back_whole()
    {
        await using var service = LoopbackServer.Saying(_ => LoopbackServer.Ok("an answer of more than sixteen bytes"));

        var reply = await AskAsync(service, $"127.0.0.1:{service.Port}", "true");

        reply.Payloads.ShouldHaveSingleItem().GetString().ShouldBe("200 an answer of more than sixteen bytes");
        service.Requests.ShouldHaveSingleItem().ShouldStartWith("GET /x?y=1 HTTP/1.1");
    }

    [Theory]
    [InlineData("none", "true", Denied)]
    [InlineData("public", "true", Denied)]
    [InlineData("127.0.0.1:1", "true", Denied)]
    [InlineData("127.0.0.0/8", "false", Denied)]
    [InlineData("127.0.0.0/8", """{"hosts":["elsewhere.example"]}""", Denied)]
    public async Task What_is_not_granted_or_not_declared_is_refused_before_anybody_is_connected_to(string egress, string declared, string error)
    {
        await using var service = LoopbackServer.Saying(_ => LoopbackServer.Ok("no"));

        (await AskAsync(service, egress, declared)).Error().ShouldBe(error);

        service.Connections.ShouldBe(0);
    }

    [Fact]
    public async Task Where_nobody_listens_the_guest_is_told_so()
    {
        int port;
        await using (var service = LoopbackServer.Saying(_ => LoopbackServer.Ok("no")))
        {
            port = service.Port;
        }

        (await AskAsync(port, "127.0.0.0/8", "true")).Error().ShouldBe(Unavailable);
    }

    private Task<FlowReply> AskAsync(LoopbackServer service, string egress, string client) => AskAsync(service.Port, egress, client);

    private async Task<FlowReply> AskAsync(int port, string egress, string client)
    {
        var source = Path.Combine(Path.GetDirectoryName(Clang.Samples())!, "tests", "Gtc.Flows.Tests", "Components", "Guests", "wasi-get.c");
        EgressPolicy.TryParse(egress, out var policy).ShouldBeTrue();
        using var http = new HttpEgress(policy, EgressLimits.Standard, TimeProvider.System);
        var host = new ComponentHost
        {
            State = new StateInMemory(StateLimits.Standard),
            Secrets = new NoSecrets(),
            Http = http,
            Packs = ImmutableDictionary<string, PackSetting>.Empty,
            Discovered = _ => null,
        };
        var node = Flow.Node("a", "my.tool", JsonSerializer.Serialize(new { op = "get", input = new { authority = $"127.0.0.1:{port}", path = "/x?y=1" } }));
        var pack = Flow.Open(
            $$$"""
            {"schema_version":"pack-v1","pack_id":"p","version":"1.0.0","kind":"application","publisher":"t",
             "components":[{"id":"my.tool","version":"1.0.0","capabilities":{"host":{"http":{"client":{{{client}}} } } } }],"flows":[{{{Flow.Entry("f", node)}}}]}
            """,
            ("components/my.tool.wasm", await Clang.ComponentAsync(source, _folder)));
        using var runtime = FlowRuntime.Load([pack], NullLogger.Instance, new FlowOptions { Host = host, Retries = new RetryPolicy(1, TimeSpan.Zero) }).Value;
        return runtime.Handle(Flow.Message("{}"), Flow.Context, TestContext.Current.CancellationToken).Value;
    }

    private sealed class NoSecrets : IComponentSecrets
    {
        public HostAnswer<ReadOnlyMemory<byte>> Read(SecretUri secret) => new HostFault("not-found", "none");

        public Task<HostFault?> WriteAsync(SecretUri secret, ReadOnlyMemory<byte> value, ComponentCaller caller, CancellationToken cancellationToken) =>
            Task.FromResult<HostFault?>(new HostFault("denied", "none"));
    }
}
