using System.Text.Json;
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

    /// <summary>What a deployment sets for a pack, as one object; null when it sets nothing.</summary>
    public static JsonElement? ConfigOf(EnvironmentDocument document, DeploymentId deployment, string packId)
    {
        if (document.Bundles.FirstOrDefault(candidate => candidate.DeploymentId == deployment)?.ConfigOverrides?.GetValueOrDefault(packId) is not { } settings)
        {
            return null;
        }

        using var json = new MemoryStream();
        using (var writer = new Utf8JsonWriter(json))
        {
            writer.WriteStartObject();
            foreach (var (key, value) in settings)
            {
                writer.WritePropertyName(key);
                value.WriteTo(writer);
            }

            writer.WriteEndObject();
        }

        return JsonElement.Parse(json.GetBuffer().AsSpan(0, (int)json.Length));
    }

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
