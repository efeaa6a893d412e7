using System.Collections.Immutable;
using Gtc.Fleet.Agent.Broker;
using Gtc.Fleet.Agent.CatchingUp;
using Gtc.Fleet.Agent.Storage;
using Gtc.Fleet.Contracts;
using Microsoft.Extensions.Logging;

namespace Gtc.Fleet.Agent.Running;

/// <summary>
/// Keeps the device's copy of what it has to run in step with the broker (fleet.md §4.4). Scores that come live wait for the manifest that names them, which is written last:
/// so a change of several deployments is taken over as a whole, and what was missed is fetched. Not safe for several threads.
/// </summary>
internal sealed partial class DesiredBook(AgentShell shell)
{
    private const int MaxStaged = 512;

    /// <summary>How long a broker has to stay with an older revision until it is believed.</summary>
    private static readonly TimeSpan OlderIsBelieved = TimeSpan.FromMinutes(4);

    private readonly Dictionary<DeploymentName, (LocalEntry Entry, byte[] Bytes)> _staged = [];
    private DateTimeOffset? _olderSince;

    private LocalStore Store => shell.Store;

    /// <summary>A score came live.</summary>
    public void Stage(DeploymentName name, byte[] bytes, long seq)
    {
        if (bytes.Length is 0 or > FleetBounds.MaxValueBytes || !CatchUp.IsNewer(seq, Store.Desired.GetValueOrDefault(name), _staged.GetValueOrDefault(name).Entry))
        {
            return;
        }

        if (_staged.Count >= MaxStaged)
        {
            // They are fetched when a manifest names them.
            _staged.Clear();
        }

        _staged[name] = (new LocalEntry(ScoreHash.Of(bytes), seq), bytes);
    }

    /// <summary>Reads the manifest from the broker and takes it over.</summary>
    /// <returns>What changed, or why nothing could be read.</returns>
    public async Task<AgentResult<DesiredChange>> RefreshAsync(CancellationToken cancellationToken)
    {
        switch (await shell.Ports.Broker.ReadDesiredAsync(KvKeys.Manifest(shell.Config.Device), cancellationToken))
        {
            case BrokerRead.Found { Bytes.Length: > 0 } found:
                return await TakeManifestAsync(found.Bytes, cancellationToken);
            case BrokerRead.Failed failed:
                return new AgentError($"the manifest cannot be read: {failed.Reason}");
            default:
                // No order to delete: what runs goes on until a manifest says otherwise.
                if (Store.Desired.Count > 0)
                {
                    Log.NoManifest(shell.Ports.Log, Store.Desired.Count);
                    shell.Tell(EventSeverity.Warn, "no manifest: the broker has none for this device; what runs goes on");
                }

                return DesiredChange.None;
        }
    }

    /// <summary>Takes over the bytes of a manifest, fetching what is missing.</summary>
    public async Task<AgentResult<DesiredChange>> TakeManifestAsync(byte[] bytes, CancellationToken cancellationToken)
    {
        if (!DeviceManifest.Parse(bytes).TryGet(out var manifest, out var error))
        {
            shell.Tell(EventSeverity.Warn, $"a manifest was not taken over: {error.Message}");
            return new AgentError(error.ToString());
        }

        var plan = CatchUp.Plan(manifest, Store.Manifest?.Rev, Store.Desired, _staged.ToDictionary(pair => pair.Key, pair => pair.Value.Entry), IsOlderBelieved(manifest));
        if (plan.IsStale)
        {
            return DesiredChange.None;
        }

        foreach (var name in plan.Apply)
        {
            var (entry, score) = _staged[name];
            if (Save(name, score, entry.Seq) is { } full)
            {
                return full;
            }
        }

        foreach (var name in plan.Fetch)
        {
            if (await FetchAsync(name, manifest.Entries[name].Hash, cancellationToken) is { } failed)
            {
                return failed;
            }

            shell.Progressed();
        }

        try
        {
            foreach (var name in plan.Remove)
            {
                Store.RemoveDesired(name);
            }

            Commit(manifest);
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            // Once the manifest can be kept, what was removed of the copy is found to be wanted by nobody.
            return NotKept("the manifest", failed);
        }

        return new DesiredChange(plan.Remove);
    }

    private void Commit(DeviceManifest manifest)
    {
        foreach (var name in _staged.Keys.Where(name => !manifest.Entries.TryGetValue(name, out var entry) || entry.Hash == _staged[name].Entry.Hash).ToList())
        {
            _staged.Remove(name);
        }

        if (Store.Manifest?.Rev != manifest.Rev || Store.Manifest.HeartbeatSeconds != manifest.HeartbeatSeconds)
        {
            shell.Step(AgentStep.SaveManifest);
            Store.SaveManifest(manifest);
        }
    }

    private bool IsOlderBelieved(DeviceManifest manifest)
    {
        if (!(Store.Manifest?.Rev > manifest.Rev))
        {
            _olderSince = null;
            return false;
        }

        if (_olderSince is null)
        {
            _olderSince = shell.Ports.Time.GetUtcNow();
            shell.Tell(EventSeverity.Warn, $"the broker has manifest {manifest.Rev}, this device has {Store.Manifest.Rev} already; it waits for a newer one");
        }

        return shell.Ports.Time.GetUtcNow() - _olderSince >= OlderIsBelieved;
    }

    /// <returns>Why the score cannot be had; null when it is here, or when a newer manifest will name what the broker has now.</returns>
    private async Task<AgentError?> FetchAsync(DeploymentName name, string hash, CancellationToken cancellationToken)
    {
        switch (await shell.Ports.Broker.ReadDesiredAsync(KvKeys.DesiredState(shell.Config.Device, name), cancellationToken))
        {
            case BrokerRead.Found { Bytes.Length: > 0 } found when ScoreHash.Of(found.Bytes) == hash:
                return Save(name, found.Bytes, found.Seq);
            case BrokerRead.Failed failed:
                return new AgentError($"the score of {name} cannot be read: {failed.Reason}");
            default:
                return new AgentError($"the broker's score of {name} is not the one that the manifest names; a newer manifest is on its way");
        }
    }

    private AgentError? Save(DeploymentName name, byte[] bytes, long seq)
    {
        shell.Step(AgentStep.SaveDesired);
        AgentError? error;
        try
        {
            error = Store.SaveDesired(name, bytes, seq);
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            error = NotKept("the score", failed);
        }

        if (error is not null)
        {
            // Whoever waits for the deployment is told why; what ran before goes on.
            shell.Book.Report(name, DeploymentPhase.Failed, error.Message, ScoreHash.Of(bytes));
        }

        return error;
    }

    private AgentError NotKept(string what, Exception failed)
    {
        var error = new AgentError($"{what} cannot be kept in {shell.Config.DataFolder}: {failed.Message}");
        shell.Tell(EventSeverity.Error, error.Message);
        return error;
    }

    private static partial class Log
    {
        [LoggerMessage(4926, LogLevel.Warning, "The broker has no manifest for this device, which runs {Count} deployment(s); they go on")]
        public static partial void NoManifest(ILogger logger, int count);
    }
}

/// <summary>What changed besides the scores, which are in the device's copy.</summary>
/// <param name="Removed">Deployments that are to go.</param>
internal sealed record DesiredChange(ImmutableArray<DeploymentName> Removed)
{
    public static DesiredChange None { get; } = new([]);
}
