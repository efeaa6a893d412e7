namespace Gtc.Model;

/// <summary>How a walk through a revision's life ended.</summary>
/// <param name="Document">The document after; the same as before when the revision was there already.</param>
/// <param name="Revision">The revision after.</param>
/// <param name="StartingLifecycle">Where it was before.</param>
public sealed record WalkedRevision(EnvironmentDocument Document, Revision Revision, RevisionLifecycle StartingLifecycle);

/// <summary>How a warm ended.</summary>
/// <param name="Document">The document to save, in both cases.</param>
/// <param name="Revision">The revision after.</param>
/// <param name="StartingLifecycle">Where it was before.</param>
/// <param name="GateFailure">Why it failed although the change is saved, or null.</param>
public sealed record WarmedRevision(EnvironmentDocument Document, Revision Revision, RevisionLifecycle StartingLifecycle, Refusal? GateFailure);
