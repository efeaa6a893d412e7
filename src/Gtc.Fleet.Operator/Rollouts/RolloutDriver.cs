using System.Collections.Concurrent;
using Gtc.Fleet.Contracts;
using Gtc.Kubernetes;

namespace Gtc.Fleet.Operator;

/// <summary>Carries batched roll-outs on: looks every interval how the devices stand, and lets the next of them have the score.</summary>
internal sealed class RolloutDriver(DeploymentBook book, SharedTables tables, FailureTexts failures, KubeEvents events, TimeSpan interval, TimeProvider time)
{
    private const int ErrorsTold = 3;
    private const int SampleSize = 50;
    private static readonly KubeKind Kind = KubeKind.Of(FleetApi.GroupVersion, FleetApi.DeploymentKind)!;

    private readonly ConcurrentDictionary<string, RolloutPlan> _plans = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _told = new(StringComparer.Ordinal);

    /// <summary>Told of each resource whose roll-out moved.</summary>
    public Action<KubeKey> Touched { get; set; } = static _ => { };

    /// <summary>How far a deployment's roll-out is; null when it has none.</summary>
    public RolloutPlan? PlanOf(string name) => _plans.GetValueOrDefault(name);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(interval, time);
        do
        {
            foreach (var name in tables.Ask(ask => ask.DeploymentNames.ToList()))
            {
                await MoveAsync(name, cancellationToken);
            }
        }
        while (await timer.WaitForNextTickAsync(cancellationToken));
    }

    private async Task MoveAsync(string name, CancellationToken cancellationToken)
    {
        if (book.ActiveOf(name) is not { Rollout: { } rules } active || active.Intent.IsPaused)
        {
            _plans.TryRemove(name, out _);
            return;
        }

        var before = PlanOf(name);
        var devices = tables.Ask(ask => ask.RolloutOf(name));
        var plan = RolloutPlan.Of(active.Uid, devices, rules, isResumed: active.ResumedHash == active.ScoreHash);
        _plans[name] = plan;
        if (plan.Next.Count > 0)
        {
            tables.Do(change => change.MakeDue(name, plan.Next));
        }

        if (before is null || (before.Batch, before.Batches, before.Updated, before.IsPaused) != (plan.Batch, plan.Batches, plan.Updated, plan.IsPaused))
        {
            Touched(active.Key);
        }

        if (plan.IsPaused && _told.GetValueOrDefault(name) != active.ScoreHash)
        {
            _told[name] = active.ScoreHash;
            var failed = devices.Where(device => device.Step == RolloutStep.Failed).Select(device => device.Id).ToList();
            var errors = await failures.MostFrequentAsync(name, failed.Take(SampleSize), ErrorsTold, cancellationToken);
            await events.WarnAsync(Kind, active.Key, active.Uid, "RolloutPaused", $"{failed.Count} of {plan.Updated} updated devices failed: {string.Join("; ", errors)}", cancellationToken);
        }
    }
}
