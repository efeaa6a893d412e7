using System.Collections.Immutable;
using Gtc.Artifacts.Bundles;
using Gtc.Artifacts.Materialisation;
using Gtc.Flows;
using Gtc.Model;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gtc.Runtime;

/// <summary>
/// Whether a worker could load a revision that is on disk: its packs open and its configurations are its own. The same that a worker does when it
/// activates the revision, so that what would fail there fails when the revision is warmed (worker-runtime.md §7.1).
/// </summary>
public static class ActivationCheck
{
    private const int MaxConfigBytes = 1 << 20;

    /// <summary>Loads packs and configurations and closes them again.</summary>
    /// <param name="environmentFolder">The environment's folder.</param>
    /// <param name="revision">The revision.</param>
    /// <param name="packPaths">Its packs, absolute; their digests were checked.</param>
    /// <param name="packConfigRefs">Its pack configurations, relative to the folder.</param>
    /// <returns>Why it could not be loaded, or null.</returns>
    public static Refusal? Refuse(string environmentFolder, RevisionId revision, IEnumerable<string> packPaths, ImmutableArray<string> packConfigRefs)
    {
        ArgumentNullException.ThrowIfNull(packPaths);
        if (!ReadConfigs(environmentFolder, revision, packConfigRefs).TryGet(out _, out var refusal)
            || !FlowRuntime.Open(packPaths, NullLogger.Instance).TryGet(out var flows, out refusal))
        {
            return refusal;
        }

        using (flows)
        {
            return StaticSite.Of(flows.Packs).Refusal ?? ProviderRoutes.Of(flows.Packs.Select(pack => pack.Manifest)).Refusal;
        }
    }

    /// <summary>Reads the configurations; each must be of this revision, and each pack has one at most.</summary>
    internal static Outcome<ImmutableArray<PackConfig>> ReadConfigs(string environmentFolder, RevisionId revision, ImmutableArray<string> references)
    {
        var read = ImmutableArray.CreateBuilder<PackConfig>(references.Length);
        foreach (var reference in references)
        {
            if (!PinnedPacks.Open(environmentFolder, reference).TryGet(out var file, out var refusal))
            {
                return refusal;
            }

            if (file is not { Length: <= MaxConfigBytes })
            {
                return new Refusal.Missing($"pack configuration {reference} of revision {revision} is missing or has more than {MaxConfigBytes:N0} bytes");
            }

            if (!PackConfig.Read(File.ReadAllBytes(file.FullName), reference).TryGet(out var config, out refusal))
            {
                return refusal;
            }

            if (config.RevisionId != revision.ToString() || read.Any(other => other.PackId == config.PackId))
            {
                return new Refusal.Conflict($"pack configuration {reference} is for revision {config.RevisionId} and pack `{config.PackId}`; one per pack of revision {revision} was expected");
            }

            read.Add(config);
        }

        return read.ToImmutable();
    }
}
