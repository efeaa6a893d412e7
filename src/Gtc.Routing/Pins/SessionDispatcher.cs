using Gtc.Model;

namespace Gtc.Routing;

/// <summary>Who sent a request that may belong to a session; what <see cref="Caller"/> says, kept across a wait for the pins.</summary>
public readonly record struct SessionCaller
{
    /// <summary>As <see cref="Caller.TrustedRevision"/>.</summary>
    public ReadOnlyMemory<byte> TrustedRevision { get; init; }

    /// <summary>As <see cref="Caller.Cookie"/>.</summary>
    public ReadOnlyMemory<byte> Cookie { get; init; }

    /// <summary>
    /// As <see cref="Caller.Key"/>. Give the session's hint when nothing better is known: then every replica chooses the same revision even while the
    /// pins cannot be reached, and a pin only matters once the shares change.
    /// </summary>
    public ReadOnlyMemory<byte> Key { get; init; }

    /// <summary>What the session is known by; null when there is none, and then it is not pinned.</summary>
    public string? Hint { get; init; }
}

/// <summary>
/// The dispatcher with session pins, in two steps, because a pin of a caller that is not yet known to be honest must wait (dispatcher.md §3):
/// <see cref="ChooseAsync"/> finds the revision and stores nothing; <see cref="KeepAsync"/> stores the choice, at once for a trusted caller, and after
/// the provider's check for a webhook.
/// </summary>
/// <param name="dispatcher">Chooses.</param>
/// <param name="pins">Remembers.</param>
/// <param name="environment">The environment.</param>
public sealed class SessionDispatcher(Dispatcher dispatcher, ISessionPins pins, EnvId environment)
{
    /// <summary>The revision, or null when none can take the request.</summary>
    /// <param name="route">The deployment that the request is for.</param>
    /// <param name="caller">Who sent it.</param>
    /// <param name="random">64 random bits, for a caller without a key.</param>
    /// <param name="now">The time.</param>
    /// <param name="cancellationToken">Ends the wait for the pins.</param>
    public ValueTask<Dispatch?> ChooseAsync(DeploymentRoute route, SessionCaller caller, ulong random, DateTimeOffset now, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(route);

        // The pins are asked only when they have a say: a header or a cookie goes before them. When the shares find nobody they may know a draining revision.
        var choice = Choose(route, caller, null, random, now);
        return string.IsNullOrEmpty(caller.Hint) || choice is { Source: DispatchSource.Header or DispatchSource.Cookie }
            ? new(choice)
            : ChoosePinnedAsync(route, caller, choice, random, now, cancellationToken);
    }

    /// <summary>Remembers a choice that the shares made.</summary>
    /// <returns>What the request is served by: the revision that was pinned first, when that can take it, and else the choice.</returns>
    /// <param name="route">The deployment.</param>
    /// <param name="hint">What the session is known by, or null.</param>
    /// <param name="choice">The choice.</param>
    /// <param name="cancellationToken">Ends the wait for the pins.</param>
    public async ValueTask<Dispatch> KeepAsync(DeploymentRoute route, string? hint, Dispatch choice, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(route);
        if (string.IsNullOrEmpty(hint) || choice.Source != DispatchSource.Weighted)
        {
            return choice;
        }

        var result = await pins.InsertAsync(KeyOf(route, hint), choice.Revision.Revision, route.StickyGeneration, cancellationToken);
        return result is { Outcome: PinOutcome.Existing, Revision: { } first } && route.Find(first) is { IsServing: true } pinned
            ? new Dispatch(pinned, DispatchSource.Pin)
            : choice;
    }

    private async ValueTask<Dispatch?> ChoosePinnedAsync(
        DeploymentRoute route, SessionCaller caller, Dispatch? choice, ulong random, DateTimeOffset now, CancellationToken cancellationToken) =>
        await pins.FindAsync(KeyOf(route, caller.Hint!), route.StickyGeneration, cancellationToken) is { } pin
            ? Choose(route, caller, pin, random, now)
            : choice;

    private PinKey KeyOf(DeploymentRoute route, string hint) => new(route.Deployment, environment, route.Tenant.Tenant, hint);

    private Dispatch? Choose(DeploymentRoute route, SessionCaller caller, RevisionId? pin, ulong random, DateTimeOffset now) => dispatcher.Choose(
        route,
        new Caller { TrustedRevision = caller.TrustedRevision.Span, Cookie = caller.Cookie.Span, Pin = pin, Key = caller.Key.Span },
        random,
        now);
}
