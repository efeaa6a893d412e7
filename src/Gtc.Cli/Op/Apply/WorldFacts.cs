using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Gtc.Artifacts.Cbor;
using Gtc.Cli.Op.Secrets;
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
    /// <summary>The file that <c>configure-updates</c> writes, relative to the environment's folder.</summary>
    public const string UpdateChannelName = "update-channel.json";

    /// <summary>Looks at everything that the manifest mentions. Nothing is written.</summary>
    /// <param name="source">The manifest.</param>
    /// <param name="current">The environment, or null.</param>
    /// <param name="at">Where it lies.</param>
    /// <param name="artifacts">The bundles.</param>
    /// <param name="call">The call.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public static async Task<Outcome<WorldFacts>> ReadAsync(
        ManifestFile source, EnvironmentDocument? current, LocalPlace at, ImmutableDictionary<string, ResolvedArtifact> artifacts, VerbCall call, CancellationToken cancellationToken)
    {
        var manifest = source.Manifest;
        if (!(await ReadAnswersAsync(source, call.Context, cancellationToken)).TryGet(out var answers, out var refusal)
            || !ReadTrust(at, call).TryGet(out var trust, out refusal)
            || !ReadChannel(at).TryGet(out var channel, out refusal))
        {
            return refusal;
        }

        var variables = (manifest.Secrets ?? []).Select(secret => secret.FromEnv).OfType<string>();
        return new WorldFacts(
            new ApplyFacts
            {
                Artifacts = artifacts,
                StaleRevisions = [.. Stale(current, at.Layout)],
                Variables = [.. variables.Where(name => call.Context.Variable(name) is { Length: > 0 })],
                StoredSecrets = [.. StoredSecrets(manifest, current, at, call)],
                AnswersFiles = answers.ToImmutableDictionary(file => file.Key, file => CanonicalJson.Digest(file.Value)),
                StoredAnswers = StoredAnswers(current, at),
                IsTrustRootBootstrapped = trust.IsBootstrapped,
                TrustedDids = trust.Dids,
                UpdateChannel = channel,
            },
            answers,
            new ClusterPreview(at, call));
    }

    /// <summary>
    /// A revision that no worker could pull has its pack list on this host, or cannot be served again. Those that are not routed count too, other
    /// than for a repair: a plan may route a ready one again.
    /// </summary>
    private static IEnumerable<RevisionId> Stale(EnvironmentDocument? current, EnvironmentLayout layout) => (current?.Revisions ?? [])
        .Where(revision => revision is { Lifecycle: RevisionLifecycle.Ready, BundleSourceUri: null }
            && (!RuntimeConfigRules.IsContained(revision.PackListLockRef) || !File.Exists(layout.Resolve(revision.PackListLockRef))))
        .Select(revision => revision.RevisionId);

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

    private static ImmutableDictionary<string, Sha256Digest> StoredAnswers(EnvironmentDocument? current, LocalPlace at)
    {
        var stored = ImmutableDictionary.CreateBuilder<string, Sha256Digest>();
        var references = (current?.Packs ?? []).Select(pack => pack.AnswersRef).Concat((current?.Extensions ?? []).Select(extension => extension.AnswersRef));
        foreach (var reference in references.OfType<string>().Where(RuntimeConfigRules.IsContained).Distinct())
        {
            // Answers that cannot be read are not what is wanted, so they are written again.
            if (at.Store.Files(at.Environment).Read(reference, BindingAnswers.MaxBytes) is { IsOk: true, Value: { } bytes }
                && BoundedJson.Parse(bytes, reference, BindingAnswers.MaxBytes) is { IsOk: true } answers)
            {
                stored.Add(reference, CanonicalJson.Digest(answers.Value));
            }
        }

        return stored.ToImmutable();
    }

    /// <summary>Only asked for when a value may be pasted; a store that cannot be opened holds nothing, and the step that writes says why.</summary>
    private static IEnumerable<string> StoredSecrets(EnvManifest manifest, EnvironmentDocument? current, LocalPlace at, VerbCall call)
    {
        if (current is null || (manifest.Secrets ?? []).All(secret => secret.FromEnv is not null))
        {
            return [];
        }

        var prefix = $"{SecretUri.Scheme}{at.Environment}/";
        return SecretsNoun.Open(current, at, call).Then(store => store.List()).Match(
            found => found.Select(secret => secret.StoreUri[prefix.Length..]),
            _ => Enumerable.Empty<string>());
    }

    private static Outcome<(bool IsBootstrapped, ImmutableHashSet<string> Dids)> ReadTrust(LocalPlace at, VerbCall call)
    {
        if (!new TrustRootFile(at.Store.Files(at.Environment)).Load().TryGet(out var root, out var refusal))
        {
            return refusal;
        }

        if (root is null)
        {
            return (false, ImmutableHashSet<string>.Empty);
        }

        if (!OpKeys.File(call).Then(file => file.LoadIfPresent()).TryGet(out var key, out refusal))
        {
            return refusal;
        }

        using (key)
        {
            return (key is not null && root.Find(key.KeyId) is not null, root.Keys.Select(trusted => trusted.Source).OfType<string>().ToImmutableHashSet());
        }
    }

    private static Outcome<UpdateChannelConfig?> ReadChannel(LocalPlace at) =>
        at.Store.Files(at.Environment).Read(UpdateChannelName, Documents.MaxBytes).Then(bytes => bytes is null
            ? (UpdateChannelConfig?)null
            : Documents.UpdateChannel.Parse(bytes).Then<UpdateChannelConfig?>(channel => channel));
}
