namespace Gtc.Fleet.Operator;

/// <summary>A device that reports and has no resource.</summary>
/// <param name="Device">Its id.</param>
/// <param name="Sequence">The newest of its reports.</param>
/// <param name="Reports">How many there are.</param>
public sealed record UnknownDevice(string Device, long Sequence, int Reports);

public sealed partial class FleetTables
{
    /// <summary>Whether a device has an object.</summary>
    public bool HasDevice(string id) => _deviceNames.Find(System.Text.Encoding.UTF8.GetBytes(id)) is >= 0 and var device && _index.Knows(device);

    /// <summary>Devices without an object whose reports are to go: those that said nothing since, and those with the oldest reports when there are too many.</summary>
    /// <param name="sequence">Whoever reported later is spared by age.</param>
    /// <param name="atMost">So many reports may stay.</param>
    public IReadOnlyList<UnknownDevice> UnknownDevices(long sequence, int atMost)
    {
        var unknown = new Dictionary<int, (long Newest, int Reports, bool HasEntry)>();
        foreach (var (device, _, row) in _pairs.All())
        {
            if (!_index.Knows(device))
            {
                var (newest, reports, hasEntry) = unknown.GetValueOrDefault(device);
                unknown[device] = (Math.Max(newest, row.Sequence), reports + 1, hasEntry || row.HasEntry);
            }
        }

        var gone = new List<UnknownDevice>();
        var left = unknown.Values.Sum(device => (long)device.Reports);

        // What was written for a device is deleted first; its row says so.
        foreach (var (device, (newest, reports, _)) in unknown.Where(device => !device.Value.HasEntry && device.Value.Newest > 0).OrderBy(device => device.Value.Newest))
        {
            if (newest > sequence && left <= atMost)
            {
                break;
            }

            gone.Add(new UnknownDevice(_deviceNames.Text(device), newest, reports));
            left -= reports;
        }

        return gone;
    }

    /// <summary>The reports of a device are gone from the broker, unless it got an object meanwhile: what is known of it goes, except what it said since.</summary>
    public void EvictUnknown(UnknownDevice unknown)
    {
        ArgumentNullException.ThrowIfNull(unknown);
        var device = _deviceNames.Find(System.Text.Encoding.UTF8.GetBytes(unknown.Device));
        for (var number = 0; device >= 0 && number < _deployments.Length; number++)
        {
            if (_deployments[number]?.Rows.Contains(device) == true && _pairs[device, number] is { HasEntry: false } row && row.Sequence <= unknown.Sequence)
            {
                Change(device, number, row, row.IsMatched ? row.Reported(Phase.None, 0, row.Sequence) : default);
            }
        }
    }
}
