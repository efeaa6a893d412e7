namespace Gtc.Flows;

/// <summary>How many sessions of one revision may wait, and how long.</summary>
/// <param name="Lifetime">How long a session waits.</param>
/// <param name="MaxSessions">Sessions at a time; beyond, those that were parked first are forgotten.</param>
/// <param name="MaxBytes">Bytes of all snapshots that one process keeps.</param>
public sealed record ParkingLimits(TimeSpan Lifetime, int MaxSessions, long MaxBytes)
{
    /// <summary>An hour, 16,384 sessions, 64 MiB.</summary>
    public static ParkingLimits Standard { get; } = new(TimeSpan.FromHours(1), 16_384, 64L << 20);
}
