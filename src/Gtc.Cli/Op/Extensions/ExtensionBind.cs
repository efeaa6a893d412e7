using System.Text.Json;
using Gtc.Cli.Op.EnvPacks;
using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.EnvPacks;
using Gtc.Model;
using Gtc.Store;
using Gtc.Store.Server;

namespace Gtc.Cli.Op.Extensions;

/// <summary><c>gtc op extensions add</c> and <c>update</c>.</summary>
internal static class ExtensionBind
{
    private static readonly PayloadField[] Fields =
    [
        PayloadField.Environment,
        new("kind", "the extension, path@version", "--kind", "KIND"),
        new("pack_ref", "where the pack comes from", "--pack-ref", "REF"),
        new("instance_id", "a name, when the same kind is bound more than once", "--instance", "NAME"),
        new("answers_ref", "a file with answers, of the working folder or of the environment's folder; its content is copied", "--answers-ref", "FILE"),
        new("answers", "the answers themselves, a JSON object; excludes answers_ref"),
        new("allow_unknown", "bind a version that its handler does not support, with a warning", "--allow-unknown"),
        new("idempotency_key", "a retry with the same key and values changes nothing; minted when not given", "--idempotency-key", "KEY"),
    ];

    public static Verb<BindExtensionPayload> Add => Verb(
        "add", "Bind an extension", "op extensions add kind=acme.geo.lookup@1.0.0 pack_ref=oci://registry.example/geo:1 instance_id=eu", ExtensionVerbs.Add);

    public static Verb<BindExtensionPayload> Update => Verb(
        "update",
        "Replace an extension; rollback brings the old one back",
        "op extensions update kind=acme.geo.lookup@1.1.0 pack_ref=oci://registry.example/geo:2 instance_id=eu",
        (document, binding) => ExtensionVerbs.Update(document, ExtensionKey.Of(binding), binding));

    private static Verb<BindExtensionPayload> Verb(string name, string purpose, string example, Func<EnvironmentDocument, ExtensionBinding, Outcome<BindingChange<ExtensionBinding>>> bind) => new()
    {
        Noun = ExtensionsNoun.Name,
        Name = name,
        Purpose = purpose,
        Examples = [example],
        Payload = ExtensionsJson.Default.BindExtensionPayload,
        Fields = [.. Fields],
        RunAsync = (payload, call, cancellationToken) => RunAsync(name, bind, payload, call, cancellationToken),
    };

    private static async Task<Outcome<Answer>> RunAsync(
        string verb, Func<EnvironmentDocument, ExtensionBinding, Outcome<BindingChange<ExtensionBinding>>> bind, BindExtensionPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        if (!OpStore.Open(call, payload.EnvironmentId).TryGet(out var at, out var refusal))
        {
            return refusal;
        }

        var intent = OpStore.Intent(at.Environment, ExtensionsNoun.Name, verb, ("kind", payload.Kind), ("instance_id", payload.InstanceId));
        if (!call.IdempotencyKey(payload.IdempotencyKey).TryGet(out var key, out refusal)
            || !(await WantedAsync(payload, at, call, cancellationToken)).TryGet(out var wanted, out refusal))
        {
            return await at.RefuseAsync(intent, refusal, cancellationToken);
        }

        var asked = JsonSerializer.SerializeToElement(payload with { Answers = wanted.Answers, IdempotencyKey = null }, ExtensionsJson.Default.BindExtensionPayload);
        var done = await at.ChangeAsync(
            new OpChange<ExtensionSummary>(intent with { IdempotencyKey = key, Request = asked })
            {
                Kept = ExtensionsJson.Default.ExtensionSummary,
                OnFiles = change => change.Required(at.Environment).Then(document => bind(document, wanted.Binding)).Then(changed => Staged(change, changed, wanted.Answers)),
                Ask = found => OpStore.Required(found, at.Environment).Then(document => bind(document, wanted.Binding)).Then<WireRequest>(_ => Asked(verb == "add", wanted.Binding, wanted.Answers)),
                FromWire = answer => ExtensionsNoun.Answered(at.Environment, answer),
            },
            cancellationToken);
        return done.Then(summary => (Outcome<Answer>)ExtensionsNoun.Answer(summary with { Warnings = call.Warnings }, "is bound"));
    }

    /// <summary>What a store server is asked for.</summary>
    public static WireRequest Asked(bool isNew, ExtensionBinding binding, JsonElement? answers)
    {
        var key = ExtensionKey.Of(binding);
        return isNew
            ? WireRequest.With(HttpMethod.Post, ContractJson.Default.ExtensionBody, new ExtensionBody(binding, answers), "extensions")
            : WireRequest.With(HttpMethod.Patch, ContractJson.Default.ExtensionUpdateBody, new ExtensionUpdateBody(new(key.KindPath, key.InstanceId), binding, answers), "extensions");
    }

    private static async Task<Outcome<Wanted>> WantedAsync(BindExtensionPayload payload, OpPlace at, VerbCall call, CancellationToken cancellationToken)
    {
        if (!Descriptors.Read(payload.Kind).TryGet(out var kind, out var refusal)
            || !ExtensionsNoun.Key(kind.Path, payload.InstanceId).TryGet(out var key, out refusal)
            || !(await at.LoadAsync(cancellationToken)).TryGet(out _, out refusal)
            || !(await OpPacks.AnswersAsync(payload.Answers, payload.AnswersRef, at, call, cancellationToken)).TryGet(out var answers, out refusal))
        {
            return refusal;
        }

        if (string.IsNullOrWhiteSpace(payload.PackRef))
        {
            return new Refusal.InvalidArgument("pack_ref must not be empty");
        }

        if (!(await OpPacks.CatalogAsync(at, call, cancellationToken)).TryGet(out var catalog, out refusal))
        {
            return refusal;
        }

        if (await OpPacks.CheckAsync(catalog, CapabilitySlot.Extension, kind, answers, payload.AllowUnknown, call.Warn, cancellationToken) is { } misfit)
        {
            return misfit;
        }

        return new Wanted(answers, new ExtensionBinding
        {
            Kind = kind,
            PackRef = payload.PackRef,
            InstanceId = payload.InstanceId,
            AnswersRef = answers is null ? null : AnswersPlace.Of(key),
            AnswersDigest = answers is { } given ? CanonicalJson.Digest(given) : null,
        });
    }

    private static Outcome<Mutation<ExtensionSummary>> Staged(MutationContext change, BindingChange<ExtensionBinding> changed, JsonElement? answers) =>
        answers is { } given && BindingAnswers.Stage(change.Files, changed.Binding.AnswersRef!, given) is { } refusal ? refusal : ExtensionsNoun.Mutation(changed, change.Current!);

    private sealed record Wanted(JsonElement? Answers, ExtensionBinding Binding);
}
