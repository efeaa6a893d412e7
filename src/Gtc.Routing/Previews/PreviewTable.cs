using System.Collections.Immutable;
using System.Security.Cryptography;

namespace Gtc.Routing;

/// <summary>The previews of a routing table. Immutable; lookups allocate nothing.</summary>
public sealed class PreviewTable
{
    private readonly ImmutableArray<PreviewRoute> _previews;
    private readonly RoutingTable _bound;

    /// <summary>Makes a table.</summary>
    /// <param name="previews">The previews.</param>
    /// <param name="routes">The routes of all deployments that have shares, in their order.</param>
    internal PreviewTable(ImmutableArray<PreviewRoute> previews, ImmutableArray<DeploymentRoute> routes)
    {
        _previews = previews;

        // As if every deployment with a preview had shares: a token opens its revision where requests for its deployment go, and nowhere else.
        _bound = new RoutingTable([.. routes, .. previews.Select(preview => preview.Route).Except(routes)], []);
    }

    /// <summary>The previews, closed ones included.</summary>
    public ImmutableArray<PreviewRoute> All => _previews;

    /// <summary>Whether a preview has closed since the table was made that alone kept its revision loaded.</summary>
    /// <param name="now">The time.</param>
    public bool HasLapsed(DateTimeOffset now) =>
        _previews.Any(preview => preview.WasOpen && !preview.IsOpenAt(now) && preview.Route.Find(preview.Revision.Revision) is null);

    /// <summary>
    /// The preview that a request comes in by. A host of its own goes first; then the token, which counts where its deployment is bound. A token that is
    /// wrong or over opens nothing, and the request takes the ordinary way.
    /// </summary>
    /// <param name="host">The Host field, with or without a port.</param>
    /// <param name="path">The path, without the query.</param>
    /// <param name="token">What <see cref="PreviewRoute.Field"/> says, or nothing.</param>
    /// <param name="named">What <c>X-Greentic-Revision</c> says, or nothing; a token opens no other revision than the one that is named beside it.</param>
    /// <param name="now">The time.</param>
    /// <param name="isClosed">Whether the host is that of a preview which is over or does not have the path: such a request is for nobody.</param>
    public PreviewRoute? Find(
        ReadOnlySpan<byte> host, ReadOnlySpan<byte> path, scoped ReadOnlySpan<byte> token, scoped ReadOnlySpan<byte> named, DateTimeOffset now, out bool isClosed)
    {
        isClosed = false;
        if (_previews.IsEmpty)
        {
            return null;
        }

        var name = RoutingTable.WithoutPort(host);
        foreach (var preview in _previews)
        {
            if (preview.HasHost(name))
            {
                isClosed = !preview.IsOpenAt(now) || !preview.Route.HasPrefixOf(path);
                return isClosed ? null : preview;
            }
        }

        return token.Length is > 0 and <= PreviewRoute.MaxTokenLength ? FindByToken(host, path, token, named, now) : null;
    }

    private PreviewRoute? FindByToken(ReadOnlySpan<byte> host, ReadOnlySpan<byte> path, scoped ReadOnlySpan<byte> token, scoped ReadOnlySpan<byte> named, DateTimeOffset now)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(token, hash);
        foreach (var preview in _previews)
        {
            if (preview.HasToken(hash) && preview.IsOpenAt(now) && (named.IsEmpty || preview.IsNamed(named)))
            {
                return _bound.Find(host, path)?.Deployment == preview.Route.Deployment ? preview : null;
            }
        }

        return null;
    }
}
