using System.Text;
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
    public static Refusal? Write(LocalPlace at, EnvironmentDocument document, string reference, VerbCall call)
    {
        var written = SecretsNoun.Open(document, at, call).Then(store => Put(store, reference, call));
        return written.Refusal is { } why ? Unprovisioned(why) : null;
    }

    /// <summary>The secrets of a store server with a fresh one among them, to be sent with the change that refers to it.</summary>
    /// <param name="document">The environment.</param>
    /// <param name="fetched">Its secrets.</param>
    /// <param name="reference">Where the secret will lie.</param>
    /// <param name="call">The call.</param>
    /// <returns>The file, encrypted.</returns>
    public static Outcome<string> Mint(EnvironmentDocument document, Outcome<FetchedSecrets> fetched, string reference, VerbCall call)
    {
        var minted = fetched.Then(secrets => secrets.Open(document, call)).Then(store => store.IsPublic
            ? CiphertextFile.Public(reference, document.EnvironmentId)
            : Put(store, reference, call).Then<string>(_ => Encoding.UTF8.GetString(store.Written!.Value.Span)));
        return minted.Refusal is { } why ? Unprovisioned(why) : minted;
    }

    /// <summary>A server that cannot be reached says so itself: whether it took the secret is not known.</summary>
    private static Refusal Unprovisioned(Refusal why) => why is Refusal.Unreachable ? why : new Refusal.Conflict($"the webhook secret could not be provisioned: {why.Message}") { Details = why.Details, Next = why.Next };

    private static Outcome<SecretVersion> Put(SecretStore store, string reference, VerbCall call) => SecretUri.Parse(reference).Then(uri =>
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
        }));
}
