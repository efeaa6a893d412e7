namespace Gtc.Model.Tests.Messaging;

public sealed class An_endpoint_changes
{
    private const string Webhook = "secret://local/default/_/messaging-x/webhook_secret";

    [Theory]
    [Trait("fact", "environment-model:6.25")]
    [InlineData("messaging.telegram.bot", true)]
    [InlineData("telegram", true)]
    [InlineData("messaging.telegram", true)]
    [InlineData("telegrambot", false)]
    [InlineData("messaging.slack", false)]
    public void The_telegram_class_is_known_by_its_words(string type, bool isTelegram) => WebhookSecrets.IsTelegramClass(type).ShouldBe(isTelegram);

    [Fact]
    public void A_telegram_endpoint_gets_the_secret_that_was_provisioned()
    {
        var endpoint = MessagingVerbs.Add(Sample.WithDeployment(), Add("telegram"), Sample.Now).Value.Endpoint.ShouldNotBeNull();
        (endpoint.WebhookSecretRef, endpoint.Generation, endpoint.UpdatedBy).ShouldBe((Webhook, 0ul, "op"));
        MessagingVerbs.Add(Sample.WithDeployment(), Add("telegram") with { Provisioned = null }, Sample.Now).Refusal.ShouldBeOfType<Refusal.Conflict>();
        Outcome<string> failed = new Refusal.StoreFailed("full");
        MessagingVerbs.Add(Sample.WithDeployment(), Add("telegram") with { Provisioned = failed }, Sample.Now).Refusal.ShouldBeOfType<Refusal.StoreFailed>();
    }

    [Fact]
    public void A_webhook_secret_is_for_telegram_only()
    {
        MessagingVerbs.Add(Sample.WithDeployment(), Add("slack") with { WebhookSecretRef = Webhook }, Sample.Now).Refusal.ShouldBeOfType<Refusal.InvalidArgument>();
        MessagingVerbs.Add(Sample.WithDeployment(), Add("slack"), Sample.Now).Value.Endpoint!.WebhookSecretRef.ShouldBeNull();
    }

    [Fact]
    public void A_telegram_endpoint_may_do_without_a_secret_when_it_says_so()
    {
        var open = Add("telegram") with { AcceptsUnsignedWebhooks = true };
        var endpoint = MessagingVerbs.Add(Sample.WithDeployment(), open, Sample.Now).Value.Endpoint.ShouldNotBeNull();
        (endpoint.WebhookSecretRef, endpoint.AcceptsUnsignedWebhooks).ShouldBe((null, true));
        MessagingVerbs.Add(Sample.WithDeployment(), open with { WebhookSecretRef = Webhook }, Sample.Now).Refusal.ShouldBeOfType<Refusal.InvalidArgument>();
        MessagingVerbs.Add(Sample.WithDeployment(), Add("slack") with { AcceptsUnsignedWebhooks = true }, Sample.Now).Refusal.ShouldBeOfType<Refusal.InvalidArgument>();
        MessagingVerbs.Add(Sample.WithDeployment(), Add("telegram"), Sample.Now).Value.Endpoint!.AcceptsUnsignedWebhooks.ShouldBeNull();
    }

    [Theory]
    [InlineData("secret://prod/x")]
    [InlineData("secret://")]
    [InlineData("x")]
    public void A_secret_of_elsewhere_is_refused(string reference) =>
        MessagingVerbs.Add(Sample.WithDeployment(), Add("slack") with { SecretRefs = [reference] }, Sample.Now).Refusal.ShouldBeOfType<Refusal.InvalidArgument>();

    [Fact]
    public void An_identity_exists_once()
    {
        var document = Added("slack", out _);
        MessagingVerbs.Add(document, Add("slack") with { EndpointId = new MessagingEndpointId(Sample.Id(9)) }, Sample.Now).Refusal.ShouldBeOfType<Refusal.Conflict>();
    }

    [Fact]
    public void Links_and_welcome_flow_depend_on_each_other()
    {
        var document = Added("slack", out var request);
        MessagingVerbs.Link(document, request, "nowhere", Sample.Now).Refusal.ShouldBeOfType<Refusal.Missing>();
        var flow = new WelcomeFlow { BundleId = "main", PackId = "core", FlowId = "greet" };
        MessagingVerbs.SetWelcomeFlow(document, request, flow, Sample.Now).Refusal.ShouldBeOfType<Refusal.InvalidArgument>();
        document = MessagingVerbs.Link(document, request, "main", Sample.Now).Value.Document;
        MessagingVerbs.Link(document, request, "main", Sample.Now).Value.IsMutated.ShouldBeFalse();
        var set = MessagingVerbs.SetWelcomeFlow(document, request, flow, Sample.Now).Value;
        set.Endpoint!.Generation.ShouldBe(2ul);
        MessagingVerbs.SetWelcomeFlow(set.Document, request, flow with { }, Sample.Now).Value.IsMutated.ShouldBeFalse();
        MessagingVerbs.Unlink(set.Document, request, "main", Sample.Now).Refusal.ShouldBeOfType<Refusal.Conflict>();
        MessagingVerbs.Unlink(document, request, "main", Sample.Now).Value.Endpoint!.LinkedBundles.ShouldBeEmpty();
    }

    [Fact]
    public void A_welcome_pack_must_be_known_where_packs_are_known()
    {
        var document = Added("slack", out var request, Sample.WithReadyRevisions());
        document = MessagingVerbs.Link(document, request, "main", Sample.Now).Value.Document;
        var flow = new WelcomeFlow { BundleId = "main", PackId = "other", FlowId = "greet" };
        var refusal = MessagingVerbs.SetWelcomeFlow(document, request, flow, Sample.Now).Refusal.ShouldBeOfType<Refusal.InvalidArgument>();
        refusal.Details.ShouldBe([new RefusalDetail("known", "app")]);
        MessagingVerbs.SetWelcomeFlow(document, request, flow with { PackId = "app" }, Sample.Now).IsOk.ShouldBeTrue();
    }

    [Fact]
    public void Removing_what_is_absent_is_no_error()
    {
        var document = Added("slack", out var request);
        var removed = MessagingVerbs.Remove(document, request.EndpointId);
        removed.IsMutated.ShouldBeTrue();
        MessagingVerbs.Remove(removed.Document, request.EndpointId).IsMutated.ShouldBeFalse();
    }

    [Fact]
    public void A_rotation_stamps_the_new_secret()
    {
        var document = Added("telegram", out var request);
        Outcome<string> provisioned = Webhook;
        var rotated = MessagingVerbs.RotateWebhookSecret(document, request, null, provisioned, Sample.Now).Value;
        (rotated.IsMutated, rotated.Endpoint!.Generation).ShouldBe((true, 1ul));
        MessagingVerbs.RotateWebhookSecret(document, request, null, null, Sample.Now).Refusal.ShouldBeOfType<Refusal.Conflict>();
        MessagingVerbs.RotateWebhookSecret(Added("slack", out var slack), slack, null, null, Sample.Now).Refusal.ShouldBeOfType<Refusal.InvalidArgument>();
    }

    [Fact]
    public void A_stamp_of_an_older_store_is_a_replay_of_the_same_operation_only()
    {
        var document = Added("slack", out var request);
        var stamped = document with { MessagingEndpoints = [document.MessagingEndpoints[0] with { UpdatedBy = "ann#idem=link-bundle:k1" }] };
        var same = request with { IdempotencyKey = "k1" };
        MessagingVerbs.Link(stamped, same, "main", Sample.Now).Value.IsMutated.ShouldBeFalse();
        MessagingVerbs.Link(stamped, same with { IdempotencyKey = "1" }, "main", Sample.Now).Value.IsMutated.ShouldBeTrue();
        MessagingVerbs.SetSecretRefs(stamped, same, ["secret://local/x"], Sample.Now).Value.IsMutated.ShouldBeTrue();
        var added = document with { MessagingEndpoints = [document.MessagingEndpoints[0] with { UpdatedBy = "ann#idem=add:k2" }] };
        MessagingVerbs.Add(added, Add("slack") with { IdempotencyKey = "k2" }, Sample.Now).Value.IsMutated.ShouldBeFalse();
        MessagingVerbs.Add(added, Add("slack") with { IdempotencyKey = "k2", ProviderId = "other" }, Sample.Now).Refusal.ShouldBeOfType<Refusal.Conflict>();
    }

    [Fact]
    public void A_webhook_secret_has_its_place()
    {
        var id = new MessagingEndpointId(Sample.Id(5));
        WebhookSecrets.Reference(Sample.Empty(), id, isDevStore: true).Value.ShouldBe($"secret://local/default/_/messaging-{id.ToString().ToLowerInvariant()}/webhook_secret");
        WebhookSecrets.Reference(Sample.Empty(), id, isDevStore: false).Refusal.ShouldBeOfType<Refusal.Conflict>();
        var owned = Sample.Empty() with { HostConfig = new HostConfig { EnvId = EnvId.Local, TenantOrgId = " acme " } };
        WebhookSecrets.Reference(owned, id, isDevStore: false).Value.ShouldStartWith("secret://local/acme/_/");
    }

    private static EnvironmentDocument Added(string type, out EndpointRequest request, EnvironmentDocument? into = null)
    {
        var change = MessagingVerbs.Add(into ?? Sample.WithDeployment(), Add(type), Sample.Now).Value;
        request = new EndpointRequest(change.Endpoint!.EndpointId, "op", null);
        return change.Document;
    }

    private static AddEndpoint Add(string type)
    {
        Outcome<string> provisioned = Webhook;
        return new AddEndpoint
        {
            EndpointId = new MessagingEndpointId(Sample.Id(5)),
            ProviderId = "p1",
            ProviderType = type,
            DisplayName = "Bot",
            Provisioned = provisioned,
            UpdatedBy = "op",
        };
    }
}
