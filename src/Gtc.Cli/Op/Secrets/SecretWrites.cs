using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.Model;
using Gtc.Store;
using Gtc.Store.Server;

namespace Gtc.Cli.Op.Secrets;

/// <summary>The verbs of <c>gtc op secrets</c> that write.</summary>
internal static class SecretWrites
{
    public static Verb<PutSecretPayload> Put => new()
    {
        Noun = SecretsNoun.Name,
        Name = "put",
        Purpose = "Write a secret, from a variable, a file, standard input or a question at the terminal",
        Examples =
        [
            "op secrets put acme/_/messaging-telegram/bot_token --from-env ACME_BOT_TOKEN",
            "op secrets put acme/_/messaging-telegram/bot_token --env prod --from-file -",
        ],
        Payload = SecretsJson.Default.PutSecretPayload,
        Fields = [SecretsNoun.PathField, SecretsNoun.EnvironmentField, .. SecretInput.Fields, PayloadField.AuditKey],
        ReadWords = SecretInput.ReadWords,
        Forbid = SecretInput.Forbid,
        RunAsync = PutAsync,
    };

    public static Verb<RotateSecretPayload> Rotate => new()
    {
        Noun = SecretsNoun.Name,
        Name = "rotate",
        Purpose = "Write a new version of a secret; the previous one is kept",
        Remark = "With generate.length or generate.alphabet the value is made at random and shown to nobody.",
        Examples =
        [
            "op secrets rotate acme/_/webchat/jwt_signing_key --generate-length 48",
            "op secrets rotate acme/_/messaging-telegram/bot_token --from-env ACME_BOT_TOKEN",
        ],
        Payload = SecretsJson.Default.RotateSecretPayload,
        Fields =
        [
            SecretsNoun.PathField,
            SecretsNoun.EnvironmentField,
            .. SecretInput.Fields,
            new("generate.length", $"characters of a random value; {SecretGenerator.DefaultLength} when only the alphabet is given", "--generate-length", "N"),
            new("generate.alphabet", $"what a random value is made of: {SecretGenerator.Alphabets}; {SecretGenerator.DefaultAlphabet} when only the length is given", "--generate-alphabet", "NAME"),
            PayloadField.AuditKey,
        ],
        ReadWords = SecretInput.ReadWords,
        Forbid = SecretInput.Forbid,
        RunAsync = RotateAsync,
    };

    public static Verb<DeleteSecretPayload> Delete => new()
    {
        Noun = SecretsNoun.Name,
        Name = "delete",
        Purpose = "End a secret; it is absent from then on",
        Remark = "What it held stays encrypted in the file as an earlier version. A value that leaked must be changed where it counts.",
        Examples = ["op secrets delete acme/_/messaging-telegram/bot_token", "op secrets delete acme/_/messaging-telegram/bot_token --env prod"],
        Payload = SecretsJson.Default.DeleteSecretPayload,
        Fields = [SecretsNoun.PathField, SecretsNoun.EnvironmentField, PayloadField.AuditKey],
        RunAsync = DeleteAsync,
    };

    public static Verb<EnvironmentPayload> Seal => new()
    {
        Noun = SecretsNoun.Name,
        Name = "seal",
        Purpose = "Protect an environment's secrets with a random key of its own",
        Remark = "The key is ~/.greentic/keys/ENV.key, made when there is none; GREENTIC_SECRETS_MASTER_KEY or GREENTIC_SECRETS_MASTER_KEY_FILE give another. "
            + "Keep a copy of it elsewhere: without it the secrets are lost. Doing it again changes nothing.",
        Examples = ["op secrets seal prod", "op secrets seal"],
        Payload = SecretsJson.Default.EnvironmentPayload,
        Fields = [PayloadField.Environment],
        RunAsync = SealAsync,
    };

    private static async Task<Outcome<Answer>> PutAsync(PutSecretPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        if (!OpStore.Open(call, payload.EnvironmentId).TryGet(out var at, out var refusal))
        {
            return refusal;
        }

        var secret = SecretsNoun.Find(payload.Path, at.Environment);
        var read = secret.IsOk
            ? await SecretInput.ReadAsync(payload.ValueFromEnv, payload.ValueFromFile, Question(secret.Value), call, cancellationToken)
            : secret.Refusal!;
        var value = read.Then(found => found is null ? SecretInput.NoSource("put", "") : (Outcome<SecretValue>)found);
        using var held = value.IsOk ? value.Value : null;
        var done = await SecretsNoun.ChangeAsync(
            at, "put", secret, Key(payload.IdempotencyKey, call), call, (store, uri) => value.Then(found => store.Put(uri, found)), cancellationToken);
        return done.Then(written => Written(written.Store, secret.Value, written.Result, isGenerated: false, call));
    }

    private static async Task<Outcome<Answer>> RotateAsync(RotateSecretPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        if (!OpStore.Open(call, payload.EnvironmentId).TryGet(out var at, out var refusal))
        {
            return refusal;
        }

        var secret = SecretsNoun.Find(payload.Path, at.Environment);
        var value = secret.IsOk ? await NewValueAsync(payload, secret.Value, call, cancellationToken) : secret.Refusal!;
        using var held = value.IsOk ? value.Value : null;
        var done = await SecretsNoun.ChangeAsync(
            at, "rotate", secret, Key(payload.IdempotencyKey, call), call, (store, uri) => value.Then(found => store.Rotate(uri, found)), cancellationToken);
        return done.Then(written => Written(written.Store, secret.Value, written.Result, payload.Generate is not null, call));
    }

    private static async Task<Outcome<SecretValue>> NewValueAsync(RotateSecretPayload payload, SecretUri secret, VerbCall call, CancellationToken cancellationToken)
    {
        if (payload.Generate is { } generate)
        {
            return payload.ValueFromEnv is null && payload.ValueFromFile is null
                ? SecretGenerator.Generate(generate.Length ?? SecretGenerator.DefaultLength, generate.Alphabet ?? SecretGenerator.DefaultAlphabet, new RandomSource(call.Context.Random))
                : new Refusal.InvalidArgument("a value is either given or generated, not both");
        }

        var read = await SecretInput.ReadAsync(payload.ValueFromEnv, payload.ValueFromFile, Question(secret), call, cancellationToken);
        return read.Then(found => found is null ? SecretInput.NoSource("rotate", ", is generated (--generate-length N)") : (Outcome<SecretValue>)found);
    }

    private static async Task<Outcome<Answer>> DeleteAsync(DeleteSecretPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        if (!OpStore.Open(call, payload.EnvironmentId).TryGet(out var at, out var refusal))
        {
            return refusal;
        }

        var secret = SecretsNoun.Find(payload.Path, at.Environment);
        var done = await SecretsNoun.ChangeAsync(at, "delete", secret, Key(payload.IdempotencyKey, call), call, (store, uri) => store.Delete(uri), cancellationToken);
        return done.Then(deleted =>
        {
            SecretsNoun.Warn(deleted.Store, call);
            var (store, uri) = (deleted.Store, secret.Value);
            var result = new SecretDeleted
            {
                EnvironmentId = store.Environment.ToString(),
                SecretRef = uri.Reference,
                StoreUri = uri.ToString(),
                SecretsKind = store.Kind.ToString(),
                StorePath = store.Path,
                Deleted = deleted.Result is not null,
                Version = deleted.Result?.Number,
                Warnings = call.Warnings,
            };
            return (Outcome<Answer>)Answer.Of(result, SecretsJson.Default.SecretDeleted, screen => screen.Say(result.Deleted
                ? $"{result.SecretRef} is deleted."
                : $"{result.SecretRef} is not there; nothing changed."));
        });
    }

    private static async Task<Outcome<Answer>> SealAsync(EnvironmentPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        if (!OpStore.Open(call, payload.EnvironmentId).TryGet(out var at, out var refusal))
        {
            return refusal;
        }

        var intent = OpStore.Intent(at.Environment, SecretsNoun.Name, "seal", ("environment_id", at.Environment.ToString()));
        var done = at is RemotePlace remote ? await SealRemoteAsync(remote, intent, call, cancellationToken) : await at.ChangeAsync(
            new OpChange<SecretsSealed>(intent)
            {
                OnFiles = change => change.Required(at.Environment)
                    .Then(document => SecretsNoun.Open(document, (LocalPlace)at, call))
                    .Then(store => store.Seal(change).Then(document => (Outcome<Mutation<SecretsSealed>>)
                        new Mutation<SecretsSealed>(new(at.Environment.ToString(), store.Kind.ToString(), store.Path, document is not null)) { Document = document })),
                Ask = _ => throw new InvalidOperationException("The files are here."),
                FromWire = _ => throw new InvalidOperationException("The files are here."),
            },
            cancellationToken);
        return done.Then(result => (Outcome<Answer>)Answer.Of(result, SecretsJson.Default.SecretsSealed, screen => screen.Say(result.Changed
            ? $"Secrets of environment {result.EnvironmentId} are sealed. Keep a copy of the key elsewhere: without it they are lost."
            : $"Secrets of environment {result.EnvironmentId} are sealed already; nothing changed.")));
    }

    /// <summary>The secrets are sealed here, and the server is given the sealed file and what the binding says from then on.</summary>
    private static async Task<Outcome<SecretsSealed>> SealRemoteAsync(RemotePlace at, MutationIntent intent, VerbCall call, CancellationToken cancellationToken)
    {
        var fetched = await FetchedSecrets.FetchAsync(at, cancellationToken);
        SecretStore? opened = null;
        var wasSealed = false;
        return await at.ChangeAsync(
            new OpChange<SecretsSealed>(intent)
            {
                OnFiles = _ => throw new InvalidOperationException("The files are on the server."),
                Ask = found => OpStore.Required(found, at.Environment).Then(document => fetched.Then(secrets => secrets.Open(document, call).Then(store =>
                {
                    (opened, wasSealed) = (store, store.IsSealed);
                    return store.SealHere().Then<WireRequest>(file => WireRequest.With(
                        HttpMethod.Post,
                        ContractJson.Default.SealBody,
                        new SealBody(System.Text.Encoding.UTF8.GetString(file.Span), System.Text.Json.JsonElement.Parse(store.SealedAnswers.ToJsonString())),
                        "secrets",
                        "seal") with { IsChained = false, SideEtag = secrets.Secrets.Etag });
                }))),
                FromWire = _ => new SecretsSealed(at.Environment.ToString(), opened!.Kind.ToString(), opened.Path, !wasSealed),
            },
            cancellationToken);
    }

    private static string Question(SecretUri secret) => $"Value of {secret.Reference} (not shown): ";

    private static Outcome<string?> Key(string? given, VerbCall call) => call.AuditKey(given).Then(key => (Outcome<string?>)key);

    private static Outcome<Answer> Written(SecretStore store, SecretUri uri, SecretVersion version, bool isGenerated, VerbCall call)
    {
        SecretsNoun.Warn(store, call);
        var result = new SecretWritten
        {
            EnvironmentId = store.Environment.ToString(),
            SecretRef = uri.Reference,
            StoreUri = uri.ToString(),
            SecretsKind = store.Kind.ToString(),
            StorePath = store.Path,
            Written = true,
            Version = version.Number,
            PreviousVersion = version.Previous,
            Generated = isGenerated,
            Warnings = call.Warnings,
        };
        return Answer.Of(result, SecretsJson.Default.SecretWritten, screen =>
        {
            screen.Say($"{result.SecretRef} is written, version {result.Version}{(isGenerated ? ", a random value" : "")}.");
            screen.Facts(("previous", result.PreviousVersion is { } previous ? $"version {previous}, kept" : null), ("file", result.StorePath));
        });
    }
}
