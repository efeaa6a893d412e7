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
        ChangeRoute.With("POST", Packs, "env-packs", "add", "Binds a free slot", ContractJson.Default.PackBody, AddPack),
        ChangeRoute.With("PATCH", Slot, "env-packs", "update", "Replaces what a slot is bound to", ContractJson.Default.PackBody, UpdatePack),
        ChangeRoute.Bare("DELETE", Slot, "env-packs", "remove", "Takes the binding of a slot away", asked => OnSlot(asked, PackVerbs.Remove)),
        ChangeRoute.Bare("POST", Slot + "/rollback", "env-packs", "rollback", "Restores the binding before, once", asked => OnSlot(asked, PackVerbs.Rollback)),
        ChangeRoute.With("POST", Extensions, "extensions", "add", "Binds an extension whose key is free", ContractJson.Default.ExtensionBody, AddExtension),
        ChangeRoute.With("PATCH", Extensions, "extensions", "update", "Replaces an extension", ContractJson.Default.ExtensionUpdateBody, UpdateExtension),
        ChangeRoute.With("DELETE", Extensions, "extensions", "remove", "Takes an extension away", ContractJson.Default.KeyedBody, (asked, body) => OnKey(asked, body, ExtensionVerbs.Remove)),
        ChangeRoute.With("POST", Extensions + "/rollback", "extensions", "rollback", "Restores the extension before, once", ContractJson.Default.KeyedBody, (asked, body) => OnKey(asked, body, ExtensionVerbs.Rollback)),
    ];

    private static Outcome<Planned> AddPack(Asked asked, PackBody body)
    {
        // Counting and stashing are the store's: what a caller claims of them is not believed.
        var binding = body.Binding with { Generation = 0, PreviousBindingRef = null };
        return new Planned(PackTarget(asked, binding), context => PackVerbs.Add(context.Present, binding).Then<Change>(change =>
            new Change(Wire.Answer(change.Binding, ContractJson.Default.EnvPackBinding)) { Document = change.Document }));
    }

    private static Outcome<Planned> UpdatePack(Asked asked, PackBody body) => SlotOf(asked).Then<Planned>(slot => body.Binding.Slot == slot
        ? new Planned(PackTarget(asked, body.Binding), context => PackVerbs.Update(context.Present, body.Binding).Then<Change>(change => Changed(change, ContractJson.Default.EnvPackBinding)))
        : new Refusal.InvalidArgument($"slot in the body is `{PackVerbs.Text(body.Binding.Slot)}`, in the path it is `{PackVerbs.Text(slot)}`"));

    private static Outcome<Planned> OnSlot(Asked asked, Func<EnvironmentDocument, CapabilitySlot, Outcome<BindingChange<EnvPackBinding>>> verb) => SlotOf(asked).Then<Planned>(slot =>
        new Planned(Wire.Target(asked.Environment, ("slot", PackVerbs.Text(slot))), context => verb(context.Present, slot).Then<Change>(change => Changed(change, ContractJson.Default.EnvPackBinding))));

    private static Outcome<Planned> AddExtension(Asked asked, ExtensionBody body)
    {
        var binding = body.Binding with { Generation = 0, PreviousBindingRef = null };
        return new Planned(KeyTarget(asked, ExtensionKey.Of(binding)), context => ExtensionVerbs.Add(context.Present, binding).Then<Change>(change =>
            new Change(Wire.Answer(change.Binding, ContractJson.Default.ExtensionBinding)) { Document = change.Document }));
    }

    private static Outcome<Planned> UpdateExtension(Asked asked, ExtensionUpdateBody body)
    {
        var key = new ExtensionKey(body.Key.KindPath, body.Key.InstanceId);
        return new Planned(KeyTarget(asked, key), context => ExtensionVerbs.Update(context.Present, key, body.Binding).Then<Change>(change => Changed(change, ContractJson.Default.ExtensionBinding)));
    }

    private static Outcome<Planned> OnKey(Asked asked, KeyedBody body, Func<EnvironmentDocument, ExtensionKey, Outcome<BindingChange<ExtensionBinding>>> verb)
    {
        var key = new ExtensionKey(body.Key.KindPath, body.Key.InstanceId);
        return new Planned(KeyTarget(asked, key), context => verb(context.Present, key).Then<Change>(change => Changed(change, ContractJson.Default.ExtensionBinding)));
    }

    private static Change Changed<T>(BindingChange<T> change, JsonTypeInfo<T> type) =>
        new(Wire.Answer(new JsonObject { ["binding"] = JsonSerializer.SerializeToNode(change.Binding, type), ["generation"] = change.Generation })) { Document = change.Document };

    private static JsonObject PackTarget(Asked asked, EnvPackBinding binding) => Wire.Target(asked.Environment, ("slot", PackVerbs.Text(binding.Slot)), ("kind", binding.Kind.ToString()));

    private static JsonObject KeyTarget(Asked asked, ExtensionKey key) => Wire.Target(asked.Environment, ("kind_path", key.KindPath), ("instance_id", key.InstanceId));

    private static Outcome<CapabilitySlot> SlotOf(Asked asked)
    {
        var text = asked.Parameter("slot");
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
