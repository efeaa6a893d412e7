using System.Collections.Immutable;

namespace Gtc.Conformance;

/// <summary>The driving test of every deployer (deployers-and-conformance.md §12, §13). It runs every check, each on a fresh subject, and tells all failures.</summary>
public sealed class ConformanceSuite
{
    /// <summary>The clock; it measures and bounds the checks.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>The most that one check may take before it has failed.</summary>
    public TimeSpan MostPerCheck { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Told of each check as it ends, e.g. to show progress.</summary>
    public Action<CheckResult> Ended { get; init; } = static _ => { };

    /// <summary>Runs all checks.</summary>
    /// <param name="target">What is tested.</param>
    /// <param name="cancellationToken">Stops the suite.</param>
    public Task<ConformanceReport> RunAsync(IConformanceTarget target, CancellationToken cancellationToken) =>
        RunAsync(target, ConformanceCheck.All, cancellationToken);

    /// <summary>Runs some checks.</summary>
    /// <param name="target">What is tested.</param>
    /// <param name="checks">Which of <see cref="ConformanceCheck.All"/>.</param>
    /// <param name="cancellationToken">Stops the suite.</param>
    public async Task<ConformanceReport> RunAsync(IConformanceTarget target, IEnumerable<ConformanceCheck> checks, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(checks);
        var results = ImmutableArray.CreateBuilder<CheckResult>();
        foreach (var check in checks)
        {
            var result = await RunAsync(target, check, cancellationToken);
            results.Add(result);
            Ended(result);
        }

        return new ConformanceReport(target.Name, target.Capabilities, results.ToImmutable());
    }

    private async Task<CheckResult> RunAsync(IConformanceTarget target, ConformanceCheck check, CancellationToken cancellationToken)
    {
        var began = Time.GetTimestamp();
        using var patience = new CancellationTokenSource(MostPerCheck, Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        var passed = new CheckResult { Id = check.Id, Title = check.Title, Status = CheckStatus.Passed, ElapsedMs = 0 };
        CheckResult result;
        try
        {
            result = await RunAsync(target, check, passed, either.Token);
        }
        catch (CheckFailed failed)
        {
            result = passed with { Status = CheckStatus.Failed, Failure = failed.Code, Verb = failed.Verb, Message = failed.Message };
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            result = passed with { Status = CheckStatus.Failed, Failure = "TimedOut", Message = $"it did not end within {MostPerCheck.TotalSeconds:F0} s" };
        }
        catch (Exception error) when (error is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            // Whatever a third party's deployer throws is a finding about it, and must not hide the other findings.
            result = passed with { Status = CheckStatus.Failed, Failure = "Threw", Message = $"{error.GetType().Name}: {error.Message}" };
        }

        return result with { ElapsedMs = Time.GetElapsedTime(began).TotalMilliseconds };
    }

    private async Task<CheckResult> RunAsync(IConformanceTarget target, ConformanceCheck check, CheckResult passed, CancellationToken cancellationToken)
    {
        await using var subject = await target.CreateAsync(cancellationToken);
        var run = new CheckRun(target.Capabilities, subject, Time, cancellationToken);
        if (check.Excuse(run) is { } excuse)
        {
            return passed with { Status = CheckStatus.NotApplicable, Message = excuse };
        }

        await check.RunAsync(run);
        return passed;
    }
}
