namespace Gtc.Flows.Tests.Messaging;

public sealed class Direct_line_clients_are_understood
{
    [Theory]
    [InlineData("GET", "/v1/messaging/webchat/acme/token", "acme", "POST", "/v3/directline/tokens/generate")]
    [InlineData("POST", "/v1/messaging/webchat/acme/v3/directline/conversations", "acme", "POST", "/v3/directline/conversations")]
    [InlineData("GET", "/v3/directline/conversations/7/activities", null, "GET", "/v3/directline/conversations/7/activities")]
    [InlineData("POST", "/directline/conversations/7/activities", null, "POST", "/v3/directline/conversations/7/activities")]
    [InlineData("POST", "/token", null, "POST", "/v3/directline/tokens/generate")]
    public void Their_paths_say_what_they_want(string method, string path, string? tenant, string given, string line) =>
        DirectLineRequest.Of(method, path).ShouldBe(new(tenant, given, line));

    [Theory]
    [InlineData("/v1/messaging/webchat/")]
    [InlineData("/v1/messaging/webchat//token")]
    [InlineData("/v1/messaging/webchat/acme/other")]
    [InlineData("/tokens")]
    [InlineData("/")]
    public void Other_paths_are_not_theirs(string path) => DirectLineRequest.Of("GET", path).ShouldBeNull();
}
