using System.Collections.Immutable;
using System.Text.Json;
using Gtc.Model;

namespace Gtc.Conformance.Tests;

/// <summary>A small deployer that does all that the suite asks for; or all but one thing.</summary>
/// <param name="meetsTwin">Whether the first warm goes on only when a second has come in, so that two that are sent together do meet.</param>
internal sealed class MemoryDeployer(MemoryProvider? provider, Wrong wrong, bool meetsTwin, List<string> log) : IDeployer, IDisposable
{
    public const string Marker = "s3cr3t-marker";
    public static readonly TimeSpan WarmTimeout = TimeSpan.FromMilliseconds(300);

    private readonly SemaphoreSlim _one = new(1, 1);
    private readonly Dictionary<string, int> _times = new(StringComparer.Ordinal);
    private readonly HashSet<RevisionId> _archived = [];
    private readonly TaskCompletionSource _twin = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _underWay;
    private bool _isStuck;

    public Task<Refusal?> StageRevisionAsync(EnvironmentDocument environment, RevisionId revision, CancellationToken cancellationToken) =>
        Task.FromResult<Refusal?>(Unknown(environment, revision) ?? Repeated("stage", revision, Wrong.SecondStageFails));

    public async Task<Refusal?> WarmRevisionAsync(EnvironmentDocument environment, RevisionId revision, JsonElement? answers, CancellationToken cancellationToken)
    {
        if ((Unknown(environment, revision) ?? Strange(answers)) is { } refused)
        {
            return refused;
        }

        if (provider is null)
        {
            return wrong == Wrong.SucceedsWithoutClient ? null : new DeployerRefusal.Provider("no client configured");
        }

        if (wrong == Wrong.FirstWarmFails || _isStuck || (wrong == Wrong.WarmAfterArchiveFails && _archived.Contains(revision)))
        {
            return new DeployerRefusal.Provider("cannot");
        }

        if (wrong is not (Wrong.ConcurrentWarmDoubles or Wrong.ConcurrentWarmFails))
        {
            await _one.WaitAsync(wrong == Wrong.IgnoresCancellation ? CancellationToken.None : cancellationToken);
        }
        else if (Interlocked.Increment(ref _underWay) > 1)
        {
            Interlocked.Decrement(ref _underWay);
            _twin.SetResult();
            if (wrong == Wrong.ConcurrentWarmFails)
            {
                return new DeployerRefusal.Provider("busy");
            }

            provider.Put(Object(environment, revision, "twin"));
            return null;
        }
        else if (meetsTwin)
        {
            await _twin.Task.WaitAsync(cancellationToken);
        }

        try
        {
            return Repeated("warm", revision, Wrong.SecondWarmFails) ?? await MakeAsync(environment, revision, cancellationToken);
        }
        catch (IOException error)
        {
            _isStuck = wrong == Wrong.NeverConverges;
            var text = wrong == Wrong.LeaksIntoError ? $"{error.Message} ({Marker})" : error.Message;
            return wrong == Wrong.HidesTransientErrors ? null : new DeployerRefusal.Provider(text);
        }
        finally
        {
            if (wrong is not (Wrong.ConcurrentWarmDoubles or Wrong.ConcurrentWarmFails))
            {
                _one.Release();
            }
            else
            {
                Interlocked.Decrement(ref _underWay);
            }
        }
    }

    public Task<Refusal?> DrainRevisionAsync(EnvironmentDocument environment, RevisionId revision, CancellationToken cancellationToken)
    {
        var refused = wrong == Wrong.DrainsUnknownRevision ? null : Unknown(environment, revision) ?? Repeated("drain", revision, Wrong.SecondDrainFails);
        if (wrong == Wrong.DrainTearsDown && refused is null)
        {
            provider?.Remove(Object(environment, revision, "worker").Name);
        }

        return Task.FromResult(refused);
    }

    public Task<Refusal?> ArchiveRevisionAsync(EnvironmentDocument environment, RevisionId revision, JsonElement? answers, CancellationToken cancellationToken)
    {
        if ((Unknown(environment, revision) ?? Strange(answers)) is { } refused)
        {
            return Task.FromResult<Refusal?>(refused);
        }

        if (provider is null)
        {
            return Task.FromResult<Refusal?>(wrong == Wrong.SucceedsWithoutClient ? null : new DeployerRefusal.Provider("no client configured"));
        }

        _archived.Add(revision);
        var own = provider.List().Where(found => found.Environment == environment.EnvironmentId && found.Revision == revision).ToList();
        if (wrong == Wrong.ArchiveOfAbsentFails && own.Count == 0 && revision == ConformanceFixture.RevisionA1)
        {
            return Task.FromResult<Refusal?>(new DeployerRefusal.Provider("there is nothing"));
        }

        foreach (var found in own.Where(found => wrong != Wrong.ArchiveLeavesObjects || !found.Name.EndsWith("service", StringComparison.Ordinal)))
        {
            provider.Remove(found.Name);
        }

        foreach (var found in provider.List().Where(found =>
            (wrong == Wrong.ArchiveTouchesOthers && found.Environment == environment.EnvironmentId && found.Revision != revision)
            || (wrong == Wrong.ArchiveTouchesOtherEnvironments && found.Environment != environment.EnvironmentId)))
        {
            provider.Remove(found.Name);
        }

        return Task.FromResult<Refusal?>(Repeated("archive", revision, Wrong.SecondArchiveFails));
    }

    public Task<Outcome<AppliedSplit>> ApplyTrafficSplitAsync(EnvironmentDocument environment, DeploymentId deployment, JsonElement? answers, CancellationToken cancellationToken)
    {
        if (!DeployerChecks.Find(environment, deployment).TryGet(out var split, out var refusal))
        {
            if (wrong == Wrong.CallsBeforeChecking)
            {
                provider?.List();
            }

            return Task.FromResult<Outcome<AppliedSplit>>((refusal, wrong) switch
            {
                (DeployerRefusal.InvalidSplit, Wrong.AcceptsBadSum) or (DeployerRefusal.SplitNotFound, Wrong.AcceptsMissingSplit) => new AppliedSplit(deployment, []),
                (DeployerRefusal.InvalidSplit, Wrong.BadSumIsProviderError) or (DeployerRefusal.SplitNotFound, Wrong.MissingSplitIsProviderError) => new DeployerRefusal.Provider("wrong"),
                _ => refusal,
            });
        }

        if ((Strange(answers) ?? Repeated(deployment, split.Entries)) is { } strange)
        {
            return Task.FromResult<Outcome<AppliedSplit>>(strange);
        }

        if (provider is null)
        {
            return Task.FromResult<Outcome<AppliedSplit>>(wrong == Wrong.SucceedsWithoutClient ? new AppliedSplit(deployment, split.Entries) : new DeployerRefusal.Provider("no client configured"));
        }

        return Task.FromResult(PutInForce(environment, deployment, split));
    }

    public Task<Outcome<RuntimeConfig>> ReportRuntimeConfigAsync(EnvironmentDocument environment, CancellationToken cancellationToken)
    {
        var config = RuntimeProjection.Project(environment);
        return Task.FromResult<Outcome<RuntimeConfig>>(wrong == Wrong.DropsARevision ? config with { Revisions = config.Revisions.RemoveAt(1) } : config);
    }

    public void Dispose() => _one.Dispose();

    private Outcome<AppliedSplit> PutInForce(EnvironmentDocument environment, DeploymentId deployment, TrafficSplit split)
    {
        var there = provider!.List().Where(found => found.Environment == environment.EnvironmentId).Select(found => found.Revision).ToHashSet();
        if (split.Entries.FirstOrDefault(entry => !there.Contains(entry.RevisionId)) is { } missing)
        {
            if (wrong == Wrong.WritesPartOfASplit)
            {
                provider.Put(new ProviderObject($"env/{environment.EnvironmentId}/split", "half") { Environment = environment.EnvironmentId });
            }

            return new DeployerRefusal.Provider($"revision {missing.RevisionId} does not run: warm it first");
        }

        provider.Route(environment.EnvironmentId, deployment, split.Entries);
        if (wrong == Wrong.ApplyTouchesOthers && deployment == ConformanceFixture.DeploymentB)
        {
            provider.Route(environment.EnvironmentId, ConformanceFixture.DeploymentA, split.Entries);
        }

        if (wrong == Wrong.AlwaysAnswersA && deployment == ConformanceFixture.DeploymentB)
        {
            return new AppliedSplit(ConformanceFixture.DeploymentA, split.Entries);
        }

        return new AppliedSplit(deployment, wrong == Wrong.RoundsShares ? [.. split.Entries.Select(entry => entry with { WeightBps = (entry.WeightBps + 50) / 100 * 100 })] : split.Entries);
    }

    private async Task<Refusal?> MakeAsync(EnvironmentDocument environment, RevisionId revision, CancellationToken cancellationToken)
    {
        var existing = provider!.List().Select(found => found.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var part in (string[])["worker", "service"])
        {
            var wanted = Object(environment, revision, part);
            if (!existing.Contains(wanted.Name) || wrong == Wrong.SecondWarmChangesState)
            {
                provider.Put(wrong == Wrong.SecondWarmChangesState && existing.Contains(wanted.Name) ? wanted with { Content = $"{wanted.Content} again" } : wanted);
            }

        }

        if (wrong == Wrong.WarmTouchesOthers)
        {
            foreach (var other in provider.List().Where(found => found.Revision != revision && found.Environment == environment.EnvironmentId))
            {
                provider.Put(other with { Content = "touched" });
            }
        }

        log.Add(wrong == Wrong.LeaksIntoLog ? $"made with {Marker}" : "made");
        return wrong == Wrong.NoHealthGate ? null : await GateAsync(revision, cancellationToken);
    }

    private async Task<Refusal?> GateAsync(RevisionId revision, CancellationToken cancellationToken)
    {
        var token = wrong == Wrong.IgnoresCancellation ? CancellationToken.None : cancellationToken;
        var timeout = wrong is Wrong.IgnoresCancellation or Wrong.LateTimeout ? TimeSpan.FromSeconds(wrong == Wrong.LateTimeout ? 40 : 8) : WarmTimeout;
        var until = TimeProvider.System.GetTimestamp();
        for (var asked = 1; !provider!.AskReady(); asked++)
        {
            if (TimeProvider.System.GetElapsedTime(until) > timeout)
            {
                return new DeployerRefusal.Provider(wrong == Wrong.VagueTimeout ? "it took too long" : $"revision {revision}: 0 of 1 ready after {asked} questions");
            }

            try
            {
                await Task.Delay(20, token);
            }
            catch (OperationCanceledException) when (wrong == Wrong.SwallowsCancellation)
            {
                return new DeployerRefusal.Provider($"revision {revision} was cancelled");
            }
        }

        return null;
    }

    private ProviderObject Object(EnvironmentDocument environment, RevisionId revision, string part)
    {
        var folded = environment.EnvironmentId.ToString().ToLowerInvariant().Replace('.', '-').Replace('_', '-');

        // Folded ids may be the same: the exact id decides, as a number.
        var suffix = wrong == Wrong.SharesNames ? "" : $"-{Convert.ToHexStringLower(System.Text.Encoding.UTF8.GetBytes(environment.EnvironmentId.ToString()))}";
        var name = wrong == Wrong.InvalidNames ? $"{environment.EnvironmentId}{suffix}/{revision}" : $"{folded}{suffix}/{revision.ToString().ToLowerInvariant()}";
        return new ProviderObject($"{name}/{part}", wrong == Wrong.LeaksIntoObject ? $"content {Marker}" : "content") { Environment = environment.EnvironmentId, Revision = revision };
    }

    private Refusal? Unknown(EnvironmentDocument environment, RevisionId revision)
    {
        if (DeployerChecks.Find(environment, revision).Refusal is not { } refusal)
        {
            return null;
        }

        if (wrong == Wrong.CallsBeforeChecking)
        {
            provider?.List();
        }

        return wrong == Wrong.UnknownRevisionIsProviderError ? new DeployerRefusal.Provider(refusal.Message) : refusal;
    }

    private DeployerRefusal.Provider? Strange(JsonElement? answers)
    {
        if (answers is not { } given || wrong == Wrong.AcceptsStrangeAnswers)
        {
            return null;
        }

        if (given.ValueKind != JsonValueKind.Object)
        {
            return new("the answers are no object");
        }

        return given.EnumerateObject().FirstOrDefault() is { Name: { } name } ? new(wrong == Wrong.ForgetsTheAnswersName ? "an answer is not known" : $"answer `{name}` is not known") : null;
    }

    private DeployerRefusal.Provider? Repeated(string verb, RevisionId revision, Wrong which)
    {
        var key = $"{verb} {revision}";
        _times[key] = _times.GetValueOrDefault(key) + 1;
        return wrong == which && _times[key] == 2 ? new("already done") : null;
    }

    private DeployerRefusal.Provider? Repeated(DeploymentId deployment, ImmutableArray<TrafficShare> shares)
    {
        var key = $"apply {deployment} {shares[0].WeightBps}";
        _times[key] = _times.GetValueOrDefault(key) + 1;
        var which = deployment == ConformanceFixture.DeploymentA ? Wrong.SecondSplitAFails : Wrong.SecondSplitBFails;
        return wrong == which && _times[key] == 2 ? new("already applied") : null;
    }
}
