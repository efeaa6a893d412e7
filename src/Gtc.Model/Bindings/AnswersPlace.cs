namespace Gtc.Model;

/// <summary>
/// Where the answers of bindings lie beside the document (env-packs.md §3). What a binding names is taken away and put back with it, so no verb binds another name:
/// whoever may bind could otherwise take away trusted keys or secrets.
/// </summary>
public static class AnswersPlace
{
    private const string Packs = "env-packs/";
    private const string Extensions = "extensions/";

    /// <summary>Where the answers of a slot's env-pack lie, relative to the environment's folder.</summary>
    public static string Of(CapabilitySlot slot) => $"{Packs}{PackVerbs.Text(slot)}/answers.json";

    /// <summary>Where the answers of an extension lie, relative to the environment's folder.</summary>
    public static string Of(ExtensionKey key) => $"{Extensions}{key.KindPath}{(key.InstanceId is null ? "" : $"-{key.InstanceId}")}/answers.json";

    /// <summary>Whether a name is that of answers, or of what is kept beside them.</summary>
    public static bool Holds(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name.StartsWith(Packs, StringComparison.Ordinal) || name.StartsWith(Extensions, StringComparison.Ordinal);
    }

    /// <summary>Why the <c>answers_ref</c> of an env-pack cannot be bound; null when it can.</summary>
    public static Refusal.InvalidArgument? Refuse(EnvPackBinding binding)
    {
        ArgumentNullException.ThrowIfNull(binding);
        return Refuse(binding.AnswersRef, Of(binding.Slot));
    }

    /// <summary>Why the <c>answers_ref</c> of an extension cannot be bound; null when it can.</summary>
    public static Refusal.InvalidArgument? Refuse(ExtensionBinding binding)
    {
        ArgumentNullException.ThrowIfNull(binding);
        return Refuse(binding.AnswersRef, Of(ExtensionKey.Of(binding)));
    }

    private static Refusal.InvalidArgument? Refuse(string? reference, string place) => reference is null || reference == place
        ? null
        : new($"answers_ref is `{reference}`, it must be `{place}` or absent") { Details = [new("expected", place)] };
}
