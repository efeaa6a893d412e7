using System.Collections.Immutable;
using Gtc.EnvPacks;
using Gtc.Kubernetes;
using Gtc.Model;

namespace Gtc.Deployers.Kubernetes;

/// <summary>Where the secrets of workers come from (k8s-deployer.md §8).</summary>
public abstract record SecretsBackend
{
    private const string DevStorePath = "greentic.secrets.dev-store";
    private const string VaultPath = "greentic.secrets.vault";

    /// <summary>No secrets pack is bound: workers get none.</summary>
    public sealed record None : SecretsBackend;

    /// <summary>The file of the dev store, shipped as a Secret.</summary>
    /// <param name="Base64">The file, base64; null when it is not at hand, as in an offline render.</param>
    public sealed record DevStore(string? Base64) : SecretsBackend
    {
        /// <summary>Whether pods are stamped with a digest of the file, so that a change of it rolls them. Files for GitOps are not: they know no secrets.</summary>
        public bool StampsPods { get; init; } = true;

        /// <summary>Whether the file is sealed with a key of the environment's own, which workers then get as a Secret of its own (decision 23).</summary>
        public bool IsSealed { get; init; }

        /// <summary>That key, base64; null when it is not at hand.</summary>
        public string? Key { get; init; }
    }

    /// <summary>Vault: workers authenticate with their own account, no secret enters the cluster.</summary>
    /// <param name="Variables">What workers are told, in order.</param>
    public sealed record Vault(ImmutableArray<EnvVar> Variables) : SecretsBackend;

    private SecretsBackend()
    {
    }

    /// <summary>The back end of a binding; its path alone decides.</summary>
    /// <param name="binding">The binding of slot <c>secrets</c>, or null.</param>
    /// <param name="answers">Its answers.</param>
    /// <param name="devStore">The dev store's file, base64, or null.</param>
    public static Outcome<SecretsBackend> Of(EnvPackBinding? binding, PackAnswers answers, string? devStore)
    {
        ArgumentNullException.ThrowIfNull(answers);
        return binding?.Kind.Path switch
        {
            null => new None(),
            DevStorePath => new DevStore(devStore),
            VaultPath => OfVault(answers),
            var other => new Refusal.Conflict($"secrets of `{other}` cannot be brought into a cluster")
            {
                Details = [new("expected", $"{DevStorePath} or {VaultPath}")],
            },
        };
    }

    private static Outcome<SecretsBackend> OfVault(PackAnswers answers)
    {
        if (answers.Get("addr") is not { } address || answers.Get("role") is not { } role)
        {
            return new Refusal.Conflict($"the answers of {VaultPath} need `addr` and `role`");
        }

        var variables = ImmutableArray.CreateBuilder<EnvVar>();
        variables.Add(new EnvVar { Name = "GREENTIC_SECRETS_BACKEND", Value = "vault" });
        variables.Add(new EnvVar { Name = "VAULT_ADDR", Value = address });
        variables.Add(new EnvVar { Name = "VAULT_K8S_ROLE", Value = role });
        AddIfSet("kv_mount", "VAULT_KV_MOUNT", "secret");
        AddIfSet("kv_prefix", "VAULT_KV_PREFIX", "greentic");
        AddIfSet("auth_mount", "VAULT_K8S_MOUNT", "kubernetes");
        AddIfSet("transit_mount", "VAULT_TRANSIT_MOUNT", "transit");
        AddIfSet("transit_key", "VAULT_TRANSIT_KEY", "greentic");
        AddIfSet("namespace", "VAULT_NAMESPACE", null);
        return new Vault(variables.ToImmutable());

        void AddIfSet(string key, string variable, string? preset)
        {
            if (answers.Get(key) is { } value && value != preset)
            {
                variables.Add(new EnvVar { Name = variable, Value = value });
            }
        }
    }
}
