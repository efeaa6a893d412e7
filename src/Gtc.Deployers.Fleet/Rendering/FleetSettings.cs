using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Gtc.EnvPacks;
using Gtc.Fleet.Contracts;
using Gtc.Model;

namespace Gtc.Deployers.Fleet;

/// <summary>What the answers of the fleet deployer's binding say, checked.</summary>
public sealed record FleetSettings
{
    private const char Between = ',';

    /// <summary>The namespace of every Deployment.</summary>
    public required string Namespace { get; init; }

    /// <summary>The image that devices run.</summary>
    public required string RuntimeImage { get; init; }

    /// <summary>The devices of the environment.</summary>
    public required LabelSelector Devices { get; init; }

    /// <summary>The port on devices of a deployment that has none of its own.</summary>
    public required ushort Port { get; init; }

    /// <summary>Ports on devices by bundle or deployment id.</summary>
    public required ImmutableSortedDictionary<string, ushort> Ports { get; init; }

    /// <summary>Registries that devices pull bundles from without TLS.</summary>
    public ImmutableArray<string> InsecureRegistries { get; init; } = [];

    /// <summary>When devices fetch the image.</summary>
    public PullPolicy Pull { get; init; }

    /// <summary>The most memory of a worker, e.g. <c>256Mi</c>; null for no limit.</summary>
    public string? Memory { get; init; }

    /// <summary>The most processors of a worker; null for no limit.</summary>
    public double? Cpus { get; init; }

    /// <summary>How a changed worker reaches the devices that it is on; null for all at once.</summary>
    public RolloutSpec? Rollout { get; init; }

    /// <summary>Where components may send HTTP requests to; null for the worker's own rule.</summary>
    public string? ComponentEgress { get; init; }

    /// <summary>Whether a wait ends although devices that cannot be reached have not reported.</summary>
    public bool SkipsUnreachable { get; init; }

    /// <summary>What was discovered, for <c>runtime://</c> references of workers.</summary>
    public ImmutableSortedDictionary<string, JsonElement> Discovered { get; init; } = ImmutableSortedDictionary<string, JsonElement>.Empty;

    /// <summary>The settings of an environment.</summary>
    /// <param name="environment">The environment.</param>
    /// <param name="answers">The answers of the deployer's binding; the pack's own rules were checked when they were read.</param>
    /// <param name="defaultImage">The image when none is answered.</param>
    public static Outcome<FleetSettings> Of(EnvId environment, PackAnswers answers, string defaultImage)
    {
        ArgumentNullException.ThrowIfNull(answers);
        if (answers.Get("device_selector") is not { } selector)
        {
            return new Refusal.Conflict("`device_selector` is not answered: which devices belong to the environment")
            {
                Details = [new("expected", "requirements as for kubectl -l, e.g. site=berlin; device-id means every device")],
                Next = "gtc op env-packs wizard greentic.deployer.fleet",
            };
        }

        return DeviceSelectors.Read(selector).Then<FleetSettings>(devices => new FleetSettings
        {
            Namespace = answers.Get("namespace") ?? NamespaceName.Of(environment.ToString(), FleetNames.NamespacePrefix),
            RuntimeImage = answers.Get("runtime_image") ?? defaultImage,
            Devices = devices,
            Port = Number(answers.Get("port")!),
            Ports = List(answers, "ports").Select(text => (Text: text, Colon: text.LastIndexOf(':'))).ToImmutableSortedDictionary(pair => pair.Text[..pair.Colon], pair => Number(pair.Text[(pair.Colon + 1)..]), StringComparer.Ordinal),
            InsecureRegistries = [.. List(answers, "oci_insecure_registries")],
            Pull = answers.Get("image_pull_policy") is { } policy ? Enum.Parse<PullPolicy>(policy) : PullPolicy.IfNotPresent,
            Memory = answers.Get("memory"),
            Cpus = answers.Get("cpus") is { } cpus ? double.Parse(cpus, CultureInfo.InvariantCulture) : null,
            Rollout = Batches(answers),
            ComponentEgress = EnvPacks.ComponentEgress.In(answers),
            SkipsUnreachable = answers.Get("unreachable_devices") == "skip",
        });
    }

    /// <summary>The port of a deployment on every device.</summary>
    public ushort PortOf(Revision revision)
    {
        ArgumentNullException.ThrowIfNull(revision);
        return Ports.TryGetValue(revision.DeploymentId.ToString(), out var port) || Ports.TryGetValue(revision.BundleId, out port) ? port : Port;
    }

    private static RolloutSpec? Batches(PackAnswers answers) => answers.Get("batch_size") is { } size
        ? new RolloutSpec { Strategy = RolloutSpec.Batched, BatchSize = IntOrPercent.Parse(size), MaxUnavailable = answers.Get("max_unavailable") is { } most ? IntOrPercent.Parse(most) : null }
        : null;

    private static string[] List(PackAnswers answers, string question) => (answers.Get(question) ?? "").Split(Between, StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private static ushort Number(string text) => ushort.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);
}
