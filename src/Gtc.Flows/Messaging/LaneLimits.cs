namespace Gtc.Flows;

/// <summary>How much shared lanes keep, and how long a lane is a worker's.</summary>
/// <param name="MaxMessages">Messages that may wait.</param>
/// <param name="MaxBytes">Their bytes.</param>
/// <param name="KeysKept">How many keys are remembered; older ones are forgotten.</param>
/// <param name="Lease">How long a lane stays a worker's that does not renew it.</param>
/// <param name="Grace">How long a lane that nobody has waits for a worker of its first message's tag, before any other takes it.</param>
public sealed record LaneLimits(int MaxMessages, long MaxBytes, int KeysKept, TimeSpan Lease, TimeSpan Grace);
