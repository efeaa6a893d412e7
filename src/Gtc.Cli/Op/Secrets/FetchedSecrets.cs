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
    private const int MostTries = 8;

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

    /// <summary>Changes something together with the secrets, and again when somebody else changed them meanwhile: changes of different secrets do not exclude each other.</summary>
    /// <param name="at">Where.</param>
    /// <param name="change">The change, made of the secrets as they were fetched. Where they cannot be, it says so itself and is recorded.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public static async Task<Outcome<T>> ChangeAsync<T>(RemotePlace at, Func<Outcome<FetchedSecrets>, Task<Outcome<T>>> change, CancellationToken cancellationToken)
    {
        for (var tries = 1; ; tries++)
        {
            var fetched = await FetchAsync(at, cancellationToken);
            var done = await change(fetched);

            // Where nothing tells how it ended, it may be this very change that is found there.
            if (done.IsOk || done.Refusal is Refusal.Unreachable or Refusal.AuditFailed or { MayStand: true } || tries == MostTries || !fetched.TryGet(out var before, out _) || !await before.IsOvertakenAsync(at, cancellationToken))
            {
                return done;
            }
        }
    }

    /// <summary>Opens them with the keys of this machine.</summary>
    public Outcome<SecretStore> Open(EnvironmentDocument document, VerbCall call) => SecretStore.OpenRemote(document, Answers, Place, Secrets.File.ToArray(), SecretsNoun.Access(call));

    private async Task<bool> IsOvertakenAsync(RemotePlace at, CancellationToken cancellationToken) =>
        (await at.Store.SecretsAsync(at.Environment, cancellationToken)).TryGet(out var now, out _) && now.Etag != Secrets.Etag;
}
