namespace Gtc.Model;

/// <summary>How a change of a binding ended.</summary>
/// <typeparam name="T">The binding's record.</typeparam>
/// <param name="Document">The document after.</param>
/// <param name="Binding">The binding after, or the one that was removed.</param>
/// <param name="Generation">Its generation.</param>
public sealed record BindingChange<T>(EnvironmentDocument Document, T Binding, ulong Generation);

/// <summary>The verbs on env-packs (environment-model.md §4.7). Pure.</summary>
public static class PackVerbs
{
    /// <summary>False for the slots that have a collection of their own and never stand in <c>packs</c>.</summary>
    public static bool BindsInPacks(CapabilitySlot slot) => slot is not (CapabilitySlot.Messaging or CapabilitySlot.Extension);

    /// <summary>The wire text of a slot.</summary>
    public static string Text(CapabilitySlot slot) => slot.ToString().ToLowerInvariant();

    /// <summary>Binds a free slot.</summary>
    public static Outcome<BindingChange<EnvPackBinding>> Add(EnvironmentDocument document, EnvPackBinding binding)
    {
        ArgumentNullException.ThrowIfNull(document);
        ArgumentNullException.ThrowIfNull(binding);
        if (!BindsInPacks(binding.Slot))
        {
            return NotPackSlot(binding.Slot);
        }

        if (document.Packs.FirstOrDefault(pack => pack.Slot == binding.Slot) is { } bound)
        {
            return new Refusal.Conflict($"slot `{Text(binding.Slot)}` is bound to {bound.Kind} already")
            {
                IsDuplicate = true,
                Next = $"gtc op env-packs update {document.EnvironmentId} slot={Text(binding.Slot)} kind={binding.Kind} pack_ref={binding.PackRef}",
            };
        }

        if (AnswersPlace.Refuse(binding) is { } elsewhere)
        {
            return elsewhere;
        }

        var changed = document with { Packs = document.Packs.Add(binding) };
        return Find.Sound(changed, new BindingChange<EnvPackBinding>(changed, binding, binding.Generation));
    }

    /// <summary>Replaces what a slot is bound to; the old binding is stashed.</summary>
    public static Outcome<BindingChange<EnvPackBinding>> Update(EnvironmentDocument document, EnvPackBinding binding)
    {
        ArgumentNullException.ThrowIfNull(document);
        ArgumentNullException.ThrowIfNull(binding);
        return Bound(document, binding.Slot).Then(old => Next(old).Then(generation =>
        {
            // What an environment came with stays as long as nothing else is said.
            if (binding.AnswersRef != old.AnswersRef && AnswersPlace.Refuse(binding) is { } elsewhere)
            {
                return elsewhere;
            }

            var updated = binding with
            {
                Generation = generation,
                PreviousBindingRef = InlineStash.Of(Documents.EnvPackBinding.ToLine(old with { PreviousBindingRef = null })),
            };
            return Replaced(document, old, updated);
        }));
    }

    /// <summary>Takes the binding of a slot away. There is no way back.</summary>
    public static Outcome<BindingChange<EnvPackBinding>> Remove(EnvironmentDocument document, CapabilitySlot slot)
    {
        ArgumentNullException.ThrowIfNull(document);
        return Bound(document, slot).Then(old =>
        {
            var changed = document with { Packs = document.Packs.Remove(old) };
            return Find.Sound(changed, new BindingChange<EnvPackBinding>(changed, old, old.Generation));
        });
    }

    /// <summary>Restores the binding before the present one, once, under a new generation.</summary>
    public static Outcome<BindingChange<EnvPackBinding>> Rollback(EnvironmentDocument document, CapabilitySlot slot)
    {
        ArgumentNullException.ThrowIfNull(document);
        return Bound(document, slot).Then(old => Next(old).Then(generation =>
            InlineStash.Open(old.PreviousBindingRef, Documents.EnvPackBinding, $"slot `{Text(slot)}`").Then(stashed => stashed.Slot == slot
                ? Replaced(document, old, stashed with { Generation = generation, PreviousBindingRef = null })
                : new Refusal.Conflict($"what slot `{Text(slot)}` was before belongs to slot `{Text(stashed.Slot)}`"))));
    }

    /// <summary>Why a slot is not bound through env-packs, and which noun binds it.</summary>
    public static Refusal.InvalidArgument NotPackSlot(CapabilitySlot slot) => new(slot == CapabilitySlot.Messaging
        ? "slot `messaging` is not bound through env-packs; use `gtc op messaging endpoint`"
        : "slot `extension` is not bound through env-packs; use `gtc op extensions`");

    private static Outcome<EnvPackBinding> Bound(EnvironmentDocument document, CapabilitySlot slot)
    {
        if (!BindsInPacks(slot))
        {
            return NotPackSlot(slot);
        }

        return document.Packs.FirstOrDefault(pack => pack.Slot == slot) is { } bound
            ? bound
            : new Refusal.Missing($"slot `{Text(slot)}` of environment `{document.EnvironmentId}` is not bound") { Next = $"gtc op env-packs add {document.EnvironmentId} slot={Text(slot)} kind=KIND pack_ref=builtin" };
    }

    private static Outcome<ulong> Next(EnvPackBinding old) => Generations.Next(old.Generation, $"slot `{Text(old.Slot)}`");

    private static Outcome<BindingChange<EnvPackBinding>> Replaced(EnvironmentDocument document, EnvPackBinding old, EnvPackBinding changed)
    {
        var after = document with { Packs = document.Packs.Replace(old, changed) };
        return Find.Sound(after, new BindingChange<EnvPackBinding>(after, changed, changed.Generation));
    }
}
