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
        return written.Refusal is { } why
            ? new Refusal.Conflict($"the webhook secret could not be provisioned: {why.Message}") { Details = why.Details, Next = why.Next }
            : null;
    }
}
