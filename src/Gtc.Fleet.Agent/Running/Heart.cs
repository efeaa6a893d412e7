using Gtc.Fleet.Contracts;

namespace Gtc.Fleet.Agent.Running;

/// <summary>Says who the device is, and that it lives.</summary>
internal sealed class Heart(AgentShell shell)
{
    private const int LeastSeconds = 1;
    private const int MostSeconds = 3600;
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(5);
    private volatile bool _isConnected;
    private volatile bool _isIntroduced;
    private long _seq;

    /// <summary>The broker is there, or away.</summary>
    public void SetConnected(bool isConnected) => _isConnected = isConnected;

    /// <summary>Says who the device is and gives a sign of life.</summary>
    public async Task IntroduceAsync(CancellationToken cancellationToken)
    {
        var device = shell.Config.Device;
        var introduction = new DeviceInfo
        {
            DeviceId = device,
            Labels = shell.Config.Labels,
            Inventory = Device.HostFacts.Inventory(shell.Ports.Version),
            UpdatedAt = shell.Ports.Time.GetUtcNow(),
        };
        _isIntroduced = await shell.Ports.Broker.PutAsync(FleetBuckets.DeviceDetails, KvKeys.Info(device), introduction.ToBytes(), cancellationToken) is null;
        await BeatAsync(cancellationToken);
    }

    /// <summary>
    /// Gives signs of life until it is cancelled. One that is lost is not sent later: it would say nothing. Who the device is, is said again until the broker has it: a device
    /// may be there before the operator has made the buckets.
    /// </summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var pushed = shell.Store.Manifest?.HeartbeatSeconds;
            var pause = pushed is { } seconds ? TimeSpan.FromSeconds(Math.Clamp(seconds, LeastSeconds, MostSeconds)) : shell.Config.Heartbeat;
            await Task.Delay(_isIntroduced || pause < Retry ? pause : Retry, shell.Ports.Time, cancellationToken);
            if (_isConnected)
            {
                await (_isIntroduced ? BeatAsync(cancellationToken) : IntroduceAsync(cancellationToken));
            }
        }
    }

    private async Task BeatAsync(CancellationToken cancellationToken)
    {
        var beat = new Heartbeat
        {
            DeviceId = shell.Config.Device,
            At = shell.Ports.Time.GetUtcNow(),
            BootId = Device.HostFacts.BootId(),
            InstanceId = shell.Store.InstanceId,
            Seq = Interlocked.Increment(ref _seq),
            UptimeSeconds = Device.HostFacts.UptimeSeconds(),
            ManifestRev = shell.Store.Manifest?.Rev,
        };
        await shell.Ports.Broker.PutAsync(FleetBuckets.DeviceHeartbeat, KvKeys.Heartbeat(shell.Config.Device), beat.ToBytes(), cancellationToken);
    }
}
