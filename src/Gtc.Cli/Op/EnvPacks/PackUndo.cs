using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.Model;
using Gtc.Store;

namespace Gtc.Cli.Op.EnvPacks;

/// <summary><c>gtc op env-packs rollback</c> and <c>remove</c>.</summary>
internal static class PackUndo
{
    public static Verb<SlotPayload> Rollback => Verb(
        "rollback",
        "Bring the env-pack before the last update back, with the answers that it had",
        PackVerbs.Rollback,
        (change, slot) => change.Required(change.Files.Layout.Id).Then(document => PackVerbs.Rollback(document, slot)).Then<BindingChange<EnvPackBinding>>(changed =>
            BindingAnswers.Recall(change.Files, changed.Binding.AnswersRef, changed.Binding.AnswersDigest) is { } refusal ? refusal : changed),
        "is back");

    public static Verb<SlotPayload> Remove => Verb(
        "remove",
        "Take the env-pack out of a slot; there is no way back",
        PackVerbs.Remove,
        (change, slot) => change.Required(change.Files.Layout.Id).Then(document => PackVerbs.Remove(document, slot)),
        "is bound no longer");

    /// <summary>What a store server is asked for to free a slot.</summary>
    public static WireRequest RemoveAsked(CapabilitySlot slot) => WireRequest.Bare(HttpMethod.Delete, "packs", PackVerbs.Text(slot));

    private static Verb<SlotPayload> Verb(
        string name,
        string purpose,
        Func<EnvironmentDocument, CapabilitySlot, Outcome<BindingChange<EnvPackBinding>>> check,
        Func<MutationContext, CapabilitySlot, Outcome<BindingChange<EnvPackBinding>>> undo,
        string done) => new()
    {
        Noun = EnvPacksNoun.Name,
        Name = name,
        Purpose = purpose,
        Examples = [$"op env-packs {name} slot=deployer"],
        Payload = PacksJson.Default.SlotPayload,
        Fields =
        [
            PayloadField.Environment,
            new("slot", "the slot", "--slot", "SLOT"),
            new("idempotency_key", "a retry with the same key changes nothing; minted when not given", "--idempotency-key", "KEY"),
        ],
        RunAsync = async (payload, call, cancellationToken) =>
        {
            if (!OpStore.Open(call, payload.EnvironmentId).TryGet(out var at, out var refusal))
            {
                return refusal;
            }

            var intent = OpStore.Intent(at.Environment, EnvPacksNoun.Name, name, ("slot", payload.Slot));
            if (!call.IdempotencyKey(payload.IdempotencyKey).TryGet(out var key, out refusal))
            {
                return await at.RefuseAsync(intent, refusal, cancellationToken);
            }

            var changed = await at.ChangeAsync(
                new OpChange<PackSummary>(intent with { IdempotencyKey = key })
                {
                    Kept = PacksJson.Default.PackSummary,
                    OnFiles = change => OpPacks.Slot(payload.Slot).Then(slot => undo(change, slot)).Then(result => EnvPacksNoun.Mutation(result, change.Current!)),
                    Ask = found => OpPacks.Slot(payload.Slot).Then(slot => OpStore.Required(found, at.Environment).Then(document => check(document, slot)).Then<WireRequest>(_ => name == "remove"
                        ? RemoveAsked(slot)
                        : WireRequest.Bare(HttpMethod.Post, "packs", PackVerbs.Text(slot), name))),
                    FromWire = answer => EnvPacksNoun.Answered(at.Environment, answer),
                },
                cancellationToken);
            return changed.Then(summary => (Outcome<Answer>)EnvPacksNoun.Answer(summary, done));
        },
    };
}
