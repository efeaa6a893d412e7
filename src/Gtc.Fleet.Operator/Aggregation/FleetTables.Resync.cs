namespace Gtc.Fleet.Operator;

public sealed partial class FleetTables
{
    private Dictionary<int, DeviceSet>? _told;

    /// <summary>
    /// Every report is about to be told again, because changes in between were lost. The old counters stand until each report has come.
    /// </summary>
    /// <param name="isNewStream">Whether sequences begin anew.</param>
    public void BeginReports(bool isNewStream)
    {
        _told = [];
        _floor = isNewStream ? 0 : _floor;
        foreach (var (device, number, row) in isNewStream ? _pairs.All().ToList() : [])
        {
            Change(device, number, row, row.Reported(row.Phase, row.Hash, sequence: 0));
        }

        foreach (var row in isNewStream ? _deployments.OfType<DeploymentRow>() : [])
        {
            row.Reason.Clear();
        }
    }

    /// <summary>All reports were told: pairs that none spoke of have none.</summary>
    /// <param name="sequence">The stream's last sequence.</param>
    public void EndReports(long sequence)
    {
        var told = _told ?? [];
        _told = null;
        foreach (var (device, number, row) in _pairs.All().Where(pair => pair.Row.Phase != Phase.None && !(told.GetValueOrDefault(pair.Deployment)?.Contains(pair.Device) ?? false)).ToList())
        {
            Change(device, number, row, row.Reported(Phase.None, 0, sequence));
        }
    }

    private void Tell(int device, int number)
    {
        if (_told is not { } told)
        {
            return;
        }

        if (!told.TryGetValue(number, out var devices))
        {
            told.Add(number, devices = new DeviceSet());
        }

        devices.Add(device);
    }
}
