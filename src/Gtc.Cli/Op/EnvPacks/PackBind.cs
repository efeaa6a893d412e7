using System.Text.Json;
using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.EnvPacks;
using Gtc.Model;
using Gtc.Store;
using Gtc.Store.Server;

namespace Gtc.Cli.Op.EnvPacks;

/// <summary><c>gtc op env-packs add</c> and <c>update</c>: put an env-pack into a slot.</summary>
internal static class PackBind
{
    private static readonly PayloadField[] Fields =
    [
        PayloadField.Environment,
        new("slot", "deployer, secrets, telemetry, sessions, state or revocation", "--slot", "SLOT"),
        new("kind", "the env-pack, path@version", "--kind", "KIND"),
        new("pack_ref", "where the pack comes from; `builtin` for the ones of gtc", "--pack-ref", "REF"),
        new("answers_ref", "a file with answers, of the working folder or of the environment's folder; its content is copied", "--answers-ref", "FILE"),
        new("answers", "the answers themselves, a JSON object; excludes answers_ref"),
        new("allow_unknown", "bind a kind or a version that nobody handles, with a warning", "--allow-unknown"),
        new("idempotency_key", "a retry with the same key and values changes nothing; minted when not given", "--idempotency-key", "KEY"),
    ];

    public static Verb<BindPackPayload> Add => Verb(
        "add", "Put an env-pack into a free slot", "op env-packs add slot=deployer kind=greentic.deployer.k8s@1.0.0 pack_ref=builtin answers_ref=k8s.json", PackVerbs.Add);

    public static Verb<BindPackPayload> Update => Verb(
        "update", "Replace the env-pack of a slot; rollback brings the old one back", "op env-packs update slot=secrets kind=greentic.secrets.dev-store@1.0.0 pack_ref=builtin", PackVerbs.Update);

    private static Verb<BindPackPayload> Verb(string name, string purpose, string example, Func<EnvironmentDocument, EnvPackBinding, Outcome<BindingChange<EnvPackBinding>>> bind) => new()
    {
        Noun = EnvPacksNoun.Name,
        Name = name,
        Purpose = purpose,
        Examples = [example],
        Payload = PacksJson.Default.BindPackPayload,
        Fields = [.. Fields],
        RunAsync = (payload, call, cancellationToken) => RunAsync(name, bind, payload, call, cancellationToken),
    };

    private static async Task<Outcome<Answer>> RunAsync(
        string verb, Func<EnvironmentDocument, EnvPackBinding, Outcome<BindingChange<EnvPackBinding>>> bind, BindPackPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        if (!OpStore.Open(call, payload.EnvironmentId).TryGet(out var at, out var refusal))
        {
            return refusal;
        }

        var intent = OpStore.Intent(at.Environment, EnvPacksNoun.Name, verb, ("slot", payload.Slot), ("kind", payload.Kind));
        if (!call.IdempotencyKey(payload.IdempotencyKey).TryGet(out var key, out refusal)
            || !(await WantedAsync(payload, at, call, cancellationToken)).TryGet(out var wanted, out refusal))
        {
            return await at.RefuseAsync(intent, refusal, cancellationToken);
        }

        var asked = JsonSerializer.SerializeToElement(payload with { Answers = wanted.Answers, IdempotencyKey = null }, PacksJson.Default.BindPackPayload);
        var done = await at.ChangeAsync(
            new OpChange<PackSummary>(intent with { IdempotencyKey = key, Request = asked })
            {
                Kept = PacksJson.Default.PackSummary,
                OnFiles = change => change.Required(at.Environment).Then(document => bind(document, wanted.Binding)).Then(changed => Staged(change, changed, wanted.Answers)),
                Ask = found => OpStore.Required(found, at.Environment).Then(document => bind(document, wanted.Binding)).Then<WireRequest>(_ => Asked(verb == "add", wanted.Binding, wanted.Answers)),
                FromWire = answer => EnvPacksNoun.Answered(at.Environment, answer),
            },
            cancellationToken);
        return done.Then(summary => (Outcome<Answer>)EnvPacksNoun.Answer(summary with { Warnings = call.Warnings }, verb == "add" ? "is bound" : "is bound now"));
    }

    /// <summary>What a store server is asked for.</summary>
    public static WireRequest Asked(bool isNew, EnvPackBinding binding, JsonElement? answers)
    {
        var body = new PackBody(binding, answers);
        return isNew
            ? WireRequest.With(HttpMethod.Post, ContractJson.Default.PackBody, body, "packs")
            : WireRequest.With(HttpMethod.Patch, ContractJson.Default.PackBody, body, "packs", PackVerbs.Text(binding.Slot));
    }

    private static async Task<Outcome<Wanted>> WantedAsync(BindPackPayload payload, OpPlace at, VerbCall call, CancellationToken cancellationToken)
    {
        if (!OpPacks.Slot(payload.Slot).TryGet(out var slot, out var refusal)
            || !Descriptors.Read(payload.Kind).TryGet(out var kind, out refusal)
            || !(await at.LoadAsync(cancellationToken)).TryGet(out _, out refusal)
            || !(await OpPacks.AnswersAsync(payload.Answers, payload.AnswersRef, at, call, cancellationToken)).TryGet(out var answers, out refusal))
        {
            return refusal;
        }

        if (string.IsNullOrWhiteSpace(payload.PackRef))
        {
            return new Refusal.InvalidArgument("pack_ref must not be empty; the packs of gtc are `builtin`");
        }

        if (!(await OpPacks.CatalogAsync(at, call, cancellationToken)).TryGet(out var catalog, out refusal))
        {
            return refusal;
        }

        if (await OpPacks.CheckAsync(catalog, slot, kind, answers, payload.AllowUnknown, call.Warn, cancellationToken) is { } misfit)
        {
            return misfit;
        }

        return new Wanted(answers, new EnvPackBinding
        {
            Slot = slot,
            Kind = kind,
            PackRef = payload.PackRef,
            AnswersRef = answers is null ? null : AnswersPlace.Of(slot),
            AnswersDigest = answers is { } given ? CanonicalJson.Digest(given) : null,
        });
    }

    private static Outcome<Mutation<PackSummary>> Staged(MutationContext change, BindingChange<EnvPackBinding> changed, JsonElement? answers) =>
        answers is { } given && BindingAnswers.Stage(change.Files, changed.Binding.AnswersRef!, given) is { } refusal ? refusal : EnvPacksNoun.Mutation(changed, change.Current!);

    private sealed record Wanted(JsonElement? Answers, EnvPackBinding Binding);
}
