using System.Collections.Immutable;
using System.Text.Json;
using Gtc.Cli.Op.TrustRoots;
using Gtc.Cli.Verbs;
using Gtc.Model;
using Gtc.Store;

namespace Gtc.Cli.Op.Apply;

/// <summary>What a plan has to know of the world.</summary>
/// <param name="Facts">As the model takes it.</param>
/// <param name="Answers">The answers files by their <c>answers_ref</c>, as they were when the plan was made.</param>
/// <param name="Cluster">Tells what would change in a cluster.</param>
internal sealed record WorldFacts(ApplyFacts Facts, ImmutableDictionary<string, JsonElement> Answers, ClusterPreview Cluster)
{
    /// <summary>Looks at everything that the manifest mentions. Nothing is written.</summary>
    /// <param name="source">The manifest.</param>
    /// <param name="current">The environment, or null.</param>
    /// <param name="at">Where it lies.</param>
    /// <param name="artifacts">The bundles.</param>
    /// <param name="call">The call.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public static async Task<Outcome<WorldFacts>> ReadAsync(
        ManifestFile source, EnvironmentDocument? current, OpPlace at, ImmutableDictionary<string, ResolvedArtifact> artifacts, VerbCall call, CancellationToken cancellationToken)
    {
        var manifest = source.Manifest;
        if (!(await ReadAnswersAsync(source, call.Context, cancellationToken)).TryGet(out var answers, out var refusal)
            || !(await ReadTrustAsync(current, at, call, cancellationToken)).TryGet(out var trust, out refusal)
            || !(await StandingFacts.StaleAsync(current, at, artifacts, cancellationToken)).TryGet(out var stale, out refusal)
            || !(await StandingFacts.FilesAsync(current, [EnvironmentLayout.UpdateChannelName], at, cancellationToken)).TryGet(out var files, out refusal)
            || !StandingFacts.Channel(files).TryGet(out var channel, out refusal))
        {
            return refusal;
        }

        var variables = (manifest.Secrets ?? []).Select(secret => secret.FromEnv).OfType<string>();
        return new WorldFacts(
            new ApplyFacts
            {
                Artifacts = artifacts,
                StaleRevisions = stale,
                Variables = [.. variables.Where(name => call.Context.Variable(name) is { Length: > 0 })],
                StoredSecrets = (manifest.Secrets ?? []).All(secret => secret.FromEnv is not null) ? [] : await StandingFacts.SecretsAsync(current, at, call, cancellationToken),
                AnswersFiles = answers.ToImmutableDictionary(file => file.Key, file => CanonicalJson.Digest(file.Value)),
                StoredAnswers = StandingFacts.Answers(current, files),
                IsTrustRootBootstrapped = trust.IsBootstrapped,
                TrustedDids = trust.Dids,
                UpdateChannel = channel,
            },
            answers,
            new ClusterPreview(files, call));
    }

    private static async Task<Outcome<ImmutableDictionary<string, JsonElement>>> ReadAnswersAsync(ManifestFile source, CliContext context, CancellationToken cancellationToken)
    {
        var files = ImmutableDictionary.CreateBuilder<string, JsonElement>();
        var references = (source.Manifest.Packs ?? []).Select(pack => pack.AnswersRef).Concat((source.Manifest.Extensions ?? []).Select(extension => extension.AnswersRef));
        foreach (var reference in references.OfType<string>().Distinct())
        {
            if (!(await source.ReadAnswersAsync(reference, context, cancellationToken)).TryGet(out var answers, out var refusal))
            {
                return refusal;
            }

            files.Add(reference, answers);
        }

        return files.ToImmutable();
    }

    private static async Task<Outcome<(bool IsBootstrapped, ImmutableHashSet<string> Dids)>> ReadTrustAsync(EnvironmentDocument? current, OpPlace at, VerbCall call, CancellationToken cancellationToken)
    {
        if (current is null)
        {
            return (false, ImmutableHashSet<string>.Empty);
        }

        if (!(await at.LoadTrustRootAsync(cancellationToken)).TryGet(out var root, out var refusal) || !(await OpKeys.FindIdAsync(at, call, cancellationToken)).TryGet(out var key, out refusal))
        {
            return refusal;
        }

        return (key is not null && root.Find(key) is not null, root.Keys.Select(trusted => trusted.Source).OfType<string>().ToImmutableHashSet());
    }
}
