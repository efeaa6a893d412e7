using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Gtc.Model;

/// <summary>The kinds of steps (op-cli.md §7), in the order they are done.</summary>
public static class StepKinds
{
    /// <summary>Makes the environment.</summary>
    public const string EnsureEnvironment = "ensure-environment";

    /// <summary>Changes name and host.</summary>
    public const string UpdateHostConfig = "update-host-config";

    /// <summary>Trusts the operator key.</summary>
    public const string BootstrapTrustRoot = "bootstrap-trust-root";

    /// <summary>Binds a free slot.</summary>
    public const string AddPackBinding = "add-pack-binding";

    /// <summary>Binds a slot anew.</summary>
    public const string UpdatePackBinding = "update-pack-binding";

    /// <summary>Writes a secret.</summary>
    public const string PutSecret = "put-secret";

    /// <summary>Deploys one revision.</summary>
    public const string DeployBundle = "deploy-bundle";

    /// <summary>Deploys several revisions.</summary>
    public const string DeploySplit = "deploy-split";

    /// <summary>Changes a deployment's route, shares or status.</summary>
    public const string UpdateBundle = "update-bundle";

    /// <summary>Binds a new extension.</summary>
    public const string AddExtension = "add-extension";

    /// <summary>Binds an extension anew.</summary>
    public const string UpdateExtension = "update-extension";

    /// <summary>Adds an endpoint, or replaces its references to secrets.</summary>
    public const string AddEndpoint = "add-endpoint";

    /// <summary>Lets a bundle use an endpoint.</summary>
    public const string LinkEndpoint = "link-endpoint";

    /// <summary>Says which flow greets.</summary>
    public const string SetWelcomeFlow = "set-welcome-flow";

    /// <summary>Takes an endpoint away that the manifest does not name.</summary>
    public const string RemoveEndpoint = "remove-endpoint";

    /// <summary>Takes a deployment away that the manifest does not name.</summary>
    public const string RemoveBundle = "remove-bundle";

    /// <summary>Takes an extension away that the manifest does not name.</summary>
    public const string RemoveExtension = "remove-extension";

    /// <summary>Frees a slot that the manifest does not name.</summary>
    public const string RemovePackBinding = "remove-pack-binding";

    /// <summary>Trusts the keys of a DID.</summary>
    public const string TrustDid = "trust-did";

    /// <summary>Writes the update channel.</summary>
    public const string ConfigureUpdates = "configure-updates";

    /// <summary>All of them, in the order they are done; where one replaces the other they share a place.</summary>
    public static ImmutableArray<string> All { get; } =
    [
        EnsureEnvironment, UpdateHostConfig, BootstrapTrustRoot, AddPackBinding, UpdatePackBinding, PutSecret, DeployBundle, DeploySplit, UpdateBundle,
        AddExtension, UpdateExtension, AddEndpoint, LinkEndpoint, SetWelcomeFlow,
        RemoveEndpoint, RemoveBundle, RemoveExtension, RemovePackBinding, TrustDid, ConfigureUpdates,
    ];

    /// <summary>
    /// The idempotency key of a step: the first 16 bytes of SHA-256 over schema, environment, kind, key and the hash of what is wanted, each
    /// followed by a NUL, as a ULID.
    /// </summary>
    public static string IdempotencyKey(EnvId environment, string kind, string key, string desiredHash)
    {
        var text = string.Concat(new[] { Schemas.EnvManifest, environment.ToString(), kind, key, desiredHash }.Select(part => part + '\0'));
        return Ulid.FromBytes(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 16)).ToString();
    }

    /// <summary>The hex SHA-256 over the canonical JSON of what is wanted.</summary>
    internal static string DesiredHash(JsonNode desired)
    {
        using var document = JsonDocument.Parse(desired.ToJsonString());
        return CanonicalJson.Digest(document.RootElement).Hex;
    }
}
