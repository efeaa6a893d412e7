using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gtc.EnvPacks;
using Gtc.Model;

namespace Gtc.Cli.Setup;

/// <summary>Answers to start from: every key, with what holds now, its default or nothing.</summary>
internal static class SetupTemplate
{
    /// <summary>The answers of a setup.</summary>
    public static SetupAnswers Of(SetupScene scene) => new()
    {
        EnvironmentId = scene.At.Environment.ToString(),
        Bundle = scene.Bundle?.Path,
        CustomerId = scene.NeedsCustomer ? "" : null,
        EnvPacks = scene.EnvPacks.ToImmutableSortedDictionary(bound => PackVerbs.Text(bound.Binding.Slot), EnvPack, StringComparer.Ordinal),
        Packs = scene.Packs.IsEmpty ? null : scene.Packs.ToImmutableSortedDictionary(
            pack => pack.Pack,
            pack => pack.Questions.ToImmutableSortedDictionary(question => question.Question.Id, Sample, StringComparer.Ordinal),
            StringComparer.Ordinal),
    };

    private static JsonElement EnvPack(BoundPack bound)
    {
        var template = FormDocuments.Template(bound.Form);
        foreach (var (key, value) in bound.Before?.Set ?? ImmutableSortedDictionary<string, string>.Empty)
        {
            template[key] = bound.Form.Questions.Any(question => question.Id == key && question.Type == QuestionType.Flag) ? JsonValue.Create(value == "true") : JsonValue.Create(value);
        }

        return JsonElement.Parse(template.ToJsonString());
    }

    private static JsonElement Sample(PackQuestion question) => question.IsSecret
        ? JsonSerializer.SerializeToElement(new SecretAnswer(question.Question.Id.ToUpperInvariant()), SetupJson.Default.SecretAnswer)
        : JsonElement.Parse(JsonValue.Create(question.Question.DefaultValue ?? "").ToJsonString());
}
