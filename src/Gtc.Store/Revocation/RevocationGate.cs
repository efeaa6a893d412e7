using Gtc.Model;

namespace Gtc.Store;

/// <summary>What every change of an environment in files is held against that gives revisions traffic: a typed share, a deploy, and a document that comes back.</summary>
public static class RevocationGate
{
    /// <summary>A change that gives no revision more traffic that was revoked. To be asked inside the change, so that nothing is taken back in between.</summary>
    /// <param name="before">The environment as it is.</param>
    /// <param name="after">The environment as it is to be.</param>
    /// <param name="change">The change.</param>
    /// <param name="variable">The process's variables, which may narrow the keys that are believed (<see cref="RevisionTrust"/>).</param>
    /// <returns>The environment as it is to be, or why not.</returns>
    public static Outcome<EnvironmentDocument> Routed(EnvironmentDocument? before, EnvironmentDocument after, MutationContext change, Func<string, string?> variable)
    {
        ArgumentNullException.ThrowIfNull(after);
        ArgumentNullException.ThrowIfNull(change);
        return RevocationList.RefuseGains(
            document => RevocationList.Load(change.Files, document),
            before,
            after,
            revision => RevisionTrust.Load(change.Files, variable).Then(trust => RevisionSigner.Verify(change.Files, after, revision, trust, change.Now))) is { } refusal ? refusal : after;
    }
}
