using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Gtc.Kubernetes;

/// <summary>Asks a cluster who the caller is and what it may do (authentication.k8s.io and authorization.k8s.io). Nothing is changed by asking.</summary>
public static class AccessReviews
{
    private const string AccessPath = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
    private const string RulesPath = "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews";
    private const string IdentityPath = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
    private const int AtATime = 8;

    // Newer servers say this of every caller; the node authorizer allows something to kubelets only.
    private const string NodeAuthorizer = "node authorizer does not support user rule resolution";

    /// <summary>The caller's name. Servers before 1.28 do not know the question: they answer 404, or 403 because nobody may ask it.</summary>
    public static async Task<KubeResult<string>> WhoAsync(KubeClient client, CancellationToken cancellationToken)
    {
        var asked = await AskAsync(client, IdentityPath, "authentication.k8s.io/v1", "SelfSubjectReview", [], cancellationToken);
        if (asked.Error is { } error)
        {
            return error;
        }

        using var answer = asked.Value!;
        return Status(answer) is { } status && status.TryGetProperty("userInfo", out var user) && Text(user, "username") is { } name ? name : NoAnswer("SelfSubjectReview");
    }

    /// <summary>Whether the caller may do each thing; a few questions are under way at a time.</summary>
    /// <returns>The decisions in the order of the questions; an error when any of them was not answered.</returns>
    public static async Task<KubeResult<IReadOnlyList<AccessDecision>>> DecideAsync(KubeClient client, IReadOnlyList<AccessQuestion> questions, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(questions);
        var decisions = new KubeResult<AccessDecision>[questions.Count];
        await Parallel.ForAsync(0, questions.Count, new ParallelOptions { MaxDegreeOfParallelism = AtATime, CancellationToken = cancellationToken }, async (index, token) =>
            decisions[index] = await DecideAsync(client, questions[index], token));
        return decisions.FirstOrDefault(decision => decision.Error is not null).Error is { } error ? error : decisions.Select(decision => decision.Value!).ToImmutableArray();
    }

    /// <summary>What the caller may do in a namespace.</summary>
    public static async Task<KubeResult<AccessRules>> RulesAsync(KubeClient client, string ns, CancellationToken cancellationToken)
    {
        var asked = await AskAsync(client, RulesPath, "authorization.k8s.io/v1", "SelfSubjectRulesReview", new() { ["namespace"] = ns }, cancellationToken);
        if (asked.Error is { } error)
        {
            return error;
        }

        using var answer = asked.Value!;
        if (Status(answer) is not { } status || !status.TryGetProperty("resourceRules", out var rules) || rules.ValueKind != JsonValueKind.Array)
        {
            return NoAnswer("SelfSubjectRulesReview");
        }

        try
        {
            return new AccessRules([.. rules.EnumerateArray().Select(rule => rule.Deserialize(KubeJson.Default.PolicyRule)!)], Incomplete(status));
        }
        catch (JsonException)
        {
            return NoAnswer("SelfSubjectRulesReview");
        }
    }

    private static async Task<KubeResult<AccessDecision>> DecideAsync(KubeClient client, AccessQuestion question, CancellationToken cancellationToken)
    {
        var slash = question.Resource.IndexOf('/', StringComparison.Ordinal);
        var attributes = new JsonObject { ["group"] = question.Group, ["resource"] = slash < 0 ? question.Resource : question.Resource[..slash], ["verb"] = question.Verb };
        if (slash >= 0)
        {
            attributes["subresource"] = question.Resource[(slash + 1)..];
        }

        if (question.Namespace is { } ns)
        {
            attributes["namespace"] = ns;
        }

        var asked = await AskAsync(client, AccessPath, "authorization.k8s.io/v1", "SelfSubjectAccessReview", new() { ["resourceAttributes"] = attributes }, cancellationToken);
        if (asked.Error is { } error)
        {
            return error;
        }

        using var answer = asked.Value!;
        return Status(answer) is { } status && status.TryGetProperty("allowed", out var allowed) && allowed.ValueKind is JsonValueKind.True or JsonValueKind.False
            ? new AccessDecision(allowed.ValueKind == JsonValueKind.True, Text(status, "reason") is { Length: > 0 } reason ? reason : null)
            : NoAnswer("SelfSubjectAccessReview");
    }

    private static Task<KubeResult<JsonDocument>> AskAsync(KubeClient client, string path, string apiVersion, string kind, JsonObject spec, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(client);
        var question = new JsonObject { ["apiVersion"] = apiVersion, ["kind"] = kind };
        if (spec.Count > 0)
        {
            question["spec"] = spec;
        }

        return client.PostAsync(path, JsonElement.Parse(question.ToJsonString()), cancellationToken);
    }

    private static string? Incomplete(JsonElement status)
    {
        if (!status.TryGetProperty("incomplete", out var incomplete) || incomplete.ValueKind != JsonValueKind.True)
        {
            return null;
        }

        var why = Text(status, "evaluationError") ?? "no reason given";
        return why.Trim(' ', '[', ']') == NodeAuthorizer ? null : why.ReplaceLineEndings(" ");
    }

    private static JsonElement? Status(JsonDocument answer) =>
        answer.RootElement.ValueKind == JsonValueKind.Object && answer.RootElement.TryGetProperty("status", out var status) && status.ValueKind == JsonValueKind.Object ? status : null;

    private static string? Text(JsonElement item, string member) =>
        item.ValueKind == JsonValueKind.Object && item.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static KubeError NoAnswer(string kind) => new(KubeErrorKind.Unavailable, $"the API server's answer to a {kind} decides nothing");
}
