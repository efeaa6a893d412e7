namespace Gtc.Flows.Tests.Messaging;

public sealed class Webhooks_have_names
{
    [Theory]
    [InlineData("messaging.telegram.bot", "telegram")]
    [InlineData("messaging.teams.graph", "teams")]
    [InlineData("messaging.webchat.gui", "webchat")]
    [InlineData("messaging.slack.client", "slack")]
    [InlineData("messaging.generic.webhook", "generic")]
    [InlineData("messaging.email", "email")]
    [InlineData("sms.bot", "sms")]
    public void The_family_and_one_ending_are_left_out(string type, string name) => WebhookName.Of(type).ShouldBe(name);

    [Theory]
    [InlineData("/bot", "/bot/webhook/telegram")]
    [InlineData("/", "/webhook/telegram")]
    public void The_path_is_below_the_prefix(string prefix, string path) => WebhookName.PathOf(prefix, "messaging.telegram.bot").ShouldBe(path);

    [Theory]
    [InlineData("/bot/webhook/telegram", "telegram")]
    [InlineData("/bot/webhook/telegram/more/still", "telegram")]
    [InlineData("/bot/webhook/", "")]
    [InlineData("/bot/webhook", null)]
    [InlineData("/bot/x/webhook/telegram", null)]
    [InlineData("/webhook/telegram", null)]
    public void A_path_names_its_webhook(string path, string? name) => WebhookName.In(["/bot"], path).ShouldBe(name);

    [Fact]
    public void The_longest_prefix_counts() => WebhookName.In(["/", "/webhook/a"], "/webhook/a/webhook/b").ShouldBe("b");
}
