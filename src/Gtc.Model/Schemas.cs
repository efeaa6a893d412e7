namespace Gtc.Model;

/// <summary>The <c>schema</c> member of every top-level document (environment-model.md §1.1).</summary>
public static class Schemas
{
    /// <summary>environment.json.</summary>
    public const string Environment = "greentic.environment.v1";

    /// <summary>runtime.json.</summary>
    public const string EnvironmentRuntime = "greentic.environment-runtime.v1";

    /// <summary>A revision.</summary>
    public const string Revision = "greentic.revision.v1";

    /// <summary>A traffic split.</summary>
    public const string TrafficSplit = "greentic.traffic-split.v1";

    /// <summary>A deployment of a bundle.</summary>
    public const string BundleDeployment = "greentic.bundle-deployment.v1";

    /// <summary>A revenue policy.</summary>
    public const string RevenuePolicy = "greentic.revenue-policy.v1";

    /// <summary>The predicate of a signed revenue policy.</summary>
    public const string RevenuePolicyPredicate = "greentic.revenue-policy-predicate.v1";

    /// <summary>runtime-config.json.</summary>
    public const string RuntimeConfig = "greentic.runtime-config.v1";

    /// <summary>pack-list.lock.</summary>
    public const string PackListLock = "greentic.pack-list-lock.v1";

    /// <summary>A line of the audit log.</summary>
    public const string AuditEvent = "greentic.audit.event.v1";

    /// <summary>A messaging endpoint.</summary>
    public const string MessagingEndpoint = "greentic.messaging-endpoint.v1";

    /// <summary>trust-root.json.</summary>
    public const string TrustRoot = "greentic.trust-root.v1";

    /// <summary>update-channel.json.</summary>
    public const string UpdateChannel = "greentic.update-channel.v1";

    /// <summary>What <c>env apply</c> converges on.</summary>
    public const string EnvManifest = "greentic.env-manifest.v1";

    /// <summary>What <c>env apply</c> would do.</summary>
    public const string Plan = "greentic.plan.v1";

    /// <summary>The answer of GET /status.</summary>
    public const string Status = "greentic.status.v1";

    /// <summary>A line of usage/.</summary>
    public const string UsageRow = "greentic.usage-row.v1";
}
