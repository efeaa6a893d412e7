using Gtc.Flows.Tests.Engine;
using Gtc.Redis.Tests;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gtc.Flows.Tests.Sessions;

public sealed class A_conversation_is_greeted_once
{
    private const string Hi = """{"text":"hi"}""";

    private static readonly WelcomeHint Greeting = new("greeter", "greet");

    [Fact]
    public void The_welcome_flow_answers_the_first_message_and_no_other()
    {
        using var runtime = Runtime(Flow.Node("a", "emit.log", "\"welcome\""));

        Say(runtime, "s").Texts().ShouldBe(["\"welcome\""]);
        Say(runtime, "s").Texts().ShouldBe(["\"usual\""]);
        Say(runtime, "t").Texts().ShouldBe(["\"welcome\""]);
        Say(runtime, "s", endpoint: "another").Texts().ShouldBe(["\"welcome\""]);
    }

    [Fact]
    public void A_message_that_comes_again_is_still_the_first()
    {
        using var runtime = Runtime(Flow.Node("a", "emit.log", "\"welcome\""));

        Say(runtime, "s", "m1").Texts().ShouldBe(["\"welcome\""]);
        Say(runtime, "s", "m1").Texts().ShouldBe(["\"welcome\""]);
        Say(runtime, "s", "m2").Texts().ShouldBe(["\"usual\""]);
        Say(runtime, "s", "m1").Texts().ShouldBe(["\"welcome\""]);
    }

    [Fact]
    public void A_welcome_that_waits_is_gone_on_with()
    {
        using var runtime = Runtime(Flow.Node("a", "session.wait", "{}", """{"Next":{"node_id":"b"}}""") + "," + Flow.Node("b", "emit.log", "\"your name: {{entry.text}}\""));

        Say(runtime, "s").Texts().ShouldBeEmpty();
        Say(runtime, "s").Texts().ShouldBe(["\"your name: hi\""]);
        Say(runtime, "s").Texts().ShouldBe(["\"usual\""]);
    }

    [Fact]
    public void Nobody_is_greeted_who_is_awaited_or_not_known_or_without_an_endpoint()
    {
        using var runtime = Runtime(
            Flow.Node("a", "emit.log", "\"welcome\""),
            Flow.Node("a", "session.wait", "{}", """{"Next":{"node_id":"b"}}""") + "," + Flow.Node("b", "emit.log", "\"usual\""));

        Handle(runtime, Message("s") with { Welcome = null }).Texts().ShouldBeEmpty();
        Say(runtime, "s").Texts().ShouldBe(["\"usual\""]);
        Say(runtime, "s").Texts().ShouldBeEmpty();
        Say(runtime, null).Texts().ShouldBeEmpty();
    }

    [Fact]
    public void A_welcome_that_the_revision_does_not_have_is_left_out()
    {
        using var runtime = Runtime(Flow.Node("a", "emit.log", "\"welcome\""));

        Handle(runtime, Message("s") with { Welcome = new("greeter", "gone") }).Texts().ShouldBe(["\"usual\""]);
        Handle(runtime, Message("t") with { Welcome = new("gone", "greet") }).Texts().ShouldBe(["\"usual\""]);
    }

    [Fact]
    public void In_memory_the_most_silent_are_forgotten_first_and_all_in_the_end()
    {
        var time = new TurnedTime();
        var begun = new ConversationsInMemory(time, new(TimeSpan.FromDays(1), 2));

        Begins(begun, "a").ShouldBeTrue();
        Begins(begun, "b").ShouldBeTrue();
        Begins(begun, "a").ShouldBeFalse();
        Begins(begun, "c").ShouldBeTrue();
        Begins(begun, "a").ShouldBeFalse();
        Begins(begun, "b").ShouldBeTrue();
        time.Turn(TimeSpan.FromDays(1));
        Begins(begun, "b").ShouldBeTrue();
    }

    [Fact]
    public async Task In_redis_all_workers_know_them()
    {
        using var server = await RedisServer.StartAsync();
        await using var one = Connect(server);
        await using var other = Connect(server);

        Begins(one.Conversations(ConversationLimits.Standard), "a", "m1").ShouldBeTrue();
        Begins(other.Conversations(ConversationLimits.Standard), "a", "m2").ShouldBeFalse();
        Begins(other.Conversations(ConversationLimits.Standard), "a", "m1").ShouldBeTrue();
        Begins(other.Conversations(ConversationLimits.Standard), "b").ShouldBeTrue();
        Begins(one.Conversations(ConversationLimits.Standard), "b").ShouldBeFalse();
    }

    private static bool Begins(IConversations conversations, string key, string? message = null) =>
        conversations.BeganWith(key, message, TestContext.Current.CancellationToken).Value;

    private static FlowRedis Connect(RedisServer server) =>
        FlowRedis.Connect($"redis://127.0.0.1:{server.Port}", null, "t:", TimeProvider.System, () => 0, TimeSpan.FromSeconds(60)).Value;

    private static FlowRuntime Runtime(string greeting, string? usual = null) => FlowRuntime.Load(
        [
            Flow.Pack("p", Flow.Entry("f", usual ?? Flow.Node("a", "emit.log", "\"usual\""), tags: "\"default\"")),
            Flow.Pack("greeter", Flow.Entry("greet", greeting, tags: "\"internal\"")),
        ],
        NullLogger.Instance).Value;

    private static InboundActivity Message(string? session) => Flow.Message(Hi) with { SessionId = session, MessagingEndpointId = "e", Welcome = Greeting };

    private static FlowReply Say(FlowRuntime runtime, string? session, string? id = null, string endpoint = "e") =>
        Handle(runtime, Message(session) with { MessageId = id, MessagingEndpointId = endpoint });

    private static FlowReply Handle(FlowRuntime runtime, InboundActivity activity) => runtime.Handle(activity, Flow.Context, TestContext.Current.CancellationToken).Value;
}
