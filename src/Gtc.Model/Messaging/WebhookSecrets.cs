namespace Gtc.Model;

/// <summary>Which endpoints have a webhook secret, and where it lives (environment-model.md §4.9).</summary>
public static class WebhookSecrets
{
    /// <summary>The length of a minted secret, of the characters <c>[A-Za-z0-9_-]</c>.</summary>
    public const int Length = 32;

    /// <summary>True for <c>telegram</c> and <c>telegram.…</c>, with or without a leading <c>messaging.</c>.</summary>
    public static bool IsTelegramClass(string providerType)
    {
        ArgumentNullException.ThrowIfNull(providerType);
        const string Family = "messaging.";
        var type = providerType.StartsWith(Family, StringComparison.Ordinal) ? providerType[Family.Length..] : providerType;
        return type == "telegram" || type.StartsWith("telegram.", StringComparison.Ordinal);
    }

    /// <summary>
    /// Where an endpoint's webhook secret belongs. The tenant is the owning one; without an owner it is <c>default</c> in the dev store and a
    /// conflict elsewhere.
    /// </summary>
    public static Outcome<string> Reference(EnvironmentDocument document, MessagingEndpointId endpoint, bool isDevStore)
    {
        ArgumentNullException.ThrowIfNull(document);
        var tenant = document.HostConfig.TenantOrgId?.Trim();
        if (string.IsNullOrEmpty(tenant))
        {
            if (!isDevStore)
            {
                return new Refusal.Conflict($"environment `{document.EnvironmentId}` has no tenant_org_id; only the dev store keeps a webhook secret without one")
                {
                    Next = $"gtc op env update {document.EnvironmentId} --tenant-org TENANT",
                };
            }

            tenant = "default";
        }

        return $"{References.SecretScheme}{document.EnvironmentId}/{tenant}/_/messaging-{endpoint.ToString().ToLowerInvariant()}/webhook_secret";
    }
}
