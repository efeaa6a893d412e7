using Gtc.Fleet.Agent.Reconciling;
using Gtc.Fleet.Contracts;
using Microsoft.Extensions.Logging;

namespace Gtc.Fleet.Agent.Running;

/// <content>One attempt: at applying, at removing, and at calming a container that ends again and again.</content>
internal sealed partial class DeploymentWorker
{
    /// <returns>When to try again; null to wait until something changes.</returns>
    private async Task<TimeSpan?> AttemptAsync(WorkTarget target, CancellationToken cancellationToken)
    {
        AgentError? failed;
        try
        {
            failed = target switch
            {
                { Hash: null } => await RemoveAsync(cancellationToken),
                { Desired: { } desired } => await ApplyAsync(desired, cancellationToken),
                _ => new AgentError(target.Problem ?? "the score cannot be used"),
            };
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            failed = new AgentError($"the agent's folder cannot be written: {error.Message}");
        }

        if (failed is null)
        {
            lock (_gate)
            {
                _failures = 0;
            }

            return null;
        }

        _shell.Step(AgentStep.Report);
        if (target.Hash is not null && _shell.Book.Report(_name, DeploymentPhase.Failed, failed.Message, target.Hash))
        {
            Log.Failed(_shell.Ports.Log, _name.Value, failed.Message);
            _shell.Tell(EventSeverity.Error, failed.Message, _name);
        }

        // A score that cannot be used is not better the second time.
        return target.Problem is null ? Backoff.After(CountFailure(), _shell.Ports.Random()) : null;
    }

    private int CountFailure()
    {
        lock (_gate)
        {
            return ++_failures;
        }
    }

    private async Task<AgentError?> ApplyAsync(DesiredDeployment desired, CancellationToken cancellationToken)
    {
        if (TakeLooping() is var (container, exitCode))
        {
            return await CalmAsync(container, exitCode, cancellationToken);
        }

        bool isFresh;
        await _shell.Slots.WaitAsync(cancellationToken);
        try
        {
            if (!(await _reconciler.ApplyAsync(desired, cancellationToken)).TryGet(out isFresh, out var failed))
            {
                return failed;
            }
        }
        finally
        {
            _shell.Slots.Release();
        }

        if (isFresh)
        {
            StartAnew(desired);
        }

        var told = _shell.Book.Read(_name).Told;
        var isKnown = told is { Phase: DeploymentPhase.Running } && told.ScoreHash == desired.Hash;
        if (await _readiness.CheckAsync(desired, isFresh || !isKnown, cancellationToken) is { } unwell)
        {
            return unwell;
        }

        _shell.Step(AgentStep.Report);
        if (_shell.Book.Report(_name, DeploymentPhase.Running, null, desired.Hash))
        {
            Log.Runs(_shell.Ports.Log, _name.Value);
            _shell.Tell(EventSeverity.Info, "runs", _name);
        }

        return null;
    }

    /// <summary>Ends of containers that were removed on purpose count for nobody.</summary>
    private void StartAnew(DesiredDeployment desired)
    {
        lock (_gate)
        {
            _quietUntil = Nanos;
            foreach (var service in desired.Services)
            {
                _crashes.Forget(ContainerSpecs.NameOf(_name, service.Name));
            }
        }
    }

    private (string Container, int ExitCode)? TakeLooping()
    {
        lock (_gate)
        {
            var looping = _looping;
            _looping = null;
            return looping;
        }
    }

    /// <summary>podman would start it again without a pause, many times a second: it is stopped, and started again after the usual wait.</summary>
    private async Task<AgentError> CalmAsync(string container, int exitCode, CancellationToken cancellationToken)
    {
        var lastWords = await _readiness.LastWordsAsync(container, cancellationToken);
        await _shell.Ports.Podman.StopAsync(container, _shell.Ports.Grace, cancellationToken);
        lock (_gate)
        {
            _quietUntil = Nanos;
            _crashes.Forget(container);
        }

        return new AgentError($"{container} ends again and again, last with exit code {exitCode}{lastWords}");
    }

    private async Task<AgentError?> RemoveAsync(CancellationToken cancellationToken)
    {
        await _shell.Slots.WaitAsync(cancellationToken);
        try
        {
            if (await _reconciler.RemoveAsync(_name, cancellationToken) is { } failed)
            {
                return failed;
            }
        }
        finally
        {
            _shell.Slots.Release();
        }

        _shell.Step(AgentStep.ForgetGone);
        _shell.Store.TrimFiles(_name, []);
        _shell.Book.Removed(_name);
        _shell.Tell(EventSeverity.Info, "deployment deleted", _name);
        Log.Gone(_shell.Ports.Log, _name.Value);
        return null;
    }

    private static partial class Log
    {
        [LoggerMessage(4923, LogLevel.Information, "{Deployment} runs")]
        public static partial void Runs(ILogger logger, string deployment);

        [LoggerMessage(4924, LogLevel.Warning, "{Deployment} failed: {Reason}")]
        public static partial void Failed(ILogger logger, string deployment, string reason);

        [LoggerMessage(4925, LogLevel.Information, "{Deployment} is gone")]
        public static partial void Gone(ILogger logger, string deployment);
    }
}
