using Gtc.Model;

namespace Gtc.Store;

/// <summary>Says whether an earlier document may follow the present one, under the environment's lock: what was revoked since gets no traffic back.</summary>
/// <param name="present">The document as it is.</param>
/// <param name="restored">The document that is to be.</param>
/// <param name="change">The change.</param>
/// <returns>The document; or why it may not.</returns>
public delegate Outcome<EnvironmentDocument> DocumentCheck(EnvironmentDocument present, EnvironmentDocument restored, MutationContext change);
