using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gtc.Flows.Tests.Messaging;

/// <summary>The provider of the Telegram pack is not part of this repository; GTC_UPSTREAM_FIXTURES names a folder that has it.</summary>
public sealed class The_real_telegram_provider_answers_as_recorded
{
    private const string Component = "messaging-provider-telegram";

    [Theory]
    [InlineData("transcripts/telegram-provider-schema-core.json")]
    [InlineData("transcripts/telegram-provider-card-reply.json")]
    public void Step_by_step_with_the_same_calls_of_the_host(string transcript)
    {
        var steps = JsonElement.Parse(File.ReadAllBytes(Upstream.Path(transcript))).GetProperty("steps");
        var host = new Recording();
        using var runtime = Provider(host);
        var provider = runtime.Providers.ShouldHaveSingleItem();
        foreach (var step in steps.EnumerateArray())
        {
            host.Calls.Clear();
            var operation = step.GetProperty("op").GetString()!;
            var answer = provider.Invoke(operation, step.GetProperty("input"), Flow.Context, TestContext.Current.CancellationToken).Value;

            JsonElement.DeepEquals(answer, step.GetProperty("output")).ShouldBeTrue($"{operation}: {answer.GetRawText()}");
            var calls = JsonElement.Parse($"[{string.Join(',', host.Calls)}]");
            JsonElement.DeepEquals(calls, step.GetProperty("host_calls")).ShouldBeTrue($"{operation}: {calls.GetRawText()}");
        }
    }

    [Fact]
    public void A_reply_of_a_flow_goes_out_as_recorded()
    {
        var host = new Recording();
        using var runtime = Provider(host);
        var received = ChannelEnvelope.Received(
            JsonElement.Parse("""{"id":"telegram-telegram","tenant":{},"channel":"telegram","session_id":"100","to":[{"id":"100","kind":"chat"}],"metadata":{"universal":"true"},"text":"hi"}"""),
            Flow.Context).Value;
        var config = JsonElement.Parse("""{"api_base_url":"http://sink.example:8080","public_base_url":"http://sink.example:8080"}""");

        var sent = new Sending(runtime.Providers[0], Flow.Context, config).Send(ChannelEnvelope.Reply(received, JsonElement.Parse("""{"text":"pong"}""")), TestContext.Current.CancellationToken);

        sent.ShouldBe(SendOutcome.Sent);
        host.Calls[^1].ShouldContain("http://sink.example:8080/bot111:fake/sendMessage");
        host.Calls[^1].ShouldContain("pong");
    }

    private static FlowRuntime Provider(Recording host)
    {
        var manifest = File.ReadAllText(Upstream.Path("decoded/messaging-telegram.manifest.json"));
        var pack = Flow.Open(manifest, ($"components/{Component}.wasm", Upstream.Component($"{Component}.wasm")));
        return FlowRuntime.Load([pack], NullLogger.Instance, new FlowOptions { Host = host }).Value;
    }

    /// <summary>Answers like Telegram would, and keeps what it was asked as the transcripts write it.</summary>
    private sealed class Recording : IComponentHost
    {
        public List<string> Calls { get; } = [];

        public Task<HostAnswer<HostHttpResponse>> SendAsync(ComponentCaller caller, HostHttpRequest request, CancellationToken cancellationToken)
        {
            var headers = string.Join(',', request.Headers.Select(field => $"[{Quoted(field.Key)},{Quoted(field.Value)}]"));
            Calls.Add($$"""{"method":{{Quoted(request.Method)}},"url":{{Quoted(request.Url)}},"headers":[{{headers}}],"body":{{Quoted(Encoding.UTF8.GetString(request.Body!.Value.Span))}}}""");
            return Task.FromResult<HostAnswer<HostHttpResponse>>(new HostHttpResponse(200, [], """{"ok":true,"result":{"message_id":42}}"""u8.ToArray()));
        }

        public HostFault? WriteSecret(ComponentCaller caller, string key, ReadOnlyMemory<byte> value, CancellationToken cancellationToken) => new("denied", "none");

        public HostAnswer<ReadOnlyMemory<byte>> ReadSecret(ComponentCaller caller, string key, CancellationToken cancellationToken)
        {
            Calls.Add($$"""{"secret_get":{{Quoted(key)}}}""");
            return new HostAnswer<ReadOnlyMemory<byte>>("111:fake"u8.ToArray(), null);
        }

        public HostAnswer<string?> ReadSetting(ComponentCaller caller, string key, CancellationToken cancellationToken) => DenyAll.Instance.ReadSetting(caller, key, cancellationToken);

        public HostAnswer<ReadOnlyMemory<byte>> ReadState(ComponentCaller caller, string key, CancellationToken cancellationToken) => DenyAll.Instance.ReadState(caller, key, cancellationToken);

        public HostFault? WriteState(ComponentCaller caller, string key, ReadOnlyMemory<byte> value, CancellationToken cancellationToken) =>
            DenyAll.Instance.WriteState(caller, key, value, cancellationToken);

        public HostFault? DeleteState(ComponentCaller caller, string key, CancellationToken cancellationToken) => DenyAll.Instance.DeleteState(caller, key, cancellationToken);

        private static string Quoted(string text) => JsonSerializer.Serialize(text);
    }
}
