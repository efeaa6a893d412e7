using System.Collections.Immutable;
using System.Globalization;
using Gtc.EnvPacks;

namespace Gtc.Deployers.Kubernetes;

/// <summary>What is rendered beyond the objects that every environment has; nothing of it unless it is answered (k8s-deployer.md §16).</summary>
public sealed record RenderOptions
{
    /// <summary>Nothing beyond.</summary>
    public static RenderOptions None { get; } = new();

    /// <summary>Secrets for pulling the image.</summary>
    public ImmutableArray<string> ImagePullSecrets { get; init; } = [];

    /// <summary>When the image is pulled; null leaves it to the cluster.</summary>
    public string? ImagePullPolicy { get; init; }

    /// <summary>Whether pods that do not answer are restarted.</summary>
    public bool ProbesStartAndLife { get; init; }

    /// <summary>How many pods each worker has.</summary>
    public int WorkerReplicas { get; init; } = 1;

    /// <summary>The most routers that an autoscaler may start; null for none.</summary>
    public int? RouterMaxReplicas { get; init; }

    /// <summary>The Ingress before the router; null for none.</summary>
    public IngressOption? Ingress { get; init; }

    /// <summary>The route of a gateway to the router; null for none.</summary>
    public GatewayOption? Gateway { get; init; }

    /// <summary>Where pods may go when revisions are pulled; empty means everywhere.</summary>
    public ImmutableArray<AllowedEgress> Egress { get; init; } = [];

    /// <summary>Where components may send HTTP requests to; null for the worker's own rule, and nothing is opened for it.</summary>
    public string? ComponentEgress { get; init; }

    /// <summary>Whether routers share the key of signed cookies and tokens.</summary>
    public bool SharesSigningKey { get; init; }

    /// <summary>Whether routers serve the console and <c>/workers/invoke</c> to whom the cluster lets forward a port to them.</summary>
    public bool ServesConsole { get; init; }

    /// <summary>Secrets of workers from Secrets of the namespace.</summary>
    public ImmutableArray<ClusterSecret> SecretVariables { get; init; } = [];

    /// <summary>Secrets of workers from an external store; null for none.</summary>
    public ExternalSecretsOption? ExternalSecrets { get; init; }

    /// <summary>The options of a binding's answers.</summary>
    internal static RenderOptions Of(PackAnswers answers) => new()
    {
        ImagePullSecrets = List(answers, "image_pull_secrets"),
        ImagePullPolicy = answers.Get("image_pull_policy"),
        ProbesStartAndLife = answers.Get("startup_and_liveness_probes") == "true",
        WorkerReplicas = Number(answers, "worker_replicas") ?? 1,
        RouterMaxReplicas = Number(answers, "router_max_replicas"),
        Ingress = answers.Get("ingress_host") is { } host ? new(host, answers.Get("ingress_class"), answers.Get("ingress_tls_secret")) : null,
        Gateway = answers.Get("gateway")?.Split('/') is [var space, var name] ? new(space, name, answers.Get("gateway_host")) : null,
        Egress = [.. List(answers, "egress_allow").Select(AllowedEgress.Read)],
        ComponentEgress = EnvPacks.ComponentEgress.In(answers),
        SharesSigningKey = answers.Get("shared_signing_key") == "true",
        ServesConsole = answers.Get("console_through_routers") == "true",
        SecretVariables = ClusterSecret.All(answers, ClusterSecret.OfNamespace),
        ExternalSecrets = answers.Get("external_secrets_store") is { } store ? ExternalSecretsOption.Read(store, answers) : null,
    };

    private static ImmutableArray<string> List(PackAnswers answers, string question) =>
        [.. (answers.Get(question) ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)];

    private static int? Number(PackAnswers answers, string question) => answers.Get(question) is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : null;
}

/// <summary>An Ingress before the router.</summary>
/// <param name="Host">Its host.</param>
/// <param name="Class">Which controller serves it; null for the cluster's default.</param>
/// <param name="TlsSecret">The Secret with its certificate; null without TLS.</param>
public sealed record IngressOption(string Host, string? Class, string? TlsSecret);

/// <summary>A gateway before the router.</summary>
/// <param name="Namespace">Its namespace.</param>
/// <param name="Name">Its name.</param>
/// <param name="Host">The host; null for every one of the gateway.</param>
public sealed record GatewayOption(string Namespace, string Name, string? Host);

/// <summary>Somewhere that pods may go.</summary>
/// <param name="Cidr">Addresses.</param>
/// <param name="Port">A TCP port.</param>
public sealed record AllowedEgress(string Cidr, int Port)
{
    internal static AllowedEgress Read(string text)
    {
        var colon = text.LastIndexOf(':');
        return new(text[..colon], int.Parse(text.AsSpan(colon + 1), CultureInfo.InvariantCulture));
    }
}

/// <summary>A store of secrets outside the cluster.</summary>
/// <param name="StoreKind"><c>SecretStore</c> or <c>ClusterSecretStore</c>.</param>
/// <param name="StoreName">Its name.</param>
/// <param name="Refresh">How often it is asked.</param>
/// <param name="Secrets">What is taken from it.</param>
public sealed record ExternalSecretsOption(string StoreKind, string StoreName, string Refresh, ImmutableArray<ClusterSecret> Secrets)
{
    internal static ExternalSecretsOption Read(string store, PackAnswers answers)
    {
        var slash = store.IndexOf('/', StringComparison.Ordinal);
        return new(slash < 0 ? "SecretStore" : store[..slash], store[(slash + 1)..], answers.Get("external_secrets_refresh") ?? "1h", ClusterSecret.All(answers, ClusterSecret.OfStore));
    }
}
