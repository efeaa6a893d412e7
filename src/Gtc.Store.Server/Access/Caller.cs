using Gtc.Model;

namespace Gtc.Store.Server;

/// <summary>Who asks.</summary>
/// <param name="Actor">Who, for the audit log; without a user when it is a stranger or nobody in particular.</param>
/// <param name="Policy">Which policy knows.</param>
/// <param name="Rule">What is permitted; null where nothing is enforced.</param>
internal sealed record Caller(AuditActor Actor, string Policy, AccessRule? Rule)
{
    /// <summary>The policy of a server without tokens.</summary>
    public const string OpenPolicy = "open-dev";

    /// <summary>The policy of a server with a token file.</summary>
    public const string TokenPolicy = "static-tokens";

    /// <summary>Whoever asks a server without tokens.</summary>
    public static Caller Open { get; } = new(new AuditActor("store-server"), OpenPolicy, null);

    /// <summary>Who has no token, or one that nobody knows.</summary>
    public static AuditActor Stranger { get; } = new("anonymous");

    /// <summary>What is recorded of a permitted verb.</summary>
    public AuditAuthorization Allow(string noun, string verb) => new("allow", Policy, Rule is null
        ? "access is not configured: whoever reaches the server may"
        : $"role `{AccessRule.Text(Rule.Role)}` permits `{noun}.{verb}`");

    /// <summary>What is recorded of a denial.</summary>
    public AuditAuthorization Deny(string why) => new("deny", Policy, why);
}
