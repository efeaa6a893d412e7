using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using Gtc.Flows;
using Gtc.Model;
using Gtc.Routing;
using Microsoft.Extensions.Logging;

namespace Gtc.Runtime;

/// <summary>
/// Tells providers where their webhooks are (messaging.md §5): after the boot, after each change that was taken over, and when a tunnel opens. What fails is
/// told and keeps nobody from serving.
/// </summary>
internal sealed partial class WebhookRegistration(LiveServing live, WorkerOptions options, ILogger logger)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Channel<bool> _wishes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>Asks for a registration; several wishes while one runs are one.</summary>
    public void Ask() => _wishes.Writer.TryWrite(true);

    /// <summary>Registers whenever it is asked, until it is stopped.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        try
        {
            while (await _wishes.Reader.WaitToReadAsync(stop) && _wishes.Reader.TryRead(out _))
            {
                await RegisterAsync(stop);
            }
        }
        catch (OperationCanceledException)
        {
            // The worker stops.
        }
    }

    private async Task RegisterAsync(CancellationToken stop)
    {
        var serving = live.Current;
        var wanted = serving.Activation.Table.Routes
            .SelectMany(route => route.Revisions.Select(routed => serving.Activation.Find(routed.Revision)).OfType<ActiveRevision>(), (route, revision) => (Route: route, Revision: revision))
            .SelectMany(pair => pair.Revision.Flows.Providers.Where(provider => provider.Declared.Operations.Contains(Providers.SetUpWebhook)), (pair, provider) => (pair.Route, pair.Revision, Provider: provider))
            .ToArray();
        if (wanted.Length == 0)
        {
            return;
        }

        if (BaseUrl(serving.Document) is not { } address)
        {
            Log.NoAddress(logger);
            return;
        }

        foreach (var (route, revision, provider) in wanted)
        {
            if (revision.TryEnter())
            {
                try
                {
                    // A provider's call blocks its thread while it waits for the other side.
                    await Task.Run(() => Register(serving.Document, address, route, revision, provider, stop), stop);
                }
                finally
                {
                    revision.Leave();
                }
            }
        }
    }

    /// <summary>The tunnel that is open goes before what was written down.</summary>
    private string? BaseUrl(EnvironmentDocument document) =>
        new[] { live.Tunnel?.Url, document.HostConfig.PublicBaseUrl, options.Variable("PUBLIC_BASE_URL") }
            .FirstOrDefault(address => !string.IsNullOrWhiteSpace(address))?.Trim().TrimEnd('/');

    private void Register(EnvironmentDocument document, string address, DeploymentRoute route, ActiveRevision revision, ProviderComponent provider, CancellationToken stop)
    {
        var type = provider.Declared.Type;
        var endpoint = EndpointOf(document, route, provider);
        var secret = endpoint?.WebhookSecretRef is { } reference ? Providers.SecretOf(document, options, reference) : null;
        if (endpoint?.WebhookSecretRef is not null && secret is null)
        {
            // Registered without it, the gate would turn every message away.
            Log.NoSecret(logger, type, route.Deployment, endpoint.EndpointId);
            return;
        }

        var url = address + WebhookName.PathOf(route.Prefixes[0], type);
        using var over = new CancellationTokenSource(Patience, options.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, over.Token);
        try
        {
            var answered = provider.Invoke(Providers.SetUpWebhook, Input(url, route, endpoint, secret), revision.Context, either.Token);
            if (!answered.TryGet(out var answer, out var refusal))
            {
                Log.Failed(logger, type, url, route.Deployment, refusal.Message);
            }
            else if (!IsOk(answer))
            {
                Log.Failed(logger, type, url, route.Deployment, Text(answer, "error") ?? Text(answer, "message") ?? "the provider gave no reason");
            }
            else
            {
                Log.Registered(logger, type, url, route.Deployment, secret is null ? "no" : "yes", secret is null ? "none" : $"endpoint {endpoint!.EndpointId}");
            }
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            Log.Failed(logger, type, url, route.Deployment, $"no answer within {Patience.TotalSeconds} s");
        }
    }

    /// <summary>The endpoint of the provider that is linked to the bundle, else the one that is called like the provider's pack.</summary>
    private static MessagingEndpoint? EndpointOf(EnvironmentDocument document, DeploymentRoute route, ProviderComponent provider)
    {
        var linked = document.MessagingEndpoints.Where(endpoint => endpoint.ProviderType == provider.Declared.Type && endpoint.LinkedBundles.Contains(route.BundleId)).ToImmutableArray();
        return linked.FirstOrDefault(endpoint => endpoint.WebhookSecretRef is not null)
            ?? linked.FirstOrDefault()
            ?? document.MessagingEndpoints.FirstOrDefault(endpoint => endpoint.ProviderId == provider.PackId || endpoint.ProviderId == provider.Declared.Type);
    }

    private static JsonElement Input(string url, DeploymentRoute route, MessagingEndpoint? endpoint, byte[]? secret)
    {
        using var json = new MemoryStream();
        using (var writer = new Utf8JsonWriter(json))
        {
            writer.WriteStartObject();
            writer.WriteString("webhook_url", url);
            writer.WriteString("tenant", route.Tenant.Tenant);
            writer.WriteString("provider_instance_id", endpoint?.EndpointId.ToString() ?? route.Deployment.ToString());
            if (secret is not null)
            {
                writer.WriteString("secret_token", Encoding.UTF8.GetString(secret));
            }

            writer.WriteEndObject();
        }

        return JsonElement.Parse(json.GetBuffer().AsSpan(0, (int)json.Length));
    }

    private static bool IsOk(JsonElement answer) => answer.ValueKind == JsonValueKind.Object && answer.TryGetProperty("ok", out var ok) && ok.ValueKind == JsonValueKind.True;

    private static string? Text(JsonElement answer, string name) =>
        answer.ValueKind == JsonValueKind.Object && answer.TryGetProperty(name, out var member) && member.ValueKind == JsonValueKind.String ? member.GetString() : null;

    private static partial class Log
    {
        [LoggerMessage(5021, LogLevel.Information, "webhook registered: provider={Provider} url={Url} deployment={Deployment} secret_token={HasSecret} token_source={Source}")]
        public static partial void Registered(ILogger logger, string provider, string url, DeploymentId deployment, string hasSecret, string source);

        [LoggerMessage(5022, LogLevel.Information, "webhooks are not registered: there is neither a tunnel nor a public_base_url")]
        public static partial void NoAddress(ILogger logger);

        [LoggerMessage(5023, LogLevel.Warning, "webhook not registered: provider={Provider} url={Url} deployment={Deployment}: {Reason}")]
        public static partial void Failed(ILogger logger, string provider, string url, DeploymentId deployment, string reason);

        [LoggerMessage(5024, LogLevel.Warning, "webhook not registered: provider={Provider} deployment={Deployment}: the secret of endpoint {Endpoint} cannot be read")]
        public static partial void NoSecret(ILogger logger, string provider, DeploymentId deployment, MessagingEndpointId endpoint);
    }
}
