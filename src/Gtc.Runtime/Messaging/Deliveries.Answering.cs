using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Gtc.Flows;

namespace Gtc.Runtime;

/// <content>One message, attempt by attempt.</content>
internal sealed partial class Deliveries
{
    private const int MaxAttempts = 10;

    // A message that may have ended so many workers is answered with nothing beside it, so that from then on the others are known to be innocent.
    private const int MostBegunBesideOthers = 1;

    // The first worker that it may have ended, and those that took it over.
    private const int MostBegun = 4;

    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(2);

    private async Task AnswerAsync(InboxItem item)
    {
        if (item.Begun >= MostBegun)
        {
            await GiveUpAsync(item, string.Create(CultureInfo.InvariantCulture, $"{item.Begun} workers began it, and each was gone before it was answered"));
            return;
        }

        var isAlone = item.Begun > MostBegunBesideOthers;
        var pause = FirstPause;
        for (var attempt = 1; ; attempt++)
        {
            Attempt tried;
            await _room.EnterAsync(isAlone, _stopping.Token);
            try
            {
                tried = await TryAnswerAsync(item);
            }
            finally
            {
                _room.Leave(isAlone);
            }

            item = tried.Item;
            if (await IsOverAsync(tried, attempt))
            {
                return;
            }

            var wait = pause * (1 + (_options.Jitter() / 4));
            Log.TriedAgain(_logger, item.ProviderType, item.Deployment, tried.Problem!, wait.TotalSeconds);
            await Task.Delay(wait, _options.Time, _stopping.Token);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }

    /// <summary>Whether nothing is left to do here after an attempt.</summary>
    private async Task<bool> IsOverAsync(Attempt tried, int attempt)
    {
        var item = tried.Item;
        switch (tried)
        {
            case { Left: { } left }:
                Log.Left(_logger, item.ProviderType, item.Deployment, left);
                return true;
            case { Problem: null }:
                await _inbox!.NoteAsync(new(item.Id, null, item.Sent, IsDone: true));
                return true;
            case { HasNoSeat: true, Problem: { } why } when _inbox is SharedInbox shared:
                // It says nothing against the message, and others may well answer it.
                if (shared.IsTooOld(item))
                {
                    await GiveUpAsync(item, string.Create(CultureInfo.InvariantCulture, $"{why}; nobody could answer it since {item.ReceivedAt:u}"));
                    return true;
                }

                if (await shared.LeaveAsync(item.Id))
                {
                    Log.Left(_logger, item.ProviderType, item.Deployment, why);
                }

                return true;
            case { Problem: { } problem } when attempt == MaxAttempts:
                await GiveUpAsync(item, string.Create(CultureInfo.InvariantCulture, $"{problem}, at the last of {attempt} attempts"));
                return true;
            default:
                return false;
        }
    }

    private async Task GiveUpAsync(InboxItem item, string reason)
    {
        Log.GivenUp(_logger, item.ProviderType, item.Deployment, reason);
        await _inbox!.NoteAsync(new(item.Id, null, item.Sent, IsDone: true));
    }

    private async Task<Attempt> TryAnswerAsync(InboxItem item)
    {
        var (seat, why) = await _desk.EnterAgainAsync(item, _cutting.Token);
        if (seat is null)
        {
            return new(item, why!.Text, null) { HasNoSeat = true };
        }

        using var ending = CancellationTokenSource.CreateLinkedTokenSource(_cutting.Token, seat.Revision.Cut);
        try
        {
            if (Providers.ByType(seat.Revision, item.ProviderType) is not { } provider)
            {
                return new(item, string.Create(CultureInfo.InvariantCulture, $"revision {seat.Revision.Id} has no provider {item.ProviderType}"), null) { HasNoSeat = true };
            }

            // While it waited, it may have become another worker's.
            if (await _inbox!.BeginAsync(item.Id) is { } gone)
            {
                return new(item, null, gone);
            }

            if (item.Replies is null)
            {
                item = item with { Replies = Replies(item, seat, ending.Token) };
                if (await _inbox.NoteAsync(new(item.Id, item.Replies, item.Sent, IsDone: false)) is { } left)
                {
                    return new(item, null, left);
                }
            }

            return await SendAsync(item, provider, seat, ending.Token);
        }
        catch (OperationCanceledException) when (!_cutting.IsCancellationRequested)
        {
            return new(item, "the drain time of its revision was over", null);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            // A bug of ours must not hold up the messages behind this one for good.
            return new(item, $"{error.GetType().Name}: {error.Message}", null);
        }
        finally
        {
            seat.Revision.Leave();
        }
    }

    private ImmutableArray<JsonElement> Replies(InboxItem item, Seat seat, CancellationToken cancellationToken)
    {
        var activity = ChannelEnvelope.Activity(item.Envelope, item.ProviderType, item.Endpoint) with
        {
            MessageId = item.Key ?? item.Id.ToString(CultureInfo.InvariantCulture),
            Welcome = item.Endpoint is { } id ? Providers.WelcomeOf(_live.Current.Document.MessagingEndpoints.FirstOrDefault(endpoint => endpoint.EndpointId == id), seat.Route.BundleId) : null,
        };
        if (_seated.Run(seat.Revision, seat.Usage, activity, cancellationToken) is not { } reply)
        {
            return [];
        }

        if (reply.HasFailed)
        {
            Log.FlowFailed(_logger, reply.FlowId, seat.Revision.Id, reply.Failure ?? string.Empty);
        }

        return ChannelEnvelope.Replies(item.Envelope, reply);
    }

    private async Task<Attempt> SendAsync(InboxItem item, ProviderComponent provider, Seat seat, CancellationToken cancellationToken)
    {
        var sending = new Sending(provider, seat.Revision.Context, _live.Pool.Components.ConfigOf(item.Deployment, provider));
        var replies = item.Replies ?? [];
        while (item.Sent < replies.Length)
        {
            var outcome = sending.Send(replies[item.Sent], cancellationToken);
            if (outcome is { Problem: { } passing, MayPass: true })
            {
                return new(item, passing, null);
            }

            if (outcome.Problem is { } problem)
            {
                Log.NotSent(_logger, item.ProviderType, item.Deployment, problem);
            }

            item = item with { Sent = item.Sent + 1 };
            if (await _inbox!.NoteAsync(new(item.Id, null, item.Sent, IsDone: false)) is { } left)
            {
                return new(item, null, left);
            }
        }

        return new(item, null, null);
    }

    /// <summary>What became of an attempt.</summary>
    /// <param name="Item">The message as far as it got.</param>
    /// <param name="Problem">Why it is to be tried again; null when nothing is left to do here.</param>
    /// <param name="Left">Why it is another worker's; null when it is not.</param>
    private readonly record struct Attempt(InboxItem Item, string? Problem, string? Left)
    {
        /// <summary>Whether nothing here could answer it, and nothing was tried.</summary>
        public bool HasNoSeat { get; init; }
    }
}
