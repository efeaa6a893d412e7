namespace Gtc.Model;

/// <summary>The identity of an extension: the kind's path without its version, and the instance.</summary>
/// <param name="KindPath">The path of the kind.</param>
/// <param name="InstanceId">The instance, or null for the one without a name.</param>
public readonly record struct ExtensionKey(string KindPath, string? InstanceId)
{
    /// <summary>The key of a binding.</summary>
    public static ExtensionKey Of(ExtensionBinding binding)
    {
        ArgumentNullException.ThrowIfNull(binding);
        return new(binding.Kind.Path, binding.InstanceId);
    }

    /// <summary><c>path</c> or <c>path/instance</c>.</summary>
    public override string ToString() => InstanceId is null ? KindPath : $"{KindPath}/{InstanceId}";
}

/// <summary>The verbs on extensions (environment-model.md §4.7). Pure.</summary>
public static class ExtensionVerbs
{
    /// <summary>Binds an extension whose key is free.</summary>
    public static Outcome<BindingChange<ExtensionBinding>> Add(EnvironmentDocument document, ExtensionBinding binding)
    {
        ArgumentNullException.ThrowIfNull(document);
        ArgumentNullException.ThrowIfNull(binding);
        var key = ExtensionKey.Of(binding);
        if (document.Extensions.Any(extension => ExtensionKey.Of(extension) == key))
        {
            var instance = binding.InstanceId is { } name ? $" instance_id={name}" : "";
            return new Refusal.Conflict($"extension `{key}` is bound already")
            {
                IsDuplicate = true,
                Next = $"gtc op extensions update {document.EnvironmentId} kind={binding.Kind} pack_ref={binding.PackRef}{instance}",
            };
        }

        if (AnswersPlace.Refuse(binding) is { } elsewhere)
        {
            return elsewhere;
        }

        var changed = document with { Extensions = document.Extensions.Add(binding) };
        return Find.Sound(changed, new BindingChange<ExtensionBinding>(changed, binding, binding.Generation));
    }

    /// <summary>Replaces an extension; the old binding is stashed. The new one must have the same key.</summary>
    public static Outcome<BindingChange<ExtensionBinding>> Update(EnvironmentDocument document, ExtensionKey key, ExtensionBinding binding)
    {
        ArgumentNullException.ThrowIfNull(document);
        ArgumentNullException.ThrowIfNull(binding);
        return Bound(document, key).Then(old => ExtensionKey.Of(binding) == key ? Next(old).Then(generation =>
        {
            if (binding.AnswersRef != old.AnswersRef && AnswersPlace.Refuse(binding) is { } elsewhere)
            {
                return elsewhere;
            }

            var updated = binding with
            {
                Generation = generation,
                PreviousBindingRef = InlineStash.Of(Documents.ExtensionBinding.ToLine(old with { PreviousBindingRef = null })),
            };
            return Replaced(document, old, updated);
        }) : new Refusal.InvalidArgument($"extension `{key}` cannot become `{ExtensionKey.Of(binding)}`"));
    }

    /// <summary>Takes an extension away. There is no way back.</summary>
    public static Outcome<BindingChange<ExtensionBinding>> Remove(EnvironmentDocument document, ExtensionKey key)
    {
        ArgumentNullException.ThrowIfNull(document);
        return Bound(document, key).Then(old =>
        {
            var changed = document with { Extensions = document.Extensions.Remove(old) };
            return Find.Sound(changed, new BindingChange<ExtensionBinding>(changed, old, old.Generation));
        });
    }

    /// <summary>Restores the binding before the present one, once, under a new generation.</summary>
    public static Outcome<BindingChange<ExtensionBinding>> Rollback(EnvironmentDocument document, ExtensionKey key)
    {
        ArgumentNullException.ThrowIfNull(document);
        return Bound(document, key).Then(old => Next(old).Then(generation =>
            InlineStash.Open(old.PreviousBindingRef, Documents.ExtensionBinding, $"extension `{key}`").Then(stashed => ExtensionKey.Of(stashed) == key
                ? Replaced(document, old, stashed with { Generation = generation, PreviousBindingRef = null })
                : new Refusal.Conflict($"what extension `{key}` was before is `{ExtensionKey.Of(stashed)}`"))));
    }

    private static Outcome<ExtensionBinding> Bound(EnvironmentDocument document, ExtensionKey key) =>
        document.Extensions.FirstOrDefault(extension => ExtensionKey.Of(extension) == key) is { } bound
            ? bound
            : new Refusal.Missing($"extension `{key}` is not bound in environment `{document.EnvironmentId}`");

    private static Outcome<ulong> Next(ExtensionBinding old) => Generations.Next(old.Generation, $"extension `{ExtensionKey.Of(old)}`");

    private static Outcome<BindingChange<ExtensionBinding>> Replaced(EnvironmentDocument document, ExtensionBinding old, ExtensionBinding changed)
    {
        var after = document with { Extensions = document.Extensions.Replace(old, changed) };
        return Find.Sound(after, new BindingChange<ExtensionBinding>(after, changed, changed.Generation));
    }
}
