using System.Text.Json;
using System.Text.Json.Nodes;
using Gtc.Model;

namespace Gtc.Store;

/// <summary>
/// What an environment says about its secrets: the env-pack in the <c>secrets</c> slot and two of its answers, <c>mode</c>
/// (<c>dev</c> by default, or <c>sealed</c>) and <c>allow_default_key</c> (true by default): whether the developer's cipher may be used
/// with its public default key.
/// </summary>
internal sealed record SecretsBinding(EnvPackBinding Binding, bool IsSealed, bool AllowsDefaultKey, JsonObject Answers)
{
    /// <summary>The env-pack's path; its version does not matter here.</summary>
    public const string DevStore = "greentic.secrets.dev-store";

    private const int MaxAnswersBytes = 1 << 20;

    private const string ModeAnswer = "mode";
    private const string SealedMode = "sealed";
    private const string DefaultKeyAnswer = "allow_default_key";

    public static Outcome<SecretsBinding> Of(EnvironmentDocument environment, EnvironmentLayout layout, AtomicFile atomic) =>
        Of(environment, layout.Id, binding => ReadAnswers(binding, layout, atomic));

    /// <param name="environment">The environment.</param>
    /// <param name="id">Its id.</param>
    /// <param name="read">Reads the answers of the binding.</param>
    public static Outcome<SecretsBinding> Of(EnvironmentDocument environment, EnvId id, Func<EnvPackBinding, Outcome<JsonObject>> read)
    {
        if (environment.Packs.FirstOrDefault(pack => pack.Slot == CapabilitySlot.Secrets) is not { } binding)
        {
            return new Refusal.Conflict($"environment `{id}` has nowhere to keep secrets: no env-pack is bound in its slot `secrets`")
            {
                Next = id == EnvId.Local ? "gtc op env init" : null,
            };
        }

        if (binding.Kind.Path != DevStore)
        {
            return new Refusal.Conflict($"secrets of environment `{id}` are kept by {binding.Kind}, which gtc cannot read or write")
            {
                Details = [new("expected", $"{DevStore}@…"), new("found", binding.Kind.ToString())],
            };
        }

        return read(binding).Then(answers => Of(binding, answers));
    }

    /// <summary>The answers with the mode set to sealed.</summary>
    public JsonObject SealedAnswers()
    {
        var answers = Answers.DeepClone().AsObject();
        answers[ModeAnswer] = SealedMode;
        return answers;
    }

    private static Outcome<SecretsBinding> Of(EnvPackBinding binding, JsonObject answers)
    {
        var mode = answers[ModeAnswer];
        if (Text(mode) is not (null or "" or "dev" or SealedMode) || (mode is not null && mode.GetValueKind() != JsonValueKind.String))
        {
            return Wrong(ModeAnswer, "dev or sealed");
        }

        return answers[DefaultKeyAnswer]?.GetValueKind() is null or JsonValueKind.True or JsonValueKind.False
            ? new SecretsBinding(binding, Text(mode) == SealedMode, answers[DefaultKeyAnswer]?.GetValue<bool>() ?? true, answers)
            : Wrong(DefaultKeyAnswer, "true or false");
    }

    private static Outcome<JsonObject> ReadAnswers(EnvPackBinding binding, EnvironmentLayout layout, AtomicFile atomic)
    {
        if (binding.AnswersRef is not { } reference)
        {
            return new JsonObject();
        }

        if (!RuntimeConfigRules.IsContained(reference))
        {
            return new Refusal.Conflict($"the answers of the secrets binding leave the environment's folder: {reference}");
        }

        if (atomic.Read(layout.Resolve(reference), MaxAnswersBytes) is not { } bytes)
        {
            return new Refusal.Conflict($"the answers of the secrets binding are not there: {layout.Resolve(reference)}");
        }

        try
        {
            return JsonNode.Parse(bytes, documentOptions: new() { AllowDuplicateProperties = false, MaxDepth = 16 }) is JsonObject answers
                ? answers
                : new Refusal.Conflict($"the answers of the secrets binding are no JSON object: {reference}");
        }
        catch (JsonException)
        {
            return new Refusal.Conflict($"the answers of the secrets binding cannot be read: {reference}");
        }
    }

    private static string? Text(JsonNode? node) => node?.GetValueKind() == JsonValueKind.String ? node.GetValue<string>() : null;

    private static Refusal.Conflict Wrong(string answer, string expected) => new($"the answer `{answer}` of the secrets binding must be {expected}");
}
