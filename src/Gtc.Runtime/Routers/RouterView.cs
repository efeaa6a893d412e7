using System.Collections.Immutable;
using Gtc.Model;
using Gtc.Routing;

namespace Gtc.Runtime;

/// <summary>What a router tells about itself; immutable.</summary>
internal sealed record RouterView(EnvironmentDocument Document, long Reloads, long FailedReloads, string? ReloadProblem)
{
    public StatusReport Status(string address, RoutingTable table, ImmutableArray<StatusDrain> draining, ImmutableArray<string> problems, StatusSource? source, DateTimeOffset now) => new()
    {
        EnvId = Document.EnvironmentId,
        ListenAddr = address,
        Version = Serving.Version,
        BundlesActive = Document.Bundles.Count(deployment => deployment.Status == DeploymentStatus.Active),
        DeploymentsRouted = table.Routes.Length,
        RevisionsActive = table.Routes.Sum(route => route.Revisions.Count(revision => revision.State.IsHealthy)),
        Source = source,
        Reloads = Reloads,
        FailedReloads = FailedReloads,
        Revisions = [.. table.Routes.SelectMany(StatusRevision.Of)],
        Pointers = [.. table.Routes.Select(StatusPointers.Of)],
        Previews = [.. (table.Previews?.All ?? []).Select(preview => StatusPreview.Of(preview, preview.Revision.State.Backend is not null, now))],
        Draining = draining,
        Problems = [.. ReloadProblem is { } problem ? [$"runtime-config reload failed: {problem}"] : Array.Empty<string>(), .. problems],
    };
}
