using System.Collections.Frozen;
using System.Collections.Immutable;
using Gtc.Model;

namespace Gtc.Store;

/// <summary>The history of an environment, wherever it is.</summary>
/// <param name="Page">The newest generations before one, newest first.</param>
/// <param name="At">The environment at a generation.</param>
public sealed record UsageHistory(
    Func<int, ulong?, CancellationToken, Task<Outcome<ImmutableArray<GenerationEntry>>>> Page, Func<ulong, CancellationToken, Task<Outcome<EnvironmentDocument>>> At);

/// <summary>
/// The revenue policies that were in force, out of an environment's history. A new policy counts from the next full hour on; the first one of a
/// deployment from the hour in which it was added.
/// </summary>
public sealed class UsagePolicies
{
    private const int PageSize = 1000;

    // How far back a deployment is looked for that was removed while its last requests ran.
    private const int MaxStepsBack = 100;

    private readonly UsageHistory _history;
    private readonly ImmutableArray<(ulong Generation, DateTimeOffset At)> _generations;
    private readonly Dictionary<ulong, FrozenDictionary<DeploymentId, UsagePolicy>> _known = [];

    private UsagePolicies(UsageHistory history, ImmutableArray<(ulong Generation, DateTimeOffset At)> generations)
    {
        _history = history;
        _generations = generations;
    }

    /// <summary>Reads the history back to a time.</summary>
    public static async Task<Outcome<UsagePolicies>> OpenAsync(UsageHistory history, DateTimeOffset from, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(history);
        var generations = new List<(ulong Generation, DateTimeOffset At)>();
        ulong? before = null;
        do
        {
            if (!(await history.Page(PageSize, before, cancellationToken)).TryGet(out var page, out var refusal))
            {
                return refusal;
            }

            generations.AddRange(page.Select(entry => (entry.Generation, entry.At)));
            before = page is [.., var oldest] && oldest.At > from ? oldest.Generation : null;
        }
        while (before is not null);
        generations.Reverse();
        return new UsagePolicies(history, [.. generations]);
    }

    /// <summary>The policies for hours.</summary>
    /// <param name="hours">The hours.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>Those that are known; or why the history cannot be read.</returns>
    public async Task<Outcome<FrozenDictionary<(DeploymentId Deployment, DateTimeOffset Hour), UsagePolicy>>> ForAsync(IEnumerable<UsageHour> hours, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(hours);
        var found = new Dictionary<(DeploymentId, DateTimeOffset), UsagePolicy>();
        foreach (var (deployment, hour) in hours.Select(hour => (hour.Source.DeploymentId, hour.Hour)).Distinct())
        {
            foreach (var generation in Candidates(hour))
            {
                if (!(await AtAsync(generation, cancellationToken)).TryGet(out var policies, out var refusal))
                {
                    return refusal;
                }

                if (policies.TryGetValue(deployment, out var policy))
                {
                    found[(deployment, hour)] = policy;
                    break;
                }
            }
        }

        return found.ToFrozenDictionary();
    }

    /// <summary>The generation in force when the hour began, those made within it, then those before it, the nearest first.</summary>
    private IEnumerable<ulong> Candidates(DateTimeOffset hour)
    {
        var inForce = -1;
        while (inForce + 1 < _generations.Length && _generations[inForce + 1].At <= hour)
        {
            inForce++;
        }

        for (var next = Math.Max(inForce, 0); next < _generations.Length && (next == inForce || _generations[next].At < hour.AddHours(1)); next++)
        {
            yield return _generations[next].Generation;
        }

        for (var back = inForce - 1; back >= 0 && back >= inForce - MaxStepsBack; back--)
        {
            yield return _generations[back].Generation;
        }

        // Older than all that the history still holds: the oldest known.
        if (inForce < 0 && !_generations.IsEmpty)
        {
            yield return _generations[0].Generation;
        }
    }

    private async Task<Outcome<FrozenDictionary<DeploymentId, UsagePolicy>>> AtAsync(ulong generation, CancellationToken cancellationToken)
    {
        if (_known.TryGetValue(generation, out var known))
        {
            return known;
        }

        if (!(await _history.At(generation, cancellationToken)).TryGet(out var document, out var refusal))
        {
            return refusal;
        }

        return _known[generation] = document.Bundles.ToFrozenDictionary(
            deployment => deployment.DeploymentId,
            deployment => new UsagePolicy(deployment.RevenuePolicyRef, deployment.RevenueShare));
    }
}
