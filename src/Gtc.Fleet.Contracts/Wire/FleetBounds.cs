namespace Gtc.Fleet.Contracts;

/// <summary>How much of everything there may be. What is longer is cut by the writer and refused by the reader.</summary>
public static class FleetBounds
{
    /// <summary>Bytes of a value in a bucket, 64 KiB.</summary>
    public const int MaxValueBytes = 64 * 1024;

    /// <summary>Characters (UTF-16) of an error or of an event's message.</summary>
    public const int MaxErrorLength = 512;

    /// <summary>Events in a ring, and in the state of a deployment.</summary>
    public const int MaxEvents = 32;

    /// <summary>Bytes of the contents of all files of a score, 48 KiB.</summary>
    public const int MaxFileBytes = 48 * 1024;

    /// <summary>Services of a score.</summary>
    public const int MaxServices = 32;

    /// <summary>Labels of a device.</summary>
    public const int MaxLabels = 64;

    /// <summary>Devices that a status names as failed.</summary>
    public const int MaxFailedDevices = 10;

    /// <summary>Nesting of a payload, members that nobody knows included.</summary>
    public const int MaxDepth = 16;
}
