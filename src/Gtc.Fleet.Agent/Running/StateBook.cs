using System.Threading.Channels;
using Gtc.Fleet.Agent.Reconciling;
using Gtc.Fleet.Agent.Storage;
using Gtc.Fleet.Contracts;
using Microsoft.Extensions.Logging;

namespace Gtc.Fleet.Agent.Running;

/// <summary>
/// What the device says of its deployments, and what of that the broker does not have yet: of each deployment only the newest (fleet.md §8.4).
/// It is on disk before it is told, so that counts go on after a power cut. Safe for several threads.
/// </summary>
internal sealed partial class StateBook(DeviceId device, LocalStore store, TimeProvider time, ILogger log)
{
    private const int MaxEvents = 16;
    private readonly Lock _gate = new();
    private readonly Dictionary<DeploymentName, StoredState> _states = store.ReadStates();
    private readonly Channel<bool> _changed = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>Says that there may be something to send.</summary>
    public ChannelReader<bool> Changed => _changed.Reader;

    /// <summary>What is remembered of a deployment.</summary>
    public StoredState Read(DeploymentName name)
    {
        lock (_gate)
        {
            return _states.GetValueOrDefault(name) ?? StoredState.None;
        }
    }

    /// <summary>Everything that is remembered, by name.</summary>
    public List<KeyValuePair<DeploymentName, StoredState>> All()
    {
        lock (_gate)
        {
            return [.. _states.OrderBy(pair => pair.Key)];
        }
    }

    /// <summary>What the broker does not have yet.</summary>
    public List<KeyValuePair<DeploymentName, StoredState>> Unsent()
    {
        lock (_gate)
        {
            return [.. _states.Where(pair => !pair.Value.IsSent).OrderBy(pair => pair.Key)];
        }
    }

    /// <summary>Notes a phase.</summary>
    /// <returns>True when it is new and will be told.</returns>
    public bool Report(DeploymentName name, DeploymentPhase phase, string? error, string? hash)
    {
        error = error is null ? null : BoundedText.Error(error);
        lock (_gate)
        {
            var before = _states.GetValueOrDefault(name) ?? StoredState.None;
            var told = before.IsRemoved ? null : before.Told;
            if (!Phases.IsNew(told?.Phase, told?.ScoreHash, told?.LastError, phase, hash, error))
            {
                return false;
            }

            var now = time.GetUtcNow();
            var happened = new DeviceEvent
            {
                At = now,
                Severity = phase == DeploymentPhase.Failed ? EventSeverity.Error : EventSeverity.Info,
                Message = phase == DeploymentPhase.Failed ? error ?? "failed" : phase.ToString(),
            };
            var next = new DeploymentState
            {
                DeviceId = device,
                Deployment = name,
                Phase = phase,
                LastEventAt = now,
                LastError = error,
                ScoreHash = hash,
                Seq = (before.Told?.Seq ?? 0) + 1,
                RecentEvents = [.. (told?.RecentEvents ?? []).TakeLast(MaxEvents - 1), happened],
            };
            Keep(name, before with { Told = next, IsSent = false, IsRemoved = false });
        }

        Nudge();
        return true;
    }

    /// <summary>Notes that all containers of a score were started.</summary>
    public void Applied(DeploymentName name, string? hash)
    {
        lock (_gate)
        {
            var before = _states.GetValueOrDefault(name) ?? StoredState.None;
            if (before.AppliedHash != hash)
            {
                Keep(name, before with { AppliedHash = hash });
            }
        }
    }

    /// <summary>Notes that a deployment is gone.</summary>
    public void Removed(DeploymentName name)
    {
        lock (_gate)
        {
            Keep(name, (_states.GetValueOrDefault(name) ?? StoredState.None) with { AppliedHash = null, IsSent = false, IsRemoved = true });
        }

        Nudge();
    }

    /// <summary>Notes that the broker has what was told; nothing when something newer is there.</summary>
    public void Sent(DeploymentName name, StoredState sent)
    {
        lock (_gate)
        {
            if (!_states.TryGetValue(name, out var now) || now.IsRemoved != sent.IsRemoved || now.Told?.Seq != sent.Told?.Seq)
            {
                return;
            }

            if (now.IsRemoved)
            {
                _states.Remove(name);
                store.RemoveState(name);
            }
            else
            {
                Keep(name, now with { IsSent = true });
            }
        }
    }

    /// <summary>The broker lost what it was told.</summary>
    public void Lost(DeploymentName name)
    {
        lock (_gate)
        {
            if (_states.TryGetValue(name, out var now))
            {
                _states[name] = now with { IsSent = false };
            }
        }

        Nudge();
    }

    /// <summary>Lets whoever sends look again.</summary>
    public void Nudge() => _changed.Writer.TryWrite(true);

    private void Keep(DeploymentName name, StoredState state)
    {
        _states[name] = state;
        try
        {
            store.SaveState(name, state);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // It is told all the same; only after a power cut it would be told twice.
            Log.NotKept(log, name.Value, error.Message);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(4929, LogLevel.Warning, "The state of {Deployment} cannot be kept: {Reason}")]
        public static partial void NotKept(ILogger logger, string deployment, string reason);
    }
}
