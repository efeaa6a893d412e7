using Gtc.Model;

namespace Gtc.Store;

/// <summary>An environment that is about to end, without its audit log: that stays where it is, may be of any length, and nobody waits for it to be copied.</summary>
/// <param name="Image">Everything else. Its log has the lines of the keys that stand and no others, or none where the keys stay too.</param>
/// <param name="AuditLines">How many lines the log has.</param>
/// <param name="AuditHead">The hash of the last one; null without one.</param>
public sealed record EndingEnvironment(EnvironmentImage Image, long AuditLines, string? AuditHead)
{
    /// <summary>Why an environment is not kept: what lies beside its document is too large.</summary>
    public static Refusal.Conflict TooLarge(EnvId environment, long mostBytes) =>
        new($"what lies beside the document of environment `{environment}` has more than {mostBytes:N0} bytes, the most of a final backup: it ends without one by force");
}
