using Gtc.Model;

namespace Gtc.Store.Server;

/// <summary>Who asks.</summary>
/// <param name="Actor">Who, for the audit log; without a user when it is a stranger or nobody in particular.</param>
/// <param name="Policy">Which policy knows.</param>
/// <param name="Scope">What is permitted; null where nothing is enforced.</param>
internal sealed record Caller(AuditActor Actor, string Policy, AccessScope? Scope)
{
    /// <summary>The policy of a server without an access file.</summary>
    public const string OpenPolicy = "open-dev";

    /// <summary>The policy of tokens whose digests stand in the access file.</summary>
    public const string TokenPolicy = "static-tokens";

    /// <summary>The policy of tokens that an issuer signs.</summary>
    public const string IssuerPolicy = "oidc";

    /// <summary>The policy of client certificates.</summary>
    public const string CertificatePolicy = "client-certificates";

    /// <summary>Whoever asks a server without an access file.</summary>
    public static Caller Open { get; } = new(new AuditActor("store-server"), OpenPolicy, null);

    /// <summary>Who shows nothing, or something that nobody knows.</summary>
    public static AuditActor Stranger { get; } = new("anonymous");

    /// <summary>The last moment at which what was shown counts, or null for no end.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>What tells this caller from others: names of different policies are not compared.</summary>
    public string? Name => Actor.User is { } user ? $"{Policy} {Authority} {user}" : null;

    /// <summary>Who vouches for the name, where there are several: the issuer.</summary>
    public string? Authority { get; init; }

    /// <summary>What is recorded of a permitted verb.</summary>
    public AuditAuthorization Allow(EnvId environment, string noun, string verb) => new("allow", Policy, Scope is null
        ? "access is not configured: whoever reaches the server may"
        : $"role {Scope.RolesFor(environment, noun, verb)} permits `{noun}.{verb}`{Vouched}");

    /// <summary>What is recorded of a denial.</summary>
    public AuditAuthorization Deny(string why) => new("deny", Policy, why + Vouched);

    private string Vouched => Authority is null ? "" : $"; the caller is vouched for by {Authority}";
}
