using System.Collections.Immutable;
using Gtc.Artifacts.Cbor;
using Gtc.Cli.Op.Secrets;
using Gtc.Cli.Verbs;
using Gtc.Model;
using Gtc.Store;

namespace Gtc.Cli.Op.Apply;

/// <summary>What lies beside an environment's document already.</summary>
internal static class StandingFacts
{
    /// <summary>
    /// The revisions of a file that no worker could serve again, since what it was unpacked to, or what was sent to the server, is gone. Those that are not
    /// routed count too, other than for a repair: a plan may route a ready one again.
    /// </summary>
    public static async Task<Outcome<ImmutableHashSet<RevisionId>>> StaleAsync(
        EnvironmentDocument? current, OpPlace at, ImmutableDictionary<string, ResolvedArtifact> artifacts, CancellationToken cancellationToken)
    {
        var brought = (current?.Revisions ?? []).Where(revision => revision is { Lifecycle: RevisionLifecycle.Ready, BundleSourceUri: null }).ToList();
        if (at is not RemotePlace remote)
        {
            var layout = ((LocalPlace)at).Layout;
            return brought.Where(revision => !RuntimeConfigRules.IsContained(revision.PackListLockRef) || !File.Exists(layout.Resolve(revision.PackListLockRef)))
                .Select(revision => revision.RevisionId).ToImmutableHashSet();
        }

        // A server keeps bundles by their digest; a plan routes no other than those that the manifest wants.
        var lost = new HashSet<string>(StringComparer.Ordinal);
        foreach (var digest in artifacts.Values.Select(artifact => artifact.Digest).Distinct().Where(digest => brought.Any(revision => revision.BundleDigest == digest.ToString())))
        {
            if (!(await remote.Artifacts.FindAsync(digest, cancellationToken)).TryGet(out var size, out var refusal))
            {
                return refusal;
            }

            if (size is null)
            {
                lost.Add(digest.ToString());
            }
        }

        return brought.Where(revision => lost.Contains(revision.BundleDigest)).Select(revision => revision.RevisionId).ToImmutableHashSet();
    }

    /// <summary>The files beside the document that hold no secret; null where there is no environment.</summary>
    public static async Task<Outcome<EnvironmentFiles?>> FilesAsync(EnvironmentDocument? current, string[] more, OpPlace at, CancellationToken cancellationToken) => current is null
        ? (EnvironmentFiles?)null
        : (await at.FilesAsync(current, more, cancellationToken)).Then<EnvironmentFiles?>(files => files);

    /// <summary>The digests of the answers that are bound. Answers that cannot be read are not what is wanted, so they are written again.</summary>
    public static ImmutableDictionary<string, Sha256Digest> Answers(EnvironmentDocument? current, EnvironmentFiles? files)
    {
        var stored = ImmutableDictionary.CreateBuilder<string, Sha256Digest>();
        var references = (current?.Packs ?? []).Select(pack => pack.AnswersRef).Concat((current?.Extensions ?? []).Select(extension => extension.AnswersRef));
        foreach (var reference in references.OfType<string>().Where(RuntimeConfigRules.IsContained).Distinct())
        {
            if (files?.Read(reference, BindingAnswers.MaxBytes) is { IsOk: true, Value: { } bytes } && BoundedJson.Parse(bytes, reference, BindingAnswers.MaxBytes) is { IsOk: true } answers)
            {
                stored.Add(reference, CanonicalJson.Digest(answers.Value));
            }
        }

        return stored.ToImmutable();
    }

    /// <summary>Where updates come from, or null.</summary>
    public static Outcome<UpdateChannelConfig?> Channel(EnvironmentFiles? files) => files is null
        ? (UpdateChannelConfig?)null
        : files.Read(EnvironmentLayout.UpdateChannelName, Documents.MaxBytes).Then(bytes => bytes is null
            ? (UpdateChannelConfig?)null
            : Documents.UpdateChannel.Parse(bytes).Then<UpdateChannelConfig?>(channel => channel));

    /// <summary>The paths of the secrets that are stored. Secrets that cannot be opened count as not there: the step that writes one says why.</summary>
    public static async Task<ImmutableHashSet<string>> SecretsAsync(EnvironmentDocument? current, OpPlace at, VerbCall call, CancellationToken cancellationToken)
    {
        var prefix = $"{SecretUri.Scheme}{at.Environment}/";
        return current is null ? [] : (await SecretsNoun.OpenAsync(current, at, call, cancellationToken)).Then(store => store.List()).Match(
            found => found.Select(secret => secret.StoreUri[prefix.Length..]).ToImmutableHashSet(StringComparer.Ordinal),
            _ => []);
    }
}
