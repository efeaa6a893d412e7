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
    public static async Task<Outcome<CredentialMaterial?>> ReadAsync(LocalPlace at, string reference, VerbCall call, CancellationToken cancellationToken)
    {
        if (!(await at.Store.LoadAsync(at.Environment, cancellationToken)).TryGet(out var document, out var refusal))
        {
            return refusal;
        }

        return Find(document, reference, at, call).Then<CredentialMaterial?>(found =>
        {
            using (found)
            {
                return found is null ? null : new CredentialMaterial(found.Bytes);
            }
        });
    }

    /// <summary>The same out of a document that was read already; the caller disposes it.</summary>
    public static Outcome<SecretValue?> Find(EnvironmentDocument document, string reference, LocalPlace at, VerbCall call)
    {
        // References that stand for nothing secret are shorter than those of secrets.
        if (document.Packs.All(pack => pack.Slot != CapabilitySlot.Secrets) || !SecretUri.Parse(reference).TryGet(out var uri, out _))
        {
            return (SecretValue?)null;
        }

        return SecretsNoun.Open(document, at, call).Then(secrets => secrets.Get(uri, null)).Then<SecretValue?>(reading => reading switch
        {
            SecretReading.Found found => found.Value,
            SecretReading.Undecryptable broken => broken.Why,
            _ => (SecretValue?)null,
        });
    }

    /// <summary>Why an environment cannot keep credentials, asked before any are made; null when it can.</summary>
    public static async Task<Refusal?> WhyNotKeptAsync(LocalPlace at, VerbCall call, CancellationToken cancellationToken) =>
        (await at.Store.LoadAsync(at.Environment, cancellationToken)).Then(document => SecretsNoun.Open(document, at, call)).Refusal;
}
