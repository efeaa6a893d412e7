using System.Collections.Immutable;
using Gtc.Cli.Output;
using Gtc.Model;

namespace Gtc.Cli.Op.Environments;

/// <summary>An environment for people: its host, and each deployment with its revisions and their shares.</summary>
internal static class EnvironmentPage
{
    /// <summary>Prints it.</summary>
    public static void Show(EnvironmentDocument document, Screen screen)
    {
        screen.Say($"Environment {document.EnvironmentId}{(document.Name == document.EnvironmentId.ToString() ? "" : $" · {document.Name}")}");
        screen.Facts(
            ("listens on", document.HostConfig.ListenAddr ?? HostConfig.DefaultListenAddr),
            ("public url", document.HostConfig.PublicBaseUrl),
            ("region", document.HostConfig.Region),
            ("tenant", document.HostConfig.TenantOrgId),
            ("env-packs", document.Packs.IsEmpty ? "none" : null));
        screen.Facts([.. document.Packs.Select(binding => (PackVerbs.Text(binding.Slot), (string?)binding.Kind.ToString()))]);
        screen.Say("");
        screen.Table(
            new(
                [new("deployment"), new("bundle"), new("revision"), new("state"), new("share"), new("staged", 2), new("digest", 3)],
                [.. document.Bundles.SelectMany(deployment => Rows(document, deployment, screen))]),
            "It has no deployment yet.");
    }

    private static IEnumerable<ImmutableArray<string>> Rows(EnvironmentDocument document, BundleDeployment deployment, Screen screen)
    {
        var split = document.TrafficSplits.FirstOrDefault(split => split.DeploymentId == deployment.DeploymentId);
        var revisions = document.Revisions.Where(revision => revision.DeploymentId == deployment.DeploymentId && revision.Lifecycle != RevisionLifecycle.Archived).ToList();
        if (revisions.Count == 0)
        {
            yield return [deployment.DeploymentId.ToString(), deployment.BundleId, "none", "", "", "", ""];
        }

        foreach (var revision in revisions)
        {
            var share = split?.Entries.FirstOrDefault(entry => entry.RevisionId == revision.RevisionId);
            yield return
            [
                deployment.DeploymentId.ToString(),
                deployment.BundleId,
                revision.RevisionId.ToString(),
                RevisionVerbs.Text(revision.Lifecycle),
                share is null ? "" : Figures.Percent(share.WeightBps),
                revision.StagedAt is { } staged ? screen.Ago(staged) : "",
                Figures.ShortDigest(revision.BundleDigest),
            ];
        }
    }
}
