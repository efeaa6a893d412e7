using System.Threading.Channels;
using Gtc.Fleet.Agent.Configuration;
using Gtc.Fleet.Agent.Reconciling;
using Gtc.Fleet.Contracts;
using Gtc.Podman;

namespace Gtc.Fleet.Agent.Running;

/// <summary>What a worker has to bring about.</summary>
/// <param name="Desired">The deployment, or null when its score cannot be used or it is to go.</param>
/// <param name="Hash">The hash of its bytes, or null when it is to go.</param>
/// <param name="Problem">Why its score cannot be used: what runs is left alone.</param>
internal sealed record WorkTarget(DesiredDeployment? Desired, string? Hash, string? Problem)
{
    /// <summary>The deployment is to go.</summary>
    public static WorkTarget Gone { get; } = new(null, null, null);
}

/// <summary>Looks after one deployment: wakes when something changed, tries again when something failed, and is cut off when it is to be something else.</summary>
internal sealed partial class DeploymentWorker
{
    private readonly DeploymentName _name;
    private readonly AgentShell _shell;
    private readonly Reconciler _reconciler;
    private readonly Readiness _readiness;
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly Lock _gate = new();
    private readonly CrashLoop _crashes = new();
    private WorkTarget _target = WorkTarget.Gone;
    private bool _isAimed;
    private CancellationTokenSource? _attempt;
    private (string Container, int ExitCode)? _looping;
    private long _quietUntil;
    private int _failures;

    public DeploymentWorker(DeploymentName name, AgentShell shell, Reconciler reconciler)
    {
        _name = name;
        _shell = shell;
        _reconciler = reconciler;
        _readiness = new Readiness(shell);
    }

    /// <summary>The hash of the score that it aims at; null when the deployment is to go.</summary>
    public string? Hash
    {
        get
        {
            lock (_gate)
            {
                return _target.Hash;
            }
        }
    }

    private TimeProvider Time => _shell.Ports.Time;

    private long Nanos => (Time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100;

    /// <summary>Says what it has to be from now on. An attempt at something else is given up.</summary>
    public void Aim(WorkTarget target)
    {
        lock (_gate)
        {
            if (_isAimed && _target.Hash == target.Hash && _target.Problem == target.Problem)
            {
                return;
            }

            _isAimed = true;
            _target = target;
            _failures = 0;
            _looping = null;
            _attempt?.Cancel();
        }

        if (target.Desired is { } desired)
        {
            _shell.Claims[_name] = [.. desired.Services.SelectMany(service => service.Ports)];
            _shell.Images[_name] = [.. desired.Services.SelectMany(service => ImageSources.Of(service.Service.Image, _shell.Config.Registries)).Select(source => source.Reference)];
        }
        else if (target.Hash is null)
        {
            _shell.Claims.TryRemove(_name, out _);
            _shell.Images.TryRemove(_name, out _);
        }

        Wake();
    }

    /// <summary>Looks soon.</summary>
    public void Wake() => _wake.Writer.TryWrite(true);

    /// <summary>Looks soon, whatever failed before.</summary>
    public void Retry()
    {
        lock (_gate)
        {
            _failures = 0;
        }

        Wake();
    }

    /// <summary>Something happened to a container; it may be one of this deployment.</summary>
    public void Saw(ContainerEvent happened)
    {
        lock (_gate)
        {
            if (_target.Desired is not { } desired || !desired.Services.Any(service => ContainerSpecs.NameOf(_name, service.Name) == happened.Container))
            {
                return;
            }

            if (happened.Action == "died" && happened.TimeNanos > _quietUntil && _crashes.Ended(happened.Container, happened.TimeNanos))
            {
                _looping = (happened.Container, happened.ExitCode);
            }
        }

        if (happened.Action is "died" or "remove" or "health_status" or "stop")
        {
            Wake();
        }
    }

    /// <summary>Works until the deployment is gone or it is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        TimeSpan? pause = null;
        while (true)
        {
            await WaitAsync(pause, cancellationToken);
            WorkTarget target;
            CancellationTokenSource attempt;
            lock (_gate)
            {
                target = _target;
                attempt = _attempt = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            }

            try
            {
                pause = await AttemptAsync(target, attempt.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                // It is to be something else now.
                pause = TimeSpan.Zero;
            }
            finally
            {
                lock (_gate)
                {
                    _attempt = null;
                    attempt.Dispose();
                }
            }

            if (IsOver(target, pause))
            {
                return;
            }
        }
    }

    private bool IsOver(WorkTarget target, TimeSpan? pause)
    {
        lock (_gate)
        {
            return target.Hash is null && pause is null && _target.Hash is null;
        }
    }

    /// <summary>Waits until it is woken or a pause is over; then a moment, since changes come together.</summary>
    private async Task WaitAsync(TimeSpan? pause, CancellationToken cancellationToken)
    {
        if (pause is { } due)
        {
            using var limit = new CancellationTokenSource(due, Time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
            try
            {
                await _wake.Reader.WaitToReadAsync(either.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                return;
            }
        }
        else
        {
            await _wake.Reader.WaitToReadAsync(cancellationToken);
        }

        await Task.Delay(_shell.Ports.Coalescing, Time, cancellationToken);
        _wake.Reader.TryRead(out _);
    }
}
