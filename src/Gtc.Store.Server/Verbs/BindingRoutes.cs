using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Gtc.Model;

namespace Gtc.Store.Server;

/// <summary>The verbs on env-packs and extensions.</summary>
internal static class BindingRoutes
{
    private const string Packs = "/environments/{env_id}/packs";
    private const string Slot = Packs + "/{slot}";
    private const string Extensions = "/environments/{env_id}/extensions";

    /// <summary>The routes.</summary>
    public static IReadOnlyList<ChangeRoute> All { get; } =
    [
        ChangeRoute.With("POST", Packs, "env-packs", "add", "Binds a free slot; changes of slot revocation need trust-root.unrevoke too", ContractJson.Default.PackBody, AddPack),
        ChangeRoute.With("PATCH", Slot, "env-packs", "update", "Replaces what a slot is bound to", ContractJson.Default.PackBody, UpdatePack),
        ChangeRoute.Bare("DELETE", Slot, "env-packs", "remove", "Takes the binding of a slot away", asked => OnSlot(asked, PackVerbs.Remove)),
        ChangeRoute.Bare("POST", Slot + "/rollback", "env-packs", "rollback", "Restores the binding before, once", asked => OnSlot(asked, PackVerbs.Rollback)),
        ChangeRoute.With("POST", Extensions, "extensions", "add", "Binds an extension whose key is free", ContractJson.Default.ExtensionBody, AddExtension),
        ChangeRoute.With("PATCH", Extensions, "extensions", "update", "Replaces an extension", ContractJson.Default.ExtensionUpdateBody, UpdateExtension),
        ChangeRoute.With("DELETE", Extensions, "extensions", "remove", "Takes an extension away", ContractJson.Default.KeyedBody, (asked, body) => OnKey(asked, body, ExtensionVerbs.Remove)),
        ChangeRoute.With("POST", Extensions + "/rollback", "extensions", "rollback", "Restores the extension before, once", ContractJson.Default.KeyedBody, (asked, body) => OnKey(asked, body, ExtensionVerbs.Rollback)),
    ];

    private static Outcome<Planned> AddPack(Asked asked, PackBody body) => CheckAnswers(body.Answers) is { } refusal ? refusal : Bind(asked, body, PackVerbs.Add, change => Wire.Answer(change.Binding, ContractJson.Default.EnvPackBinding));

    private static Outcome<Planned> UpdatePack(Asked asked, PackBody body) => CheckAnswers(body.Answers) is { } refusal ? refusal : SlotOf(asked).Then<Planned>(slot => body.Binding.Slot == slot
        ? Bind(asked, body, PackVerbs.Update, change => Changed(change, ContractJson.Default.EnvPackBinding).Answer)
        : new Refusal.InvalidArgument($"slot in the body is `{PackVerbs.Text(body.Binding.Slot)}`, in the path it is `{PackVerbs.Text(slot)}`"));

    private static Planned Bind(
        Asked asked, PackBody body, Func<EnvironmentDocument, EnvPackBinding, Outcome<BindingChange<EnvPackBinding>>> verb, Func<BindingChange<EnvPackBinding>, ChangeAnswer> answer)
    {
        // Counting and stashing are the store's: what a caller claims of them is not believed.
        var binding = body.Binding with { Generation = 0, PreviousBindingRef = null };
        if (body.Answers is { } answers)
        {
            binding = binding with { AnswersRef = AnswersPlace.Of(binding.Slot), AnswersDigest = CanonicalJson.Digest(answers) };
        }

        return new Planned(PackTarget(asked, binding), context => verb(context.Present, binding).Then(change => AnswersSides.Stage(context, binding.AnswersRef, body.Answers).Then<Change>(sides =>
            new Change(answer(change)) { Document = change.Document, Sides = sides })))
        {
            AlsoNeeds = Revocations.RightFor(binding.Slot),
        };
    }

    /// <summary>Answers are an object.</summary>
    public static Refusal.InvalidArgument? CheckAnswers(JsonElement? answers) =>
        answers is { ValueKind: not JsonValueKind.Object } ? new Refusal.InvalidArgument("answers must be an object") : null;

    private static Outcome<Planned> OnSlot(Asked asked, Func<EnvironmentDocument, CapabilitySlot, Outcome<BindingChange<EnvPackBinding>>> verb) => SlotOf(asked).Then<Planned>(slot =>
        new Planned(Wire.Target(asked.Environment, ("slot", PackVerbs.Text(slot))), context => verb(context.Present, slot).Then(change => Undone(context, change, ContractJson.Default.EnvPackBinding)))
        {
            AlsoNeeds = Revocations.RightFor(slot),
        });

    private static Outcome<Planned> AddExtension(Asked asked, ExtensionBody body) =>
        Extend(asked, ExtensionKey.Of(body.Binding), body.Binding, body.Answers, (document, binding) => ExtensionVerbs.Add(document, binding), change => Wire.Answer(change.Binding, ContractJson.Default.ExtensionBinding));

    private static Outcome<Planned> UpdateExtension(Asked asked, ExtensionUpdateBody body)
    {
        var key = new ExtensionKey(body.Key.KindPath, body.Key.InstanceId);
        return Extend(asked, key, body.Binding, body.Answers, (document, binding) => ExtensionVerbs.Update(document, key, binding), change => Changed(change, ContractJson.Default.ExtensionBinding).Answer);
    }

    private static Outcome<Planned> Extend(
        Asked asked,
        ExtensionKey key,
        ExtensionBinding given,
        JsonElement? answers,
        Func<EnvironmentDocument, ExtensionBinding, Outcome<BindingChange<ExtensionBinding>>> verb,
        Func<BindingChange<ExtensionBinding>, ChangeAnswer> answer)
    {
        var binding = given with { Generation = 0, PreviousBindingRef = null };
        if (answers is { } staged)
        {
            if (CheckAnswers(answers) is { } refusal)
            {
                return refusal;
            }

            binding = binding with { AnswersRef = AnswersPlace.Of(key), AnswersDigest = CanonicalJson.Digest(staged) };
            if (!SideName.TryParse(binding.AnswersRef, out _))
            {
                return new Refusal.InvalidArgument($"the answers of `{key.KindPath}` have no place: the kind or the instance is no name of a folder");
            }
        }

        return new Planned(KeyTarget(asked, key), context => verb(context.Present, binding).Then(change => AnswersSides.Stage(context, binding.AnswersRef, answers).Then<Change>(sides =>
            new Change(answer(change)) { Document = change.Document, Sides = sides })));
    }

    private static Outcome<Planned> OnKey(Asked asked, KeyedBody body, Func<EnvironmentDocument, ExtensionKey, Outcome<BindingChange<ExtensionBinding>>> verb)
    {
        var key = new ExtensionKey(body.Key.KindPath, body.Key.InstanceId);
        return new Planned(KeyTarget(asked, key), context => verb(context.Present, key).Then(change => Undone(context, change, ContractJson.Default.ExtensionBinding)));
    }

    /// <summary>A binding that comes back comes with the answers that it had.</summary>
    private static Outcome<Change> Undone<T>(ChangeContext context, BindingChange<T> change, JsonTypeInfo<T> type) =>
        AnswersSides.Recall(context, change.Document).Then<Change>(sides => Changed(change, type) with { Sides = sides });

    /// <summary>The ordinary answer of a changed binding.</summary>
    public static Change Changed<T>(BindingChange<T> change, JsonTypeInfo<T> type) =>
        new(Wire.Answer(new JsonObject { ["binding"] = JsonSerializer.SerializeToNode(change.Binding, type), ["generation"] = change.Generation })) { Document = change.Document };

    private static JsonObject PackTarget(Asked asked, EnvPackBinding binding) => Wire.Target(asked.Environment, ("slot", PackVerbs.Text(binding.Slot)), ("kind", binding.Kind.ToString()));

    private static JsonObject KeyTarget(Asked asked, ExtensionKey key) => Wire.Target(asked.Environment, ("kind_path", key.KindPath), ("instance_id", key.InstanceId));

    /// <summary>The slot that a path names.</summary>
    public static Outcome<CapabilitySlot> SlotOf(Asked asked) => SlotOf(asked.Parameter("slot"));

    /// <summary>The slot of a word.</summary>
    public static Outcome<CapabilitySlot> SlotOf(string text)
    {
        foreach (var slot in Enum.GetValues<CapabilitySlot>())
        {
            if (PackVerbs.Text(slot) == text)
            {
                return slot;
            }
        }

        return new Refusal.InvalidArgument($"slot in the path must be one of {string.Join(", ", Enum.GetValues<CapabilitySlot>().Where(PackVerbs.BindsInPacks).Select(PackVerbs.Text))}");
    }
}
