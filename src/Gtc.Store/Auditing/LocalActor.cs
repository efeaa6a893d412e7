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

    /// <summary>Every local caller may; the policy says why.</summary>
    public static AuditAuthorization Authorize(EnvId environment) => environment == EnvId.Local
        ? new("allow", "local-only", "the local environment belongs to the user of this machine")
        : new("allow", "local-owner", "whoever owns the store's files may change the named environment");
}
