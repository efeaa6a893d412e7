using System.Text;
using System.Text.Json;

namespace Gtc.Flows.Tests.Messaging;

public sealed class Messages_travel_in_envelopes
{
    private const string Received = """
        {"id":"telegram-telegram","tenant":{"env":"default","tenant":"default","tenant_id":"default","team":"t","attempt":0},"channel":"telegram","session_id":"100",
         "from":{"id":"100","kind":"user"},"to":[{"id":"100","kind":"chat"}],"metadata":{"chat_id":"100","universal":"true","locale":"de"},"text":"hi","extensions":{"a":1}}
        """;

    [Fact]
    public void The_tenant_is_the_deployments_own()
    {
        var envelope = ChannelEnvelope.Received(JsonElement.Parse(Received), Flow.Context).Value;

        envelope.GetProperty("tenant").GetRawText().ShouldBe($$"""{"env":"{{Flow.Context.EnvironmentId}}","tenant":"{{Flow.Context.Tenant}}","tenant_id":"{{Flow.Context.Tenant}}","team":"t","attempt":0}""");
        envelope.GetProperty("text").GetString().ShouldBe("hi");
        ChannelEnvelope.Received(JsonElement.Parse("""{"id":"x","channel":"c"}"""), Flow.Context).IsOk.ShouldBeFalse();
        ChannelEnvelope.Received(JsonElement.Parse("[]"), Flow.Context).IsOk.ShouldBeFalse();
    }

    [Fact]
    public void A_flow_sees_the_whole_message_and_who_wrote_it()
    {
        var activity = ChannelEnvelope.Activity(JsonElement.Parse(Received), "messaging.telegram.bot", null);

        (activity.Action, activity.FlowType, activity.SessionId, activity.UserId, activity.ProviderId).ShouldBe(("provider.event", "messaging", "100", "100", "messaging.telegram.bot"));
        activity.Payload.GetProperty("metadata").GetProperty("locale").GetString().ShouldBe("de");
    }

    [Theory]
    [InlineData("""{"text":"pong"}""", "pong", null)]
    [InlineData("""{"status":"pending","response":{"text":"wait"}}""", "wait", null)]
    [InlineData("""{"renderedCard":{"type":"AdaptiveCard","body":[]},"text":"also"}""", "also", """{"type":"AdaptiveCard","body":[]}""")]
    [InlineData("""{"type":"AdaptiveCard"}""", null, """{"type":"AdaptiveCard"}""")]
    [InlineData("""{"metadata":{"error_kind":"flow_execution_failed"}}""", null, null)]
    public void A_reply_goes_back_the_way_the_message_came(string payload, string? text, string? card)
    {
        var reply = ChannelEnvelope.Reply(JsonElement.Parse(Received), JsonElement.Parse(payload));

        (reply.TryGetProperty("text", out var said) ? said.GetString() : null).ShouldBe(text);
        reply.GetProperty("to").GetRawText().ShouldBe("""[{"id":"100","kind":"chat"}]""");
        reply.GetProperty("attachments").GetArrayLength().ShouldBe(0);
        var metadata = reply.GetProperty("metadata");
        metadata.EnumerateObject().Select(member => member.Name).ShouldBe(card is null ? ["universal", "locale"] : ["universal", "locale", "adaptive_card"]);
        if (card is not null)
        {
            metadata.GetProperty("adaptive_card").GetString().ShouldBe(card);
            reply.GetProperty("extensions").GetProperty("adaptive_card").GetRawText().ShouldBe(card);
        }
    }

    [Fact]
    public void A_reply_that_is_a_message_already_is_left_alone()
    {
        const string Own = """{"id":"r1","channel":"telegram","session_id":"7","text":"to somebody else"}""";

        ChannelEnvelope.Reply(JsonElement.Parse(Received), JsonElement.Parse(Own)).GetRawText().ShouldBe(Own);
    }

    [Theory]
    [InlineData("""{"update_id":7,"message":{"chat":{"id":100}}}""", 7L, "100")]
    [InlineData("""{"update_id":8,"callback_query":{"message":{"chat":{"id":-5}}}}""", 8L, "-5")]
    [InlineData("""{"edited_message":{"chat":{"id":"9"}}}""", null, "9")]
    [InlineData("""{"update_id":"x"}""", null, null)]
    [InlineData("not json", null, null)]
    public void An_update_says_its_number_and_its_chat(string body, long? update, string? chat) =>
        TelegramUpdate.Read(Encoding.UTF8.GetBytes(body)).ShouldBe(new TelegramUpdate(update, chat));

    [Fact]
    public void A_request_becomes_what_a_provider_takes()
    {
        var request = new ProviderRequest("messaging.telegram.bot", "default", "POST", "/bot/webhook/telegram", [new("a", "b")], [new("content-type", "application/json")], "{}"u8.ToArray(), JsonElement.Parse("{}"));

        request.ToJson().GetRawText().ShouldBe("""
            {"v":1,"provider":"messaging.telegram.bot","tenant_hint":"default","method":"POST","path":"/bot/webhook/telegram","query":[["a","b"]],"headers":[["content-type","application/json"]],"body_b64":"e30=","config":{}}
            """.Trim());
    }

    [Fact]
    public void An_answer_of_a_provider_may_set_no_field_of_the_server()
    {
        var response = ProviderResponse.Read(JsonElement.Parse("""
            {"v":1,"status":201,"headers":[["X-A","1"],["Content-Length","9"],["Transfer-Encoding","chunked"],["Set-Cookie","a=b"],["X-B","1\r\nX-C: 2"],["X D","1"],["x"]],"body_b64":"e30=","events":[{"id":"1"}]}
            """)).Value;

        response.Status.ShouldBe(201);
        response.Fields.ShouldBe([new KeyValuePair<string, string>("X-A", "1")]);
        response.Body.ShouldBe("{}"u8.ToArray());
        response.Events.Length.ShouldBe(1);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("""{"status":99}""")]
    [InlineData("""{"status":"200"}""")]
    [InlineData("""{"body_b64":"?"}""")]
    [InlineData("""{"body_b64":1}""")]
    [InlineData("""{"events":{}}""")]
    public void What_is_no_answer_is_refused(string answer) => ProviderResponse.Read(JsonElement.Parse(answer)).IsOk.ShouldBeFalse();
}
