using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gtc.Model;

namespace Gtc.Store.Server;

/// <summary>
/// Secrets, which callers encrypt: the server keeps ciphertext and never sees a key (decision 24). A caller sends the whole file with one version more
/// of one secret, and the server sees to it that this is all that changed. Who only reads learns names; ciphertext is for who may use secrets.
/// </summary>
internal static class SecretRoutes
{
    private const string Noun = "secrets";
    private const string Secrets = "/environments/{env_id}/secrets";
    private const string One = Secrets + "/{tenant}/{team}/{pack}/{name}";

    /// <summary>The right to give a secret a value.</summary>
    public static readonly (string Noun, string Verb) PutRight = (Noun, "put");

    /// <summary>The most bytes of a body that brings the secrets along.</summary>
    public static readonly Func<StoreServerOptions, long> MaxBody = static _ => SideDocument.MaxBytes + (1 << 20);

    private static readonly SideName Usual = SideName.Of(".greentic/dev/.dev.secrets.env");
    private static readonly SideName Older = SideName.Of(".greentic/state/dev/.dev.secrets.env");

    /// <summary>The routes.</summary>
    public static IReadOnlyList<StoreRoute> All { get; } =
    [
        new ReadRoute { Method = "GET", Path = Secrets, Noun = Noun, Verb = "list", Summary = "The names of the secrets and their versions, never a value", Answer = ListAsync },
        new ReadRoute
        {
            Method = "GET",
            Path = Secrets + "/ciphertext",
            Noun = Noun,
            Verb = "ciphertext",
            Summary = "The encrypted secrets, for callers who may use them",
            Answer = CiphertextAsync,
            NeedsRight = true,
        },
        Of(ChangeRoute.With("PUT", One, Noun, "put", "Takes the secrets with a new version of one of them", ContractJson.Default.CiphertextBody, (asked, body) => Step(asked, body, SecretStep.Put))),
        Of(ChangeRoute.With("POST", One + "/rotate", Noun, "rotate", "Takes the secrets with a new version of one that is there", ContractJson.Default.CiphertextBody, (asked, body) => Step(asked, body, SecretStep.Rotate))),
        Of(ChangeRoute.With("DELETE", One, Noun, "delete", "Takes the secrets with the end of one of them", ContractJson.Default.CiphertextBody, (asked, body) => Step(asked, body, SecretStep.Delete))),
        ChangeRoute.Bare("POST", One + "/reveal", Noun, "get", "Records that a value is shown", Reveal) with { Precondition = Precondition.Ignored },
        Of(ChangeRoute.With("POST", Secrets + "/seal", Noun, "seal", "Takes the secrets sealed with a key of the environment's own, and says so in the answers of its secrets slot", ContractJson.Default.SealBody, Seal)),
    ];

    /// <summary>The secrets with one version more of one of them, for a change that is about more than that.</summary>
    public static Outcome<ImmutableSortedDictionary<SideName, byte[]?>> Changed(ChangeContext context, SecretUri secret, SecretStep step, string sent) =>
        Find(context.Side).Then(found => CiphertextFile.Parse(found.Bytes.Span).Then(present => Parse(sent).Then(next =>
            present.Step(secret, step, next.File).Then<ImmutableSortedDictionary<SideName, byte[]?>>(_ => TypedSides.Of(found.Name, next.Bytes)))));

    /// <summary>The same with a new version of one that a change refers to.</summary>
    public static Outcome<ImmutableSortedDictionary<SideName, byte[]?>> Put(ChangeContext context, EnvId environment, string reference, string file) => SecretUri.Parse(reference).Then(secret =>
        secret.Environment != environment.ToString() ? new Refusal.InvalidArgument($"{reference} is no secret of environment `{environment}`") : Changed(context, secret, SecretStep.Put, file));

    private static ChangeRoute Of(ChangeRoute route) => route with { Precondition = Precondition.OfSide, MaxBody = MaxBody };

    private static Outcome<Planned> Step(Asked asked, CiphertextBody body, SecretStep step) => SecretOf(asked).Then<Planned>(secret =>
        Planned(asked, secret, context => Find(context.Side).Then(found => CiphertextFile.Parse(found.Bytes.Span).Then(present => body.File is not { } sent
            ? Untouched(secret, step, present)
            : Parse(sent).Then(next => present.Step(secret, step, next.File).Then<Change>(version =>
                new Change(Wire.Answer(new JsonObject { ["version"] = version.Number, ["previous_version"] = version.Previous })) { Sides = TypedSides.Of(found.Name, next.Bytes) }))))));

    /// <summary>Without a file nothing is to be done; that is right only where the secret to be deleted is not there.</summary>
    private static Outcome<Change> Untouched(SecretUri secret, SecretStep step, CiphertextFile present) => step == SecretStep.Delete && present.Find(secret) is null
        ? new Change(Wire.Answer(new JsonObject { ["version"] = null, ["previous_version"] = null }))
        : new Refusal.InvalidArgument("file must hold the secrets as they are to be");

    private static Outcome<Planned> Reveal(Asked asked) => SecretOf(asked).Then<Planned>(secret => Planned(asked, secret, context =>
        Find(context.Side).Then(found => CiphertextFile.Parse(found.Bytes.Span)).Then<Change>(present => new Change(Wire.Answer(new JsonObject { ["version"] = present.Find(secret) })))));

    private static Outcome<Planned> Seal(Asked asked, SealBody body) => Parse(body.File).Then<Planned>(next => BindingRoutes.CheckAnswers(body.Answers) is { } refusal ? refusal
        : new Planned(Wire.Target(asked.Environment), context => Find(context.Side).Then(found => CiphertextFile.Parse(found.Bytes.Span).Then(present =>
            present.Seal(next.File) is { } other ? other : Sealed(context, next.Bytes, found, body.Answers))))
        {
            Side = Name,
        });

    private static Outcome<Change> Sealed(ChangeContext context, byte[] file, FoundSecrets found, JsonElement answers)
    {
        if (context.Present.Packs.FirstOrDefault(pack => pack.Slot == CapabilitySlot.Secrets) is not { } binding)
        {
            return new Refusal.Conflict("no env-pack is bound in slot `secrets`");
        }

        if (binding.AnswersDigest == CanonicalJson.Digest(answers) && found.Bytes.Span.SequenceEqual(file))
        {
            return new Change(Wire.Answer(new JsonObject { ["changed"] = false }));
        }

        var declared = SecretStore.Declared(context.Present, binding, answers);
        return AnswersSides.Stage(context, declared.Reference, answers).Then<Change>(sides => new Change(Wire.Answer(new JsonObject { ["changed"] = true }))
        {
            Document = declared.Document,
            Sides = sides.SetItem(found.Name, file),
        });
    }

    private static Planned Planned(Asked asked, SecretUri secret, Func<ChangeContext, Outcome<Change>> step) =>
        new(Wire.Target(asked.Environment, ("path", $"{secret.Tenant}/{secret.Team}/{secret.Category}/{secret.Name}")), step) { Side = Name };

    private static Outcome<SecretUri> SecretOf(Asked asked) =>
        SecretPath.Parse(string.Join('/', ((string[])["tenant", "team", "pack", "name"]).Select(asked.Parameter))).Then(path => path.In(asked.Environment));

    private static Outcome<(CiphertextFile File, byte[] Bytes)> Parse(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        return bytes.Length > SideDocument.MaxBytes
            ? new Refusal.InvalidArgument($"the file has {bytes.Length:N0} bytes, at most {SideDocument.MaxBytes:N0} are kept")
            : CiphertextFile.Parse(bytes).Then<(CiphertextFile, byte[])>(file => (file, bytes));
    }

    /// <summary>Where the file of secrets lies, or would.</summary>
    public static SideName Name(ChangeContext context) => Find(context.Side).Match(found => found.Name, _ => Usual);

    private static Outcome<FoundSecrets> Find(Func<SideName, Outcome<SideDocument?>> side) => side(Usual).Then(usual => usual is not null
        ? new FoundSecrets(Usual, usual)
        : side(Older).Then<FoundSecrets>(older => older is null ? new FoundSecrets(Usual, null) : new FoundSecrets(Older, older)));

    private static async Task<Outcome<FoundSecrets>> FindAsync(ReadCall call)
    {
        var cancellation = call.Request.HttpContext.RequestAborted;
        var usual = await call.Storage.ReadSideAsync(call.Environment, Usual, cancellation);
        var older = usual is { IsOk: true, Value: null } ? await call.Storage.ReadSideAsync(call.Environment, Older, cancellation) : (SideDocument?)null;
        return Find(name => name == Usual ? usual : older);
    }

    private static async Task<Reply> ListAsync(ReadCall call)
    {
        if (!(await FindAsync(call)).TryGet(out var found, out var refusal))
        {
            return ReadRoutes.Refuse(call.Environment, refusal);
        }

        return CiphertextFile.Parse(found.Bytes.Span).Match(
            file => ReadRoutes.WithEtag(call, found.Etag, writer =>
            {
                writer.WriteString("environment_id", call.Environment.ToString());
                writer.WriteStartArray("secrets");
                foreach (var secret in file.List(call.Environment))
                {
                    writer.WriteStartObject();
                    writer.WriteString("path", secret.StoreUri[$"{SecretUri.Scheme}{call.Environment}/".Length..]);
                    writer.WriteNumber("version", secret.Version);
                    writer.WriteEndObject();
                }

                writer.WriteEndArray();
            }),
            broken => Reply.Of(Problem.Of(ProblemKind.IntegrityMismatch, broken.Message)));
    }

    private static async Task<Reply> CiphertextAsync(ReadCall call) => (await FindAsync(call)).Match(
        found => ReadRoutes.WithEtag(call, found.Etag, writer =>
        {
            writer.WriteString("environment_id", call.Environment.ToString());
            writer.WriteString("file", found.Bytes.Span);
            writer.WriteString("etag", found.Etag);
        }),
        refusal => ReadRoutes.Refuse(call.Environment, refusal));

    /// <param name="Name">Where the file lies, or would.</param>
    /// <param name="Side">The file, or null.</param>
    private sealed record FoundSecrets(SideName Name, SideDocument? Side)
    {
        public ReadOnlyMemory<byte> Bytes => Side?.Bytes ?? default;

        public string Etag => Side?.Etag ?? SideDocument.EtagOf([]);
    }
}
