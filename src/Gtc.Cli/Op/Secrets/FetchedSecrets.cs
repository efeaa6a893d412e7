using System.Text.Json.Nodes;
using Gtc.Cli.Verbs;
using Gtc.Model;
using Gtc.Store;

namespace Gtc.Cli.Op.Secrets;

/// <summary>The secrets of an environment on a store server, fetched encrypted. They are decrypted, and encrypted again, on this machine only.</summary>
/// <param name="Place">Where they are, for people.</param>
/// <param name="Secrets">The file.</param>
/// <param name="Answers">What the secrets binding was answered; null when it was answered nothing.</param>
internal sealed record FetchedSecrets(string Place, RemoteSecrets Secrets, JsonObject? Answers)
{
    /// <summary>Fetches them.</summary>
    public static async Task<Outcome<FetchedSecrets>> FetchAsync(RemotePlace at, CancellationToken cancellationToken)
    {
        if (!(await at.Store.SecretsAsync(at.Environment, cancellationToken)).TryGet(out var secrets, out var refusal)
            || !(await at.Store.AnswersAsync(at.Environment, CapabilitySlot.Secrets, cancellationToken)).TryGet(out var answers, out refusal))
        {
            return refusal;
        }

        return new FetchedSecrets($"{at.Shown}environments/{at.Environment}/secrets", secrets, answers);
    }

    /// <summary>Opens them with the keys of this machine.</summary>
    public Outcome<SecretStore> Open(EnvironmentDocument document, VerbCall call) => SecretStore.OpenRemote(document, Answers, Place, Secrets.File.ToArray(), SecretsNoun.Access(call));
}
