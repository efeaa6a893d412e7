using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Gtc.Model;

namespace Gtc.Routing;

/// <summary>A door to one revision beside the dial (decision 18): a host of its own, or a token in <c>X-Greentic-Preview</c>.</summary>
public sealed class PreviewRoute
{
    /// <summary>The field that carries a token.</summary>
    public const string Field = "X-Greentic-Preview";

    /// <summary>The most bytes of a token; a longer one opens nothing.</summary>
    public const int MaxTokenLength = 256;

    private readonly byte[] _host;
    private readonly byte[] _tokenHash;
    private readonly bool _isOpen;

    private PreviewRoute(RevisionPreview preview, DeploymentRoute route, RoutedRevision revision, bool isOpen)
    {
        _host = Encoding.ASCII.GetBytes(preview.Host ?? string.Empty);
        _tokenHash = Convert.FromHexString(preview.HeaderTokenHash);
        _isOpen = isOpen;
        Route = route;
        Revision = revision;
        Host = preview.Host;
        ExpiresAt = preview.ExpiresAt;
    }

    /// <summary>The deployment; one without shares when nothing is routed to it.</summary>
    public DeploymentRoute Route { get; }

    /// <summary>The revision that answers.</summary>
    public RoutedRevision Revision { get; }

    /// <summary>The host that leads to it, or null.</summary>
    public string? Host { get; }

    /// <summary>When it closes.</summary>
    public DateTimeOffset ExpiresAt { get; }

    /// <summary>Whether its revision may be given requests.</summary>
    public bool IsServing => Revision.State is { IsHealthy: true, IsEvicted: false };

    /// <summary>The decision for a request that comes in by it.</summary>
    public Dispatch Dispatch => new(Revision, DispatchSource.Preview);

    /// <summary>
    /// The previews of an environment, those included that are closed (their time is over, their deployment is not active, or their revision is kept no
    /// more): as long as one stands in the document its host leads nowhere else.
    /// </summary>
    /// <param name="document">The environment.</param>
    /// <param name="routed">The routes of the deployments that have shares.</param>
    /// <param name="stateOf">What is known about a revision; asked for open ones only.</param>
    /// <param name="now">The time; one that is over by then is closed for good.</param>
    public static ImmutableArray<PreviewRoute> Of(
        EnvironmentDocument document, IReadOnlyCollection<DeploymentRoute> routed, Func<RevisionId, RevisionState> stateOf, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(document);
        ArgumentNullException.ThrowIfNull(routed);
        ArgumentNullException.ThrowIfNull(stateOf);
        var previews = ImmutableArray.CreateBuilder<PreviewRoute>();
        foreach (var deployment in document.Bundles.Where(deployment => deployment.Previews is { IsEmpty: false }))
        {
            var route = routed.FirstOrDefault(route => route.Deployment == deployment.DeploymentId) ?? DeploymentRoute.Of(document, deployment, [], stateOf);
            foreach (var preview in deployment.Previews!.Value)
            {
                var isOpen = preview.IsOpenAt(now) && IsSeen(document, deployment, preview);
                previews.Add(new PreviewRoute(
                    preview,
                    route,
                    route.Find(preview.RevisionId) ?? new RoutedRevision(isOpen ? stateOf(preview.RevisionId) : new RevisionState(preview.RevisionId), 0),
                    isOpen));
            }
        }

        return previews.ToImmutable();
    }

    /// <summary>The revisions of an environment that are looked at by an open preview.</summary>
    /// <param name="document">The environment.</param>
    /// <param name="now">The time.</param>
    public static IEnumerable<RevisionId> Seen(EnvironmentDocument document, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(document);
        return
            from deployment in document.Bundles
            from preview in deployment.Previews ?? []
            where preview.IsOpenAt(now) && IsSeen(document, deployment, preview)
            select preview.RevisionId;
    }

    /// <summary>Whether it lets anybody in.</summary>
    /// <param name="now">The time.</param>
    public bool IsOpenAt(DateTimeOffset now) => _isOpen && now < ExpiresAt;

    /// <summary>Whether it was open when the table was made.</summary>
    internal bool WasOpen => _isOpen;

    /// <summary>Whether a host, lower or upper case and without port, is its own.</summary>
    internal bool HasHost(ReadOnlySpan<byte> host) => _host.Length > 0 && Ascii.EqualsIgnoreCase(_host, host);

    /// <summary>Whether a hash is that of its token; takes the same time for every hash.</summary>
    internal bool HasToken(ReadOnlySpan<byte> hash) => CryptographicOperations.FixedTimeEquals(_tokenHash, hash);

    /// <summary>Whether a name, an id or a pointer, is its revision's.</summary>
    internal bool IsNamed(ReadOnlySpan<byte> name) => Ascii.EqualsIgnoreCase(Revision.Name, name) || Route.PointerOf(name) == Revision.Revision;

    private static bool IsSeen(EnvironmentDocument document, BundleDeployment deployment, RevisionPreview preview) =>
        deployment.Status == DeploymentStatus.Active
        && document.Revisions.FirstOrDefault(revision => revision.RevisionId == preview.RevisionId) is { } revision
        && PreviewRules.CanBeSeen(revision.Lifecycle);
}
