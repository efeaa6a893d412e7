using System.Collections.Immutable;
using Gtc.EnvPacks;
using Gtc.Kubernetes;
using Gtc.Model;

namespace Gtc.Deployers.Kubernetes;

/// <summary>
/// Secrets that workers get from the cluster itself: from Secrets that somebody made, as variables; from an external store by way of an ExternalSecret,
/// as files, which follow the store while the worker runs and which a pod waits for. Neither brings a value through gtc.
/// </summary>
internal static class WorkerSecrets
{
    /// <summary>The ExternalSecret, and the Secret that it makes.</summary>
    public const string Name = "gtc-external-secrets";

    private const string Volume = "external-secrets";
    private const string Folder = "/etc/greentic/secrets";

    // The longest key that a Secret can have.
    private const int MaxKey = 253;

    // 0440: the pod's group reads them, nobody else.
    private const int Mode = 0b100_100_000;

    /// <summary>Why a secret cannot be given to workers of an environment, or null.</summary>
    public static Refusal? FindFault(EnvId environment, RenderOptions options) => options.SecretVariables.Concat(options.ExternalSecrets?.Secrets ?? [])
        .Select(secret => secret.Path.In(environment).Match(
            uri => uri.EnvironmentVariable.Length <= MaxKey ? null : (Refusal)new Refusal.Conflict($"the secret {secret.Path} has a name of more than {MaxKey} characters as a key of a Secret, {uri.EnvironmentVariable.Length}"),
            refusal => refusal))
        .FirstOrDefault(refusal => refusal is not null);

    /// <summary>The variables of workers.</summary>
    public static IEnumerable<EnvVar> Variables(EnvId environment, RenderOptions options) =>
    [
        .. options.SecretVariables.Select(secret => new EnvVar
        {
            Name = KeyOf(secret, environment),
            ValueFrom = new() { SecretKeyRef = new() { Name = secret.Source, Key = secret.Part! } },
        }),
        .. options.ExternalSecrets is null ? Array.Empty<EnvVar>() : [new() { Name = "GREENTIC_SECRETS_FOLDER", Value = Folder }],
    ];

    /// <summary>The mounts of workers.</summary>
    public static VolumeMount[] Mounts(RenderOptions options) => options.ExternalSecrets is null ? [] : [new() { Name = Volume, MountPath = Folder, ReadOnly = true }];

    /// <summary>The volumes of workers.</summary>
    public static Volume[] Volumes(RenderOptions options) => options.ExternalSecrets is null ? [] : [new() { Name = Volume, Secret = new() { SecretName = Name, DefaultMode = Mode } }];

    /// <summary>What asks the operator for them; nothing when none are external.</summary>
    public static ExternalSecret? External(EnvId environment, RenderSettings settings) => settings.Options.ExternalSecrets is not { } option ? null : new()
    {
        ApiVersion = settings.ExternalSecretsVersion,
        Kind = "ExternalSecret",
        Metadata = new() { Name = Name, Namespace = settings.Namespace, Labels = Labels.Of(environment, Labels.Worker) },
        Spec = new()
        {
            RefreshInterval = option.Refresh,
            SecretStoreRef = new() { Kind = option.StoreKind, Name = option.StoreName },
            Target = new() { Name = Name, CreationPolicy = "Owner" },
            Data = [.. option.Secrets.Select(secret => new ExternalSecretValue { SecretKey = KeyOf(secret, environment), RemoteRef = new() { Key = secret.Source, Property = secret.Part } })],
        },
    };

    private static string KeyOf(ClusterSecret secret, EnvId environment) => secret.Path.In(environment).Value.EnvironmentVariable;
}
