using Gtc.Cli.Op.Secrets;
using Gtc.Cli.Verbs;
using Gtc.Model;
using Gtc.Store;

namespace Gtc.Cli.Op.Messaging;

/// <summary>Mints the secret that a provider of the Telegram class sends along. Its value goes into the environment's secrets and nowhere else.</summary>
internal static class WebhookSecretMint
{
    private const string Alphabet = "base64url";

    /// <summary>
    /// Runs a change that may need a fresh secret. The change is tried with the reference first; the secret is written only when it will stand,
    /// and before the document that refers to it is saved.
    /// </summary>
    /// <param name="at">Where.</param>
    /// <param name="document">The environment.</param>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="call">The call.</param>
    /// <param name="change">The change, given the reference under which the secret will lie.</param>
    public static Outcome<EndpointChange> Run(
        LocalPlace at, EnvironmentDocument document, MessagingEndpointId endpoint, VerbCall call, Func<Outcome<string>, Outcome<EndpointChange>> change)
    {
        var reference = WebhookSecrets.Reference(document, endpoint, isDevStore: true);
        if (!change(reference).TryGet(out var changed, out var refusal))
        {
            return refusal;
        }

        var needsOne = changed is { IsMutated: true, Endpoint.WebhookSecretRef: { } used } && reference.IsOk && used == reference.Value;
        return needsOne && Write(at, document, reference.Value, call) is { } failed ? failed : changed;
    }

    /// <summary>Writes a fresh secret. Null on success.</summary>
    public static Refusal.Conflict? Write(LocalPlace at, EnvironmentDocument document, string reference, VerbCall call)
    {
        var written = SecretUri.Parse(reference).Then(uri => SecretsNoun.Open(document, at, call).Then(store =>
            SecretGenerator.Generate(WebhookSecrets.Length, Alphabet, new RandomSource(call.Context.Random)).Then(value =>
            {
                using (value)
                {
                    return store.Put(uri, value).Then(version =>
                    {
                        SecretsNoun.Warn(store, call);
                        return (Outcome<SecretVersion>)version;
                    });
                }
            })));
        return written.Refusal is { } why ? Unprovisioned(why) : null;
    }

    /// <summary>Whether a secret could be written over a store server; asked before the endpoint that refers to it is changed.</summary>
    /// <param name="document">The environment.</param>
    /// <param name="fetched">Its secrets.</param>
    /// <param name="reference">Where the secret will lie.</param>
    /// <param name="call">The call.</param>
    public static Outcome<string> CouldWrite(EnvironmentDocument document, Outcome<FetchedSecrets> fetched, Outcome<string> reference, VerbCall call) => reference.Then(found =>
    {
        var opened = fetched.Then(secrets => secrets.Open(document, call));
        return opened.Refusal is { } why ? Unprovisioned(why)
            : opened.Value.IsPublic ? Unprovisioned(CiphertextFile.Public(found, document.EnvironmentId))
            : (Outcome<string>)found;
    });

    /// <summary>Writes a secret over a store server, where the endpoint refers to it already.</summary>
    /// <param name="at">Where.</param>
    /// <param name="reference">Where the secret lies.</param>
    /// <param name="isNew">Whether one that is there is replaced.</param>
    /// <param name="call">The call.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>Null when it is there.</returns>
    public static async Task<Refusal?> WriteAsync(RemotePlace at, string reference, bool isNew, VerbCall call, CancellationToken cancellationToken)
    {
        if (!SecretUri.Parse(reference).TryGet(out var uri, out var refusal)
            || !(await at.LoadAsync(cancellationToken)).TryGet(out var document, out refusal)
            || !(await SecretsNoun.OpenAsync(document, at, call, cancellationToken)).TryGet(out var store, out refusal))
        {
            return Unprovisioned(refusal);
        }

        if (!isNew && store.Get(uri, null) is { IsOk: true, Value: not SecretReading.Absent and var found })
        {
            (found as SecretReading.Found)?.Value.Dispose();
            return null;
        }

        var value = SecretGenerator.Generate(WebhookSecrets.Length, Alphabet, new RandomSource(call.Context.Random));
        using var held = value.Match(made => made, _ => (SecretValue?)null);
        var written = await SecretsNoun.ChangeAsync(at, "put", uri, (string?)null, call, (secrets, secret) => value.Then(made => secrets.Put(secret, made)), cancellationToken);
        return written.Refusal is { } why ? Unprovisioned(why) : null;
    }

    private static Refusal.Conflict Unprovisioned(Refusal why) => new($"the webhook secret could not be provisioned: {why.Message}") { Details = why.Details, Next = why.Next };
}
