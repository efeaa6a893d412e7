using System.Collections.Immutable;
using Gtc.Model;

namespace Gtc.EnvPacks;

/// <summary>A secret that workers in a cluster are given, and where the cluster has it: one entry of the answers <c>secret_env</c> and <c>external_secrets</c>.</summary>
/// <param name="Path">The secret, as documents of the environment refer to it.</param>
/// <param name="Source">The Secret of the namespace, or the key in the external store.</param>
/// <param name="Part">The key of the Secret, or a property of what lies in the store; null for all of it.</param>
public sealed record ClusterSecret(SecretPath Path, string Source, string? Part)
{
    /// <summary>The question for Secrets of the namespace: <c>PATH=SECRET/KEY</c>.</summary>
    public const string OfNamespace = "secret_env";

    /// <summary>The question for an external store: <c>PATH=KEY</c> or <c>PATH=KEY#PROPERTY</c>.</summary>
    public const string OfStore = "external_secrets";

    /// <summary>The entries of an answer that was checked when it was read.</summary>
    /// <param name="answers">The answers.</param>
    /// <param name="question"><see cref="OfNamespace"/> or <see cref="OfStore"/>.</param>
    public static ImmutableArray<ClusterSecret> All(PackAnswers answers, string question)
    {
        ArgumentNullException.ThrowIfNull(answers);
        return [.. Entries(answers, question).Select(entry => Read(entry, question).Value)];
    }

    internal static IEnumerable<string> Entries(PackAnswers answers, string question) =>
        (answers.Get(question) ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    internal static Outcome<ClusterSecret> Read(string entry, string question)
    {
        var equals = entry.IndexOf('=', StringComparison.Ordinal);
        if (equals <= 0 || entry[(equals + 1)..] is not { Length: > 0 } place)
        {
            return new Refusal.InvalidArgument("it has no `=` with a path before and a place after it");
        }

        var cut = place.LastIndexOf(question == OfNamespace ? '/' : '#');
        return SecretPath.Parse(entry[..equals]).Then(path => (Outcome<ClusterSecret>)(cut < 0 ? new ClusterSecret(path, place, null) : new(path, place[..cut], place[(cut + 1)..])));
    }
}
