namespace Gtc.Flows;

/// <summary>What a provider's webhook is called in its path (messaging.md §2).</summary>
public static class WebhookName
{
    private const string Family = "messaging.";
    private const string Segment = "/webhook/";

    private static readonly string[] Endings = [".bot", ".graph", ".client", ".gui", ".webhook"];

    /// <summary>The name for a provider: <c>messaging.telegram.bot</c> is <c>telegram</c>.</summary>
    public static string Of(string providerType)
    {
        ArgumentNullException.ThrowIfNull(providerType);
        var name = providerType.StartsWith(Family, StringComparison.Ordinal) ? providerType[Family.Length..] : providerType;
        return Array.Find(Endings, ending => name.Length > ending.Length && name.EndsWith(ending, StringComparison.Ordinal)) is { } ending ? name[..^ending.Length] : name;
    }

    /// <summary>Where a deployment's webhook for a provider is.</summary>
    /// <param name="prefix">One of the deployment's prefixes; the root is a lone slash.</param>
    /// <param name="providerType">The provider.</param>
    public static string PathOf(string prefix, string providerType)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        return $"{prefix.TrimEnd('/')}{Segment}{Of(providerType)}";
    }

    /// <summary>The name that a path asks for; null when it is no webhook's. What follows the name is the provider's business.</summary>
    /// <param name="prefixes">The deployment's prefixes.</param>
    /// <param name="path">The path, without the query.</param>
    public static string? In(IEnumerable<string> prefixes, string path)
    {
        ArgumentNullException.ThrowIfNull(prefixes);
        ArgumentNullException.ThrowIfNull(path);
        foreach (var prefix in prefixes.OrderByDescending(prefix => prefix.Length))
        {
            var start = prefix.TrimEnd('/') + Segment;
            if (path.StartsWith(start, StringComparison.Ordinal))
            {
                var name = path[start.Length..];
                return name.IndexOf('/', StringComparison.Ordinal) is var end and >= 0 ? name[..end] : name;
            }
        }

        return null;
    }
}
