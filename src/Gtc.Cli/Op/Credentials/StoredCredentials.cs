using Gtc.Cli.Op.Secrets;
using Gtc.Cli.Verbs;
using Gtc.EnvPacks;
using Gtc.Model;
using Gtc.Store;

namespace Gtc.Cli.Op.Credentials;

/// <summary>The credentials that an environment's secrets hold.</summary>
internal static class StoredCredentials
{
    /// <summary>What a reference stands for; null when the environment keeps no secrets, or not this one.</summary>
    public static async Task<Outcome<CredentialMaterial?>> ReadAsync(OpPlace at, string reference, VerbCall call, CancellationToken cancellationToken)
    {
        if (!(await at.LoadAsync(cancellationToken)).TryGet(out var document, out var refusal)
            || !(await OpenAsync(document, at, call, cancellationToken)).TryGet(out var secrets, out refusal))
        {
            return refusal;
        }

        return Find(secrets, reference).Then<CredentialMaterial?>(found =>
        {
            using (found)
            {
                return found is null ? null : new CredentialMaterial(found.Bytes);
            }
        });
    }

    /// <summary>The environment's secrets; null when it keeps none.</summary>
    public static async Task<Outcome<SecretStore?>> OpenAsync(EnvironmentDocument document, OpPlace at, VerbCall call, CancellationToken cancellationToken) =>
        document.Packs.All(pack => pack.Slot != CapabilitySlot.Secrets) ? (SecretStore?)null : (await SecretsNoun.OpenAsync(document, at, call, cancellationToken)).Then<SecretStore?>(secrets => secrets);

    /// <summary>The same out of secrets that were opened already; the caller disposes it.</summary>
    public static Outcome<SecretValue?> Find(SecretStore? secrets, string reference)
    {
        // References that stand for nothing secret are shorter than those of secrets.
        if (secrets is null || !SecretUri.Parse(reference).TryGet(out var uri, out _))
        {
            return (SecretValue?)null;
        }

        return secrets.Get(uri, null).Then<SecretValue?>(reading => reading switch
        {
            SecretReading.Found found => found.Value,
            SecretReading.Undecryptable broken => broken.Why,
            _ => (SecretValue?)null,
        });
    }

    /// <summary>Why an environment cannot keep credentials, asked before any are made; null when it can.</summary>
    public static async Task<Refusal?> WhyNotKeptAsync(OpPlace at, VerbCall call, CancellationToken cancellationToken) =>
        (await at.LoadAsync(cancellationToken)).TryGet(out var document, out var refusal) ? (await SecretsNoun.OpenAsync(document, at, call, cancellationToken)).Refusal : refusal;
}
