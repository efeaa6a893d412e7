using System.Text.Json;

namespace Gtc.Kubernetes.Tests;

public class The_caller_is_reviewed
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Decisions_come_in_the_order_of_the_questions()
    {
        await using var api = await ScriptedApi.StartAsync((_, _) => (201, """{"status":{"allowed":false,"reason":"no rule"}}"""));
        using var client = api.Client();
        var decisions = (await AccessReviews.DecideAsync(client, [new("apps", "deployments", "get", "n"), new("", "pods/exec", "create", null)], Token)).Value!;
        decisions.ShouldBe([new(false, "no rule"), new(false, "no rule")]);
        api.Asked.Order(StringComparer.Ordinal).Select(asked => asked[asked.IndexOf('{', StringComparison.Ordinal)..]).ShouldBe(
        [
            """{"apiVersion":"authorization.k8s.io/v1","kind":"SelfSubjectAccessReview","spec":{"resourceAttributes":{"group":"","resource":"pods","verb":"create","subresource":"exec"}}}""",
            """{"apiVersion":"authorization.k8s.io/v1","kind":"SelfSubjectAccessReview","spec":{"resourceAttributes":{"group":"apps","resource":"deployments","verb":"get","namespace":"n"}}}""",
        ]);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("""{"status":{}}""")]
    [InlineData("""{"status":{"allowed":"yes"}}""")]
    [InlineData("""{"status":{"resourceRules":[{"verbs":1}]}}""")]
    public async Task An_answer_that_decides_nothing_is_an_error(string answer)
    {
        await using var api = await ScriptedApi.StartAsync((_, _) => (201, answer));
        using var client = api.Client();
        (await AccessReviews.DecideAsync(client, [new("", "pods", "get", "n")], Token)).Error!.Message.ShouldContain("decides nothing");
        (await AccessReviews.RulesAsync(client, "n", Token)).Error!.Message.ShouldContain("decides nothing");
        (await AccessReviews.WhoAsync(client, Token)).Error!.Message.ShouldContain("decides nothing");
        (await ServiceAccountTokens.RequestAsync(client, "n", "a", TimeSpan.FromHours(1), "s", "u", Token)).Error!.Message.ShouldContain("no token");
    }

    [Fact]
    public async Task A_token_ends_when_the_server_says_and_with_its_secret()
    {
        await using var api = await ScriptedApi.StartAsync((_, _) => (201, """{"status":{"token":"hush","expirationTimestamp":"2026-11-20T15:00:00Z"}}"""));
        using var client = api.Client();
        var issued = (await ServiceAccountTokens.RequestAsync(client, "n", "a", TimeSpan.FromHours(1), "s", "u", Token)).Value!;
        (issued.Token, issued.ExpiresAt).ShouldBe(("hush", new DateTimeOffset(2026, 11, 20, 15, 0, 0, TimeSpan.Zero)));
        issued.ToString().ShouldNotContain("hush");
        var asked = api.Asked.Single();
        asked.ShouldStartWith("POST /api/v1/namespaces/n/serviceaccounts/a/token ");
        var spec = JsonElement.Parse(asked[asked.IndexOf('{', StringComparison.Ordinal)..]).GetProperty("spec");
        spec.GetRawText().ShouldBe("""{"audiences":[],"expirationSeconds":3600,"boundObjectRef":{"apiVersion":"v1","kind":"Secret","name":"s","uid":"u"}}""");
    }
}
