namespace Gtc.Fleet.Operator;

public sealed partial class FleetTables
{
    /// <summary>Devices of a page of a checkpoint.</summary>
    internal const int DevicesPerPage = 4096;

    private readonly HashSet<int> _dirtyDevicePages = [];

    private void MarkDevice(int device) => _dirtyDevicePages.Add(device / DevicesPerPage);
}
