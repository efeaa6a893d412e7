using Gtc.Model;

namespace Gtc.Store;

/// <summary>Who acts on a local store, and by which right (store.md §5.4): its boundary is who owns the files.</summary>
internal static class LocalActor
{
    /// <summary>The login name and user id of this process.</summary>
    public static AuditActor Current() => new(
        "local-user",
        Environment.GetEnvironmentVariable("USER") is { Length: > 0 } user ? user : Environment.GetEnvironmentVariable("USERNAME"),
        LibC.UserId());

    /// <summary>What is recorded of the decision.</summary>
    /// <param name="environment">The environment.</param>
    /// <param name="refusal">Why the attempt was refused, or null.</param>
    public static AuditAuthorization Authorize(EnvId environment, Refusal? refusal)
    {
        var policy = environment == EnvId.Local ? "local-only" : "local-owner";
        return refusal is Refusal.Unauthorized denied ? new("deny", policy, denied.Message)
            : environment == EnvId.Local
            ? new("allow", policy, "the local environment belongs to the user of this machine")
            : new("allow", policy, "whoever owns the store's files may change the named environment");
    }
}
