using Gtc.Flows;
using Gtc.Model;
using Gtc.Store;

namespace Gtc.Runtime;

/// <summary>What a worker knows about the messaging providers of what it serves.</summary>
internal static class Providers
{
    public const string Ingest = "ingest_http";
    public const string SetUpWebhook = "setup_webhook";

    /// <summary>The provider of a revision whose webhook has a name; null when it has none that takes HTTP requests in.</summary>
    public static ProviderComponent? ByWebhook(ActiveRevision revision, string name) =>
        revision.Flows.Providers.FirstOrDefault(provider => provider.Declared.Operations.Contains(Ingest) && WebhookName.Of(provider.Declared.Type) == name);

    /// <summary>A provider of a revision by its type, or null.</summary>
    public static ProviderComponent? ByType(ActiveRevision revision, string type) => revision.Flows.Providers.FirstOrDefault(provider => provider.Declared.Type == type);

    /// <summary>The flow that greets at an endpoint; null when it names none, or one of another bundle.</summary>
    public static WelcomeHint? WelcomeOf(MessagingEndpoint? endpoint, string bundleId) =>
        endpoint?.WelcomeFlow is { } welcome && welcome.BundleId == bundleId ? new(welcome.PackId, welcome.FlowId) : null;

    /// <summary>Reads a webhook's secret; null when it cannot be read, whyever.</summary>
    public static byte[]? SecretOf(EnvironmentDocument document, WorkerOptions options, string reference)
    {
        var source = new SecretSource(document, options.Store.Layout.Environment(options.Environment), new SecretAccess(options.Variable, options.Time, options.Keys));
        if (!SecretUri.Parse(reference).Then(source.Find).TryGet(out var value, out _) || value is null)
        {
            return null;
        }

        using (value)
        {
            return value.Bytes.ToArray();
        }
    }
}
