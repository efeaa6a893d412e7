using System.Text;
using Gtc.Model;

namespace Gtc.Flows.Tests.Messaging;

public sealed class The_gate_knows_who_calls
{
    private const string Type = "messaging.telegram.bot";
    private const string Missing = "missing x-telegram-bot-api-secret-token header";
    private const string NoMatch = "x-telegram-bot-api-secret-token did not match any registered endpoint";

    private static readonly Dictionary<string, string> Secrets = new(StringComparer.Ordinal) { ["one"] = "first", ["two"] = "second" };

    [Fact]
    public void The_secret_says_which_endpoint_it_is()
    {
        MessagingEndpoint[] endpoints = [Endpoint(1, "one"), Endpoint(2, "two"), Endpoint(3, "unreadable")];

        Decide(endpoints, "first").ShouldBe(new(null, Id(1)));
        Decide(endpoints, "second").ShouldBe(new(null, Id(2)));
        Decide(endpoints, "third").ShouldBe(new(NoMatch, null));
        Decide(endpoints, "").ShouldBe(new(NoMatch, null));
        Decide(endpoints, null).ShouldBe(new(Missing, null));
        Decide([Endpoint(3, "unreadable")], "unreadable").ShouldBe(new(NoMatch, null));
    }

    [Fact]
    public void Endpoints_of_other_bundles_and_providers_do_not_count()
    {
        Decide([Endpoint(1, "one") with { LinkedBundles = [] }], null).ShouldBe(new(null, null));
        Decide([Endpoint(1, "one") with { ProviderType = "messaging.telegrambot" }], null).ShouldBe(new(null, null));
        Decide([], "anything").ShouldBe(new(null, null));
        WebhookGate.Decide([Endpoint(1, "one")], "messaging.webchat.gui", "shop", null, Find).ShouldBe(new(null, null));
    }

    [Fact]
    public void Of_another_provider_the_only_endpoint_is_meant()
    {
        const string Chat = "messaging.webchat.gui";
        var only = Endpoint(1, null) with { ProviderType = Chat };

        WebhookGate.Decide([only, Endpoint(2, "two")], Chat, "shop", null, Find).ShouldBe(new(null, Id(1)));
        WebhookGate.Decide([only, Endpoint(2, null) with { ProviderType = Chat }], Chat, "shop", null, Find).ShouldBe(new(null, null));
        WebhookGate.Decide([only with { LinkedBundles = [] }], Chat, "shop", null, Find).ShouldBe(new(null, null));
    }

    [Fact]
    public void Without_a_secret_it_lets_in_only_whom_the_endpoint_says()
    {
        var bare = Endpoint(1, null);

        Decide([bare], null).Refusal.ShouldNotBeNull();
        Decide([bare], "guess").Refusal.ShouldNotBeNull();
        Decide([bare with { AcceptsUnsignedWebhooks = true }], null).ShouldBe(new(null, Id(1)));
        Decide([bare with { AcceptsUnsignedWebhooks = true }, Endpoint(2, "two")], null).ShouldBe(new(null, Id(1)));
        Decide([bare with { AcceptsUnsignedWebhooks = true }, Endpoint(2, "two")], "second").ShouldBe(new(null, Id(2)));
        Decide([bare with { AcceptsUnsignedWebhooks = true }, Endpoint(2, "two")], "guess").ShouldBe(new(NoMatch, null));
    }

    private static WebhookVerdict Decide(MessagingEndpoint[] endpoints, string? given) => WebhookGate.Decide(endpoints, Type, "shop", given, Find);

    private static byte[]? Find(string reference) => Secrets.TryGetValue(reference, out var secret) ? Encoding.UTF8.GetBytes(secret) : null;

    private static MessagingEndpointId Id(byte number) => new(Ulid.From(DateTimeOffset.UnixEpoch, [0, 0, 0, 0, 0, 0, 0, 0, 0, number]));

    private static MessagingEndpoint Endpoint(byte number, string? secret) => new()
    {
        Schema = Schemas.MessagingEndpoint,
        EnvId = EnvId.Local,
        EndpointId = Id(number),
        ProviderId = $"bot-{number}",
        ProviderType = Type,
        DisplayName = "Bot",
        WebhookSecretRef = secret,
        LinkedBundles = ["shop"],
        CreatedAt = DateTimeOffset.UnixEpoch,
        UpdatedAt = DateTimeOffset.UnixEpoch,
        UpdatedBy = "test",
    };
}
