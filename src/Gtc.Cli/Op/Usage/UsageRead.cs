using System.Collections.Frozen;
using System.Collections.Immutable;
using Gtc.Cli.Verbs;
using Gtc.Model;
using Gtc.Store;

namespace Gtc.Cli.Op.Usage;

/// <summary>The usage of an environment within a time, added up over all workers, with the policies of that time.</summary>
/// <param name="At">The environment.</param>
/// <param name="From">The first hour.</param>
/// <param name="To">The time before which hours begin.</param>
/// <param name="Hours">What was done.</param>
/// <param name="Policies">The policies that were in force.</param>
/// <param name="Files">How many files were read.</param>
/// <param name="Findings">What could not be read.</param>
internal sealed record UsageRead(
    OpPlace At,
    DateTimeOffset From,
    DateTimeOffset To,
    ImmutableArray<UsageHour> Hours,
    FrozenDictionary<(DeploymentId Deployment, DateTimeOffset Hour), UsagePolicy> Policies,
    int Files,
    ImmutableArray<string> Findings)
{
    /// <summary>How both verbs are told the time.</summary>
    public static ImmutableArray<PayloadField> TimeFields { get; } =
    [
        new("from", "the first hour: a time such as 2026-11-01T00:00:00Z, or an age such as 24h; 30d when not given", "--from", "TIME|AGE"),
        new("to", "only hours that begin before this time; now when not given", "--to", "TIME|AGE"),
    ];

    /// <summary>Reads it.</summary>
    public static async Task<Outcome<UsageRead>> OfAsync(string? environment, string? from, string? to, VerbCall call, CancellationToken cancellationToken)
    {
        var now = call.Context.Time.GetUtcNow();
        if (!GivenTime.Read("from", from ?? "30d", now).TryGet(out var given, out var refusal)
            || !GivenTime.Read("to", to, now).TryGet(out var before, out refusal)
            || !OpStore.Open(call, environment).TryGet(out var at, out refusal)
            || !Counted(at, call).TryGet(out var files, out refusal)
            || !(await at.LoadAsync(cancellationToken)).TryGet(out _, out refusal))
        {
            return refusal;
        }

        var (first, end) = (UsageRows.HourOf(given!.Value), before ?? now.AddTicks(1));
        if (end <= first)
        {
            return new Refusal.InvalidArgument($"to must be after from, which is {Rfc3339Json.Format(first)}; {Rfc3339Json.Format(end)} was given");
        }

        if (!new UsageFiles(files).Read(first, end, cancellationToken).TryGet(out var reading, out refusal)
            || !(await UsagePolicies.OpenAsync(new UsageHistory(at.HistoryAsync, at.LoadAtAsync), first, cancellationToken)).TryGet(out var history, out refusal))
        {
            return refusal;
        }

        var hours = UsageRows.Total(reading.Rows);
        if (!(await history.ForAsync(hours, cancellationToken)).TryGet(out var policies, out refusal))
        {
            return refusal;
        }

        return new UsageRead(at, first, end, hours, policies, reading.Files, reading.Findings);
    }

    /// <summary>The files that workers on this machine wrote what they counted to: beside the environment, or beside the copy of one that they follow.</summary>
    public static Outcome<EnvironmentFiles> Counted(OpPlace at, VerbCall call) => call.LocalStore().Then<EnvironmentFiles>(store =>
    {
        if (at is RemotePlace)
        {
            call.Warn($"only what workers on this machine counted is known here: {store.Layout.Environment(at.Environment).Usage}");
        }

        return store.Files(at.Environment);
    });

    /// <summary>The policy of a row, or null when none is known.</summary>
    public UsagePolicy? PolicyOf(UsageHour hour) => Policies.GetValueOrDefault((hour.Source.DeploymentId, hour.Hour));

    /// <summary>Says what could not be read.</summary>
    public void Warn(VerbCall call)
    {
        foreach (var finding in Findings)
        {
            call.Warn(finding);
        }
    }
}
