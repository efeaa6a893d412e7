using System.Text;
using System.Text.Json;
using Gtc.Model;

namespace Gtc.Flows.Tests.Activities;

public sealed class GenericBodies
{
    [Theory]
    [InlineData("""{"text":"hi"}""", "messaging", null, """{"text":"hi"}""")]
    [InlineData("""{"text":"hi","more":1}""", "messaging", null, """{"text":"hi"}""")]
    [InlineData("""{"text":7}""", null, "http.request", """{"text":7}""")]
    [InlineData("{}", null, "http.request", "{}")]
    [InlineData("[1]", null, "http.request", "[1]")]
    [InlineData("\"text\"", null, "http.request", "\"text\"")]
    [InlineData("", null, "http.request", "null")]
    public void A_body_becomes_an_activity(string body, string? flowType, string? action, string payload)
    {
        var activity = InboundActivity.FromBody(Encoding.UTF8.GetBytes(body), CallerIdentity.Untrusted).Value;

        (activity.FlowType, activity.Action, activity.Payload.GetRawText()).ShouldBe((flowType, action, payload));
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("{\"a\":\"\\ud800\"}")]
    [InlineData("{} {}")]
    public void A_body_that_is_not_json_is_refused_in_the_words_of_the_specification(string body)
        => InboundActivity.FromBody(Encoding.UTF8.GetBytes(body), CallerIdentity.Untrusted).Refusal.ShouldBeOfType<Refusal.InvalidArgument>()
            .Message.ShouldBe("request body must be JSON");

    [Fact]
    public void Depth_and_size_of_a_body_are_bounded()
    {
        InboundActivity.FromBody(Encoding.UTF8.GetBytes(new string('[', 100_000)), CallerIdentity.Untrusted).IsOk.ShouldBeFalse();
        InboundActivity.FromBody(new byte[InboundActivity.MaxBodyBytes + 1], CallerIdentity.Untrusted).IsOk.ShouldBeFalse();
    }

    [Fact]
    public void Only_a_trusted_caller_says_who_the_user_is()
    {
        var body = """{"text":"hi","user":"u","session":"s"}"""u8;

        var stranger = InboundActivity.FromBody(body, new(false, "x", "y", "z")).Value;
        (stranger.UserId, stranger.SessionId, stranger.MessagingEndpointId).ShouldBe((null, null, null));

        var trusted = InboundActivity.FromBody(body, new(true)).Value;
        (trusted.UserId, trusted.SessionId, trusted.MessagingEndpointId).ShouldBe(("u", "s", null));

        var headers = InboundActivity.FromBody(body, new(true, "x", "y", "z")).Value;
        (headers.UserId, headers.SessionId, headers.MessagingEndpointId).ShouldBe(("x", "y", "z"));
    }

    [Fact]
    public void A_reply_repeats_the_identity_that_it_answers_and_escapes_no_more_than_it_must()
    {
        using var runtime = Flow.Runtime(Flow.Pack("p", Flow.Entry("f", Flow.Node("a", "emit.log", """{"text":"{{entry.text}}"}"""))));
        var activity = InboundActivity.FromBody("""{"text":"Zoë <3"}"""u8, new(true, "u", "s", "ep")).Value with { ProviderId = "tg", ChannelId = "c", ConversationId = "v" };

        var reply = runtime.Handle(activity, Flow.Context, TestContext.Current.CancellationToken).Value;

        Encoding.UTF8.GetString(reply.WriteActivities().Span).ShouldBe(
            """[{"kind":{"kind":"custom","action":"response"},"tenant":"acme","session_id":"s","provider_id":"tg","messaging_endpoint_id":"ep","user_id":"u","channel_id":"c","conversation_id":"v","payload":{"text":"Zoë <3"}}]""");
    }

    [Fact]
    public void A_flow_without_replies_answers_an_empty_list()
    {
        using var runtime = Flow.Runtime(Flow.Pack("p", Flow.Entry("f", Flow.Node("a", "emit.log", """{"payload":[]}"""))));

        JsonElement.Parse(runtime.Handle(Flow.Message("{}"), Flow.Context, TestContext.Current.CancellationToken).Value.WriteActivities().Span).GetArrayLength().ShouldBe(0);
    }
}
