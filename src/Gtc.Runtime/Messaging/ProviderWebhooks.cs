using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Gtc.Flows;
using Gtc.Model;
using Gtc.Routing;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Logging;

namespace Gtc.Runtime;

/// <summary>Which provider a request is for.</summary>
/// <param name="Name">The name of its webhook; null when a route of a pack says which.</param>
/// <param name="Line">What a client of DirectLine asks for; null for others.</param>
internal sealed record WebhookTarget(string? Name, DirectLineRequest? Line)
{
    /// <summary>Whether the body is of the provider's own making, so that nothing in it says which chat it is of.</summary>
    public bool IsOpaque => Line is not null || Name is null;
}

/// <summary>A provider that answers, and as what.</summary>
/// <param name="Provider">The provider.</param>
/// <param name="Operation">The operation.</param>
/// <param name="TakesMessages">Whether flows answer what it makes of the request.</param>
internal sealed record Answerer(ProviderComponent Provider, string Operation, bool TakesMessages);

/// <summary>
/// Takes in what providers post (messaging.md §2 and §3): routed like any request, let in by the gate, understood by the provider's component, kept,
/// and only then acknowledged. Answers to people go out afterwards.
/// </summary>
internal sealed partial class ProviderWebhooks(LiveServing live, RevisionDesk desk, SeatedRequests seated, Deliveries deliveries, WorkerOptions options, ILogger logger)
{
    private const string ComeAgainSeconds = "10";

    private static readonly NoSeat NotThatMethod = new(405, "the route is for other methods");

    /// <summary>The provider that a request is for; null when no revision of its deployment has it.</summary>
    public WebhookTarget? Find(IngressRequest request, IHttpRequestFeature head)
    {
        var table = live.Current.Activation.Table;
        if (head.Path.Contains("/webhook/", StringComparison.Ordinal))
        {
            return table.Find(request.Host, request.Path) is { } hooked && WebhookName.In(hooked.Prefixes, head.Path) is { } name && Has(hooked, name) ? new(name, null) : null;
        }

        if (DirectLineRequest.Of(head.Method, head.Path) is not { } line)
        {
            return HasRoute(request, head.Path) ? new(null, null) : null;
        }

        var route = line.Tenant is { } tenant ? table.Routes.FirstOrDefault(candidate => candidate.Tenant.Tenant == tenant) : table.Find(request.Host, request.Path);
        return route is not null && Has(route, DirectLineRequest.Provider) ? new(DirectLineRequest.Provider, line) : null;
    }

    /// <summary>Answers a request for a provider.</summary>
    public async Task AnswerAsync(IFeatureCollection context, IngressRequest request, WebhookTarget target)
    {
        var started = Stopwatch.GetTimestamp();
        var head = context.GetRequiredFeature<IHttpRequestFeature>();
        if (!target.IsOpaque && head.Method != "POST")
        {
            await Answer.OnlyAsync(context, "POST", "only POST is supported for provider webhooks");
            return;
        }

        var aborted = context.GetRequiredFeature<IHttpRequestLifetimeFeature>().RequestAborted;
        var bytes = await BoundedBody.ReadAsync(context.GetRequiredFeature<IRequestBodyPipeFeature>().Reader, head.Headers.ContentLength, aborted);
        if (bytes is not { } body)
        {
            await Answer.TextAsync(context, 413, BoundedBody.TooLarge);
            return;
        }

        var update = target.IsOpaque ? default : TelegramUpdate.Read(body.Span);
        var hint = update.ChatId is { } chat ? $"{target.Name}:{chat}" : null;
        var (seat, why) = await desk.EnterAsync(request, VisitorOf(request, target, hint), aborted);
        if (seat is null)
        {
            await seated.RefuseAsync(context, why!);
            return;
        }

        (seat, var answerer, var endpoint, var refused) = await PlaceAsync(seat, target, head, aborted);
        if (answerer is not null)
        {
            var call = new Call(seat, answerer, endpoint, target.IsOpaque, target.Line, hint, update.UpdateId, body);
            await seated.AnswerAsync(context, seat, started, () => body.Length, ending => TakeInAsync(context, call, ending));
            return;
        }

        seat.Revision.Leave();
        if (refused!.Status == 405)
        {
            await Answer.OnlyAsync(context, string.Join(", ", seat.Revision.Routes.MethodsOf(seat.Route.BelowPrefix(head.Path), seat.Route.Tenant).Distinct()), refused.Text);
            return;
        }

        await Answer.TextAsync(context, refused.Status, refused.Text);
    }

    /// <summary>Finds who answers, lets them in and pins their session, which may seat them elsewhere. Whoever hangs up meanwhile keeps no seat.</summary>
    private async Task<Place> PlaceAsync(Seat seat, WebhookTarget target, IHttpRequestFeature head, CancellationToken aborted)
    {
        try
        {
            var (answerer, refused) = Find(seat, target, head);
            MessagingEndpointId? endpoint = null;
            refused ??= Admit(head, seat, answerer!, out endpoint);
            if (refused is not null)
            {
                return new(seat, null, null, refused);
            }

            // It may be another revision's from here on.
            seat = await desk.KeepAsync(seat, aborted);
            (answerer, refused) = Find(seat, target, head);
            return new(seat, answerer, endpoint, refused);
        }
        catch
        {
            seat.Revision.Leave();
            throw;
        }
    }

    /// <summary>Who answers a request in the revision that was chosen for it.</summary>
    private static (Answerer? Answerer, NoSeat? Why) Find(Seat seat, WebhookTarget target, IHttpRequestFeature head)
    {
        if (target.Name is { } name)
        {
            return Providers.ByWebhook(seat.Revision, name) is { } hooked
                ? (new(hooked, Providers.Ingest, true), null)
                : (null, new(404, $"the revision that was chosen has no provider `{name}`"));
        }

        var path = seat.Route.BelowPrefix(head.Path);
        if (seat.Revision.Routes.Find(head.Method, path, seat.Route.Tenant) is not var (packId, route))
        {
            return (null, seat.Revision.Routes.MethodsOf(path, seat.Route.Tenant).Any() ? NotThatMethod : new(404, "the revision that was chosen has no such route"));
        }

        return ProviderRoutes.ProviderOf(seat.Revision.Flows, packId, route) is { } provider
            ? (new(provider, route.Operation, route.IsMessaging), null)
            : (null, new(501, $"pack {packId} has no provider that answers route `{route.Id}` with `{route.Operation}`"));
    }

    /// <summary>A chat is pinned once its provider is known to be honest; others keep their revision by cookie.</summary>
    private static Visitor VisitorOf(IngressRequest request, WebhookTarget target, string? hint) => target.IsOpaque
        ? request.VisitorWith(message: null) with { Tenant = target.Line?.Tenant }
        : new Visitor(hint, Encoding.UTF8.GetBytes(hint ?? string.Empty)) { IsPinnedLater = true };

    private bool Has(DeploymentRoute route, string name) =>
        live.Current.Activation.Revisions.Any(revision => revision.Deployment == route.Deployment && Providers.ByWebhook(revision, name) is not null);

    /// <summary>Asked about every request: where no pack has routes it costs nothing.</summary>
    private bool HasRoute(IngressRequest request, string path)
    {
        DeploymentRoute? routed = null;
        foreach (var revision in live.Current.Activation.Revisions)
        {
            if (!revision.Routes.IsEmpty
                && (routed ??= live.Current.Activation.Table.Find(request.Host, request.Path)) is { } route
                && revision.Deployment == route.Deployment
                && revision.Routes.MethodsOf(route.BelowPrefix(path), route.Tenant).Any())
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Decides before anything is pinned, counted or run.</summary>
    private NoSeat? Admit(IHttpRequestFeature head, Seat seat, Answerer answerer, out MessagingEndpointId? endpoint)
    {
        endpoint = null;
        if (!answerer.TakesMessages)
        {
            return null;
        }

        var document = live.Current.Document;
        var given = head.Headers[WebhookGate.SecretField] is [{ } secret] ? secret : null;
        var verdict = WebhookGate.Decide(
            document.MessagingEndpoints, answerer.Provider.Declared.Type, seat.Route.BundleId, given, reference => Providers.SecretOf(document, options, reference));
        endpoint = verdict.Endpoint;
        return verdict.Refusal is { } text ? new(401, text) : null;
    }

    private async Task TakeInAsync(IFeatureCollection context, Call call, CancellationToken cancellationToken)
    {
        var answered = call.Provider.Invoke(call.Answerer.Operation, Request(context, call).ToJson(), call.Seat.Revision.Context, cancellationToken);
        if (!answered.TryGet(out var answer, out var refusal))
        {
            Log.NotUnderstood(logger, call.Provider.Declared.Type, call.Seat.Revision.Id, refusal.Message);
            await Answer.TextAsync(context, 502, "provider invocation failed");
            return;
        }

        if (!ProviderResponse.Read(answer).TryGet(out var response, out refusal) || !Items(response, call).TryGet(out var items, out refusal))
        {
            Log.NotUnderstood(logger, call.Provider.Declared.Type, call.Seat.Revision.Id, refusal.Message);
            await Answer.TextAsync(context, 502, "could not decode provider response envelope");
            return;
        }

        // From here on the message is ours: it is on the disk before anybody is told so.
        if (!items.IsEmpty && await deliveries.TakeAsync(items, cancellationToken) is { } full)
        {
            Log.NotTakenIn(logger, call.Provider.Declared.Type, full.Message);
            context.GetRequiredFeature<IHttpResponseFeature>().Headers.RetryAfter = ComeAgainSeconds;
            await Answer.TextAsync(context, 503, "messages cannot be taken in at the moment");
            return;
        }

        if (call.IsOpaque && call.Seat.Cookies.Length > 0)
        {
            context.GetRequiredFeature<IHttpResponseFeature>().Headers.SetCookie = call.Seat.Cookies;
        }

        await WriteAsync(context, response);
    }

    private ProviderRequest Request(IFeatureCollection context, Call call)
    {
        var head = context.GetRequiredFeature<IHttpRequestFeature>();
        return new(
            call.Provider.Declared.Type,
            call.Seat.Revision.Context.Tenant,
            call.Line?.Method ?? head.Method,
            call.Line?.Path ?? head.Path,
            [.. QueryHelpers.ParseQuery(head.QueryString).SelectMany(pair => pair.Value, (pair, value) => KeyValuePair.Create(pair.Key, value ?? string.Empty))],
            [.. head.Headers.SelectMany(field => field.Value, (field, value) => KeyValuePair.Create(field.Key.ToLowerInvariant(), value ?? string.Empty))],
            call.Body,
            live.Pool.Components.ConfigOf(call.Seat.Route.Deployment, call.Provider));
    }

    private Outcome<ImmutableArray<InboxItem>> Items(ProviderResponse response, Call call)
    {
        if (!call.Answerer.TakesMessages)
        {
            if (!response.Events.IsEmpty)
            {
                Log.EventsLeftOut(logger, response.Events.Length, call.Provider.Declared.Type, call.Seat.Revision.Id);
            }

            return ImmutableArray<InboxItem>.Empty;
        }

        var items = ImmutableArray.CreateBuilder<InboxItem>(response.Events.Length);
        foreach (var received in response.Events)
        {
            if (!ChannelEnvelope.Received(received, call.Seat.Revision.Context).TryGet(out var envelope, out var refusal))
            {
                return refusal;
            }

            var origin = $"{call.Seat.Route.Deployment}/{call.Provider.Declared.Type}/{call.Endpoint}";
            items.Add(new()
            {
                Id = 0,
                Key = call.Update is { } update ? string.Create(CultureInfo.InvariantCulture, $"{origin}/{update}/{items.Count}") : null,
                Deployment = call.Seat.Route.Deployment,
                Revision = call.Seat.Revision.Id,
                ProviderType = call.Provider.Declared.Type,
                Endpoint = call.Endpoint,
                Hint = call.Hint,
                Envelope = envelope,
            });
        }

        return items.ToImmutable();
    }

    private static Task WriteAsync(IFeatureCollection context, ProviderResponse response)
    {
        var fields = context.GetRequiredFeature<IHttpResponseFeature>().Headers;
        var type = "application/json";
        foreach (var (name, value) in response.Fields)
        {
            if (name.Equals("content-type", StringComparison.OrdinalIgnoreCase))
            {
                type = value;
            }
            else
            {
                fields[name] = value;
            }
        }

        return Answer.WriteAsync(context, response.Status, type, response.Body);
    }

    /// <summary>Where a request is: one of answerer and refusal is there.</summary>
    private readonly record struct Place(Seat Seat, Answerer? Answerer, MessagingEndpointId? Endpoint, NoSeat? Refused);

    private sealed record Call(
        Seat Seat, Answerer Answerer, MessagingEndpointId? Endpoint, bool IsOpaque, DirectLineRequest? Line, string? Hint, long? Update, ReadOnlyMemory<byte> Body)
    {
        public ProviderComponent Provider => Answerer.Provider;
    }
}
