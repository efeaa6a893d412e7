using Gtc.Model;

namespace Gtc.Deployers.Fleet;

/// <summary>One device before shares are given out.</summary>
/// <param name="Id">Its id, by which it falls on a slot.</param>
/// <param name="Runs">The revision that it runs now; null for none.</param>
/// <param name="Remembered">The revision that its label names, which it may not run any more; null for none.</param>
public readonly record struct DeviceSeat(string Id, RevisionId? Runs, RevisionId? Remembered);
