using Gtc.Model;

namespace Gtc.Runtime;

/// <content>The loop that keeps what this worker has, and looks for what nobody answers.</content>
internal sealed partial class SharedInbox
{
    private long _renewedAt;
    private long? _backAt;
    private string? _problem;
    private Activation? _lookedWith;

    /// <summary>After the server was away nothing is claimed for the time of a lease: first its owners write down what they did meanwhile.</summary>
    private int MayClaim => _problem is not null || (_backAt is { } back && _options.Time.GetElapsedTime(back) < _limits.Lease) ? 0 : MostClaimed;

    private async Task LookAsync()
    {
        Log.Opened(_logger, _redis.Place);
        try
        {
            for (var isNew = true; ; isNew &= _problem is not null)
            {
                Tell(await RenewAsync() ?? await ClaimAsync(MayClaim));
                if (isNew && _problem is null && await _redis.IsDurableAsync(_closing.Token) == false)
                {
                    Log.NotDurable(_logger, _redis.Place);
                }

                await Task.Delay(RenewEvery, _options.Time, _closing.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The worker stops.
        }
    }

    /// <summary>Goes on after a failure: what the others hold must not be lost with it.</summary>
    private async Task<Refusal?> RenewAsync()
    {
        _renewedAt = _options.Time.GetTimestamp();
        Refusal? refusal = null;
        foreach (var held in _held.Values.GroupBy(held => held.Item.Deployment))
        {
            refusal = await Of(held.Key).RenewAsync(held.Select(each => each.Item.Lane).Distinct(), _closing.Token) ?? refusal;
        }

        return refusal;
    }

    private async Task<Refusal?> ClaimAsync(int most)
    {
        var activation = _live.Current.Activation;
        ForgetUnwanted(activation);
        foreach (var route in activation.Table.Routes)
        {
            var held = _held.Values.Where(held => held.Item.Deployment == route.Deployment).Select(held => held.Item.Lane).ToHashSet(StringComparer.Ordinal);
            var tags = activation.Revisions.Where(revision => revision.Deployment == route.Deployment).Select(revision => revision.Id.ToString());

            // What no revision here could answer is left to those that can.
            var serves = route.Revisions.Any(revision => revision.IsServing && activation.Find(revision.Revision) is not null);
            var claim = await Of(route.Deployment).ClaimAsync(
                tags, serves, lane => !held.Contains(lane) && IsWanted(route.Deployment, lane), most, _closing.Token);
            if (!claim.TryGet(out var claimed, out var refusal))
            {
                return refusal;
            }

            if (await BeginAllAsync(route.Deployment, claimed) is { } failed)
            {
                return failed;
            }

            if (claimed.Count > 0)
            {
                Log.TakenOver(_logger, claimed.Count, route.Deployment);
            }
        }

        return null;
    }

    /// <summary>What was left to others is tried again after a while, and when something else is served here.</summary>
    private bool IsWanted(DeploymentId deployment, string lane) => !_unwanted.TryGetValue((deployment, lane), out var left) || _options.Time.GetElapsedTime(left) >= _limits.Lease;

    private void ForgetUnwanted(Activation activation)
    {
        if (_lookedWith != activation)
        {
            _unwanted.Clear();
            _lookedWith = activation;
        }

        foreach (var (place, left) in _unwanted)
        {
            if (_options.Time.GetElapsedTime(left) >= _limits.Lease * 8)
            {
                _unwanted.TryRemove(place, out _);
            }
        }
    }

    private async Task<Refusal?> BeginAllAsync(DeploymentId deployment, IReadOnlyList<string> lanes)
    {
        foreach (var lane in lanes)
        {
            // A long takeover must not cost what this worker has already.
            if (_options.Time.GetElapsedTime(_renewedAt) >= RenewEvery && await RenewAsync() is { } late)
            {
                return late;
            }

            if (!(await Of(deployment).FirstAsync(lane, _closing.Token)).TryGet(out var step, out var refusal))
            {
                return refusal;
            }

            if (step.Next is { } first)
            {
                await BeginAsync(deployment, lane, Read(deployment, first));
            }
        }

        return null;
    }

    /// <summary>Tells once that the server is away, and once that it is back.</summary>
    private void Tell(Refusal? refusal)
    {
        if (refusal is not null && _problem is null)
        {
            Log.Away(_logger, refusal.Message);
        }
        else if (refusal is null && _problem is not null)
        {
            _backAt = _options.Time.GetTimestamp();
            Log.Back(_logger, _redis.Place);
        }

        _problem = refusal?.Message;
    }
}
