using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Gtc.EnvPacks;
using Gtc.Model;

namespace Gtc.Deployers.Kubernetes;

/// <summary>What the answers of the deployer's binding say, checked (k8s-deployer.md §2).</summary>
public sealed record RenderSettings
{
    private const int DefaultReplicas = 2;

    /// <summary>The namespace of every object.</summary>
    public required string Namespace { get; init; }

    /// <summary>The image of router and workers.</summary>
    public required string RuntimeImage { get; init; }

    /// <summary>How many routers.</summary>
    public required int RouterReplicas { get; init; }

    /// <summary>Whether each worker opens a tunnel to the outside.</summary>
    public required bool OpensTunnel { get; init; }

    /// <summary>Registries that are pulled from without TLS.</summary>
    public required ImmutableArray<string> InsecureRegistries { get; init; }

    /// <summary>Where the secrets of workers come from.</summary>
    public required SecretsBackend Secrets { get; init; }

    /// <summary>What is rendered beyond what every environment has.</summary>
    public RenderOptions Options { get; init; } = RenderOptions.None;

    /// <summary>The version of the cluster; objects of older versions take other groups. Current ones when nothing is said.</summary>
    public Version KubeVersion { get; init; } = new(1, 33);

    /// <summary>Where pods send telemetry; null when their environment binds nothing that says so.</summary>
    public PodTelemetry? Telemetry { get; init; }

    /// <summary>The key of signed cookies and tokens that routers share; null when they share none, or when it is not at hand, as in an offline render.</summary>
    public string? SigningKey { get; init; }

    /// <summary>The key with which routers vouch for callers of the console, in base64; null as above.</summary>
    public string? ConsoleKey { get; init; }

    /// <summary>What was discovered, for <c>runtime://</c> references of workers.</summary>
    public ImmutableSortedDictionary<string, JsonElement> Discovered { get; init; } = ImmutableSortedDictionary<string, JsonElement>.Empty;

    /// <summary>Where workers share sessions and state, as variables that name the secret with the place and never hold it.</summary>
    public ImmutableArray<KeyValuePair<string, string>> SharedStores { get; init; } = [];

    /// <summary>Group and version of external secrets in the cluster.</summary>
    public string ExternalSecretsVersion { get; init; } = "external-secrets.io/v1";

    /// <summary>The settings of an environment.</summary>
    /// <param name="environment">The environment.</param>
    /// <param name="answers">The answers of the deployer's binding; the pack's own rules were checked when they were read.</param>
    /// <param name="secrets">Where secrets come from.</param>
    /// <param name="defaultImage">The image when none is answered.</param>
    public static RenderSettings Of(EnvId environment, PackAnswers answers, SecretsBackend secrets, string defaultImage)
    {
        ArgumentNullException.ThrowIfNull(answers);
        return new RenderSettings
        {
            Namespace = answers.Get("namespace") ?? NamespaceName.Of(environment),
            RuntimeImage = answers.Get("runtime_image") ?? defaultImage,
            RouterReplicas = answers.Get("router_replicas") is { } replicas ? int.Parse(replicas, CultureInfo.InvariantCulture) : DefaultReplicas,
            OpensTunnel = answers.Get("tunnel") == "cloudflared",
            InsecureRegistries = [.. (answers.Get("oci_insecure_registries") ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)],
            Secrets = secrets,
            Options = RenderOptions.Of(answers),
        };
    }
}

/// <summary>Where pods send telemetry.</summary>
/// <param name="Variables">What they are told, in order.</param>
/// <param name="Port">The TCP port that they must be let through to.</param>
public sealed record PodTelemetry(ImmutableArray<KeyValuePair<string, string>> Variables, int Port);
