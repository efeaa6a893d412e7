using Gtc.Model;

namespace Gtc.Routing;

/// <summary>
/// Chooses the revision of a request in the order of dispatcher.md §1: trusted header, signed cookie, session pin, shares. It is a pure function of
/// the route, the caller and a number for callers that are not known; it allocates nothing.
/// </summary>
/// <param name="cookies">Reads cookies, or null when the environment has no key that its replicas share.</param>
public sealed class Dispatcher(RevisionCookie? cookies)
{
    // Each try hits an available slot with the probability of the shares that are left; then the walk decides.
    private const int MaxTries = 16;

    /// <summary>The revision, or null when none can take the request.</summary>
    /// <param name="route">The deployment that the request is for.</param>
    /// <param name="caller">Who sent it.</param>
    /// <param name="random">64 random bits, for a caller without a key.</param>
    /// <param name="now">The time.</param>
    /// <param name="failed">The revision that was asked in vain a moment ago, or null.</param>
    public Dispatch? Choose(DeploymentRoute route, in Caller caller, ulong random, DateTimeOffset now, RevisionState? failed = null)
    {
        ArgumentNullException.ThrowIfNull(route);
        if (failed is not null)
        {
            // Whoever named it cannot be served there; the shares of the others decide, as they do when it is known to be unhealthy.
            return Draw(route, caller.Key, random, failed) is { } instead ? new Dispatch(instead, DispatchSource.Weighted) : null;
        }

        if (!caller.TrustedRevision.IsEmpty && route.Find(caller.TrustedRevision) is { IsServing: true } named)
        {
            return new Dispatch(named, DispatchSource.Header);
        }

        if (!caller.Cookie.IsEmpty
            && cookies?.Read(caller.Cookie, route.Tenant.Tenant, route.Deployment, route.StickyGeneration, now) is { } kept
            && route.Find(kept) is { IsServing: true } remembered)
        {
            return new Dispatch(remembered, DispatchSource.Cookie);
        }

        if (caller.Pin is { } pin && route.Find(pin) is { IsServing: true } pinned)
        {
            return new Dispatch(pinned, DispatchSource.Pin);
        }

        return Draw(route, caller.Key, random, null) is { } drawn ? new Dispatch(drawn, DispatchSource.Weighted) : null;
    }

    /// <summary>
    /// The revision that holds the caller's slot. When that one takes no new requests, the caller's further slots are asked: its callers go to the
    /// others by their shares, and everybody else stays.
    /// </summary>
    private static RoutedRevision? Draw(DeploymentRoute route, scoped ReadOnlySpan<byte> key, ulong random, RevisionState? failed)
    {
        Span<byte> chance = stackalloc byte[sizeof(ulong)];
        if (key.IsEmpty)
        {
            _ = BitConverter.TryWriteBytes(chance, random);
            key = chance;
        }

        var slot = route.Callers.Of(key);
        for (var tries = 0; tries < MaxTries; tries++)
        {
            if (route.HolderOf(slot) is { TakesNew: true } holder && holder.State != failed)
            {
                return holder;
            }

            slot = route.Callers.Next(slot, key);
        }

        foreach (var revision in route.Revisions)
        {
            if (revision.TakesNew && revision.State != failed)
            {
                return revision;
            }
        }

        return null;
    }
}
