using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.Model;
using Gtc.Store;

namespace Gtc.Cli.Op.Secrets;

/// <summary>The verbs of <c>gtc op secrets</c> that read.</summary>
internal static class SecretReads
{
    public static Verb<GetSecretPayload> Get => new()
    {
        Noun = SecretsNoun.Name,
        Name = "get",
        Purpose = "Tell whether a secret is there; show it only with --reveal, which is audited",
        Examples = ["op secrets get acme/_/messaging-telegram/bot_token", "op secrets get acme/_/messaging-telegram/bot_token --env prod --reveal"],
        Payload = SecretsJson.Default.GetSecretPayload,
        Fields =
        [
            SecretsNoun.PathField,
            SecretsNoun.EnvironmentField,
            new("reveal", "show the value, and record in the audit log that it was shown", "--reveal"),
            new("version", "an older version; the newest when not given", "--secret-version", "N"),
        ],
        RunAsync = GetAsync,
    };

    public static Verb<EnvironmentPayload> List => new()
    {
        Noun = SecretsNoun.Name,
        Name = "list",
        Purpose = "List the names of the secrets, never a value",
        Examples = ["op secrets list", "op secrets list prod --format json"],
        Payload = SecretsJson.Default.EnvironmentPayload,
        Fields = [PayloadField.Environment],
        RunAsync = ListAsync,
    };

    private static async Task<Outcome<Answer>> GetAsync(GetSecretPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        if (!OpStore.Open(call, payload.EnvironmentId).TryGet(out var at, out var refusal))
        {
            return refusal;
        }

        var secret = SecretsNoun.Find(payload.Path, at.Environment);
        if (payload.Reveal)
        {
            var revealed = await SecretsNoun.ChangeAsync(at, "get", secret, (string?)null, call, (store, uri) => Revealed(store.Get(uri, payload.Version)), cancellationToken);
            return revealed.Then(read => Answered(read.Store, secret.Value, read.Result, isRevealed: true, call));
        }

        return secret.TryGet(out var uri, out refusal)
            && (await at.LoadAsync(cancellationToken)).TryGet(out var document, out refusal)
            && (await SecretsNoun.OpenAsync(document, at, call, cancellationToken)).TryGet(out var store, out refusal)
            && store.Get(uri, payload.Version).TryGet(out var reading, out refusal)
            ? Answered(store, uri, reading, isRevealed: false, call)
            : refusal;
    }

    /// <summary>Whoever asks for the value itself must not go on without it.</summary>
    private static Outcome<SecretReading> Revealed(Outcome<SecretReading> read) =>
        read.Then(reading => reading is SecretReading.Undecryptable closed ? closed.Why : (Outcome<SecretReading>)reading);

    private static Outcome<Answer> Answered(SecretStore store, SecretUri uri, SecretReading reading, bool isRevealed, VerbCall call)
    {
        SecretsNoun.Warn(store, call);
        if (reading is SecretReading.Undecryptable closed)
        {
            call.Warn(closed.Why.Message);
        }

        using var value = (reading as SecretReading.Found)?.Value;
        var got = new SecretGot
        {
            EnvironmentId = store.Environment.ToString(),
            SecretRef = uri.Reference,
            StoreUri = uri.ToString(),
            SecretsKind = store.Kind.ToString(),
            StorePath = store.Path,
            Present = reading is SecretReading.Found,
            Version = reading switch { SecretReading.Found found => found.Version, SecretReading.Undecryptable there => there.Version, _ => null },
            Problem = reading is SecretReading.Undecryptable ? "undecryptable" : null,
            Value = isRevealed && value is { IsText: true } ? value.Reveal() : null,
            ValueBase64 = isRevealed && value is { IsText: false } ? Convert.ToBase64String(value.Bytes) : null,
            Warnings = call.Warnings,
        };
        return Answer.Of(got, SecretsJson.Default.SecretGot, screen =>
        {
            screen.Say(got.Present ? $"{got.SecretRef} is there, version {got.Version}." : got.Problem is null ? $"{got.SecretRef} is not there." : $"{got.SecretRef} is there, but cannot be decrypted.");
            screen.Facts(("file", got.StorePath), ("value", got.Value), ("base64", got.ValueBase64));
        });
    }

    private static async Task<Outcome<Answer>> ListAsync(EnvironmentPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        if (!OpStore.Open(call, payload.EnvironmentId).TryGet(out var at, out var refusal)
            || !(await at.LoadAsync(cancellationToken)).TryGet(out var document, out refusal)
            || !(await SecretsNoun.OpenAsync(document, at, call, cancellationToken)).TryGet(out var store, out refusal)
            || !store.List().TryGet(out var listings, out refusal))
        {
            return refusal;
        }

        SecretsNoun.Warn(store, call);
        var prefix = $"{SecretUri.Scheme}{at.Environment}/";
        var names = listings.Select(secret => new SecretName(secret.StoreUri[prefix.Length..], References.SecretScheme + secret.StoreUri[SecretUri.Scheme.Length..], secret.Version)).ToList();
        var list = new SecretList
        {
            EnvironmentId = at.Environment.ToString(),
            SecretsKind = store.Kind.ToString(),
            StorePath = store.Path,
            Namespace = $"{References.SecretScheme}{at.Environment}/",
            KnownRefs = [.. names.Select(name => name.SecretRef).Concat(Mentioned(document)).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)],
            Secrets = names,
            SnapshotAt = call.Context.Time.GetUtcNow(),
            Note = "known_refs are the secrets that the store holds and those that the environment refers to",
            Warnings = call.Warnings,
        };
        return Answer.Of(list, SecretsJson.Default.SecretList, screen => screen.Table(
            new([new("secret"), new("version", 1), new("reference", 2)], [.. list.Secrets.Select(Row)]),
            $"Environment {at.Environment} holds no secret."));
    }

    private static IEnumerable<string> Mentioned(EnvironmentDocument document) =>
        document.MessagingEndpoints.SelectMany(endpoint => endpoint.SecretRefs.Append(endpoint.WebhookSecretRef))
            .Append(document.CredentialsRef)
            .OfType<string>();

    private static System.Collections.Immutable.ImmutableArray<string> Row(SecretName name) => [name.Path, $"{name.Version}", name.SecretRef];
}
