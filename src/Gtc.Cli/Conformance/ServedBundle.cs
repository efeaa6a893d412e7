using Gtc.Artifacts.Building;
using Gtc.Cli.Demo;
using Gtc.Model;
using Gtc.Store;

namespace Gtc.Cli.Conformance;

/// <summary>The bundle that workers which really run pull.</summary>
/// <param name="Source">Where they pull it from.</param>
/// <param name="Digest">What it is pinned to.</param>
internal sealed record ServedBundle(string Source, string Digest)
{
    /// <summary>Builds one in a folder.</summary>
    /// <returns>The bundle as a file.</returns>
    public static async Task<Outcome<ServedBundle>> BuildAsync(string folder, CancellationToken cancellationToken)
    {
        var (source, bundle) = (Path.Combine(folder, "source"), Path.Combine(folder, "greeter.gtbundle"));
        GreeterSource.WriteTo(source);
        return (await BundleBuilder.BuildAsync(source, bundle, GtcCommandLine.Version, cancellationToken)).Then<ServedBundle>(built => new ServedBundle(new Uri(bundle).AbsoluteUri, built.Digest.ToString()));
    }

    /// <summary>An environment whose revisions are all of this bundle; the suite signs nothing.</summary>
    public EnvironmentDocument In(EnvironmentDocument environment) => SignedMembers.WithAllowUnsigned(environment, true) with
    {
        Revisions =
        [
            .. environment.Revisions.Select(revision => revision with
            {
                BundleDigest = Digest,
                BundleSourceUri = Source,
                PackList = [],
                PackListLockRef = $"revisions/{revision.RevisionId}/pack-list.lock",
                DrainSeconds = 1,
            }),
        ],
    };
}
