using System.Collections.Immutable;
using Gtc.Model;

namespace Gtc.EnvPacks;

/// <summary>What the Kubernetes deployer can be told about secrets that the cluster has itself, beside those of the environment (k8s-deployer.md §16).</summary>
internal static class K8sSecretAnswers
{
    private const string Store = "external_secrets_store";
    private const int MaxShown = 64;

    private static readonly AnswerConstraint SecretName = new() { Pattern = $"^{K8sQuestions.HostName}$", MaxLen = 253 };
    private static readonly AnswerConstraint SecretKey = new() { Pattern = "^[-._a-zA-Z0-9]+$", MaxLen = 253 };

    public static ImmutableArray<Question> Questions { get; } =
    [
        new()
        {
            Id = ClusterSecret.OfNamespace,
            Title = "Secrets of workers that lie in Secrets of the namespace",
            Description = "PATH=SECRET/KEY, comma separated, e.g. acme/_/billing/api_key=billing/key; PATH is tenant/team/pack/name.",
            AlsoList = true,
            Advanced = true,
        },
        new()
        {
            Id = ClusterSecret.OfStore,
            Title = "Secrets of workers that the External Secrets operator brings",
            Description = "PATH=KEY or PATH=KEY#PROPERTY of the store, comma separated, e.g. acme/_/billing/api_key=prod/billing#key.",
            AlsoList = true,
            Advanced = true,
        },
        new()
        {
            Id = Store,
            Title = "The store of external secrets",
            Description = "The name of a SecretStore, or ClusterSecretStore/NAME.",
            Constraint = new() { Pattern = $"^((SecretStore|ClusterSecretStore)/)?{K8sQuestions.HostName}$", MaxLen = 300 },
            Advanced = true,
        },
        new()
        {
            Id = "external_secrets_refresh",
            Title = "How often the store is asked",
            Description = "A number with s, m or h; 1h when not answered.",
            Constraint = new() { Pattern = "^[1-9][0-9]{0,5}[smh]$" },
            Advanced = true,
        },
    ];

    public static string? FindFault(PackAnswers answers)
    {
        var seen = new Dictionary<string, string>(StringComparer.Ordinal);
        return FindFault(answers, ClusterSecret.OfNamespace, seen)
            ?? FindFault(answers, ClusterSecret.OfStore, seen)
            ?? K8sQuestions.Needs(answers, ClusterSecret.OfStore, Store)
            ?? K8sQuestions.Needs(answers, Store, ClusterSecret.OfStore)
            ?? K8sQuestions.Needs(answers, "external_secrets_refresh", ClusterSecret.OfStore);
    }

    /// <summary>Two paths that differ only in what a variable cannot hold would be one.</summary>
    private static string? FindFault(PackAnswers answers, string question, Dictionary<string, string> seen)
    {
        foreach (var entry in ClusterSecret.Entries(answers, question))
        {
            if (!ClusterSecret.Read(entry, question).TryGet(out var secret, out var refusal))
            {
                return $"`{question}` has `{Shown(entry)}`: {refusal.Message}";
            }

            if (PlaceFault(secret, question) is { } fault)
            {
                return $"`{question}` has `{Shown(entry)}`: {fault}";
            }

            var variable = secret.Path.In(EnvId.Local).Value.EnvironmentVariable;
            if (!seen.TryAdd(variable, entry))
            {
                return $"`{question}` has `{Shown(entry)}`, and `{Shown(seen[variable])}` is the same secret";
            }
        }

        return null;
    }

    private static string? PlaceFault(ClusterSecret secret, string question) => question == ClusterSecret.OfNamespace
        ? !Fits(SecretName, secret.Source) || secret.Part is null || !Fits(SecretKey, secret.Part) ? "PATH=SECRET/KEY was expected" : null
        : secret.Source.Length == 0 || secret.Part is "" || (secret.Source + secret.Part).Any(char.IsWhiteSpace) ? "PATH=KEY or PATH=KEY#PROPERTY was expected" : null;

    private static bool Fits(AnswerConstraint rule, string text) => text.Length <= rule.MaxLen && AnswerPattern.Of(rule.Pattern!)!.IsMatch(text);

    private static string Shown(string entry) => entry.Length <= MaxShown ? entry : $"{entry[..MaxShown]}…";
}
