using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Gtc.Model;

namespace Gtc.EnvPacks;

/// <summary>The documents that are made of a question form: the form itself, a JSON Schema, a template of answers.</summary>
public static partial class FormDocuments
{
    private const string Dialect = "https://json-schema.org/draft/2020-12/schema";
    private const int MaxText = 4096;

    /// <summary>The form as JSON.</summary>
    public static JsonObject ToJson(QuestionForm form) => JsonSerializer.SerializeToNode(form, EnvPackJson.Default.QuestionForm)!.AsObject();

    /// <summary>Reads a form that a pack sent.</summary>
    /// <returns>The form, or <see cref="Refusal.MalformedArtifact"/> that says what is wrong with it.</returns>
    public static Outcome<QuestionForm> Read(JsonElement json)
    {
        try
        {
            var form = json.Deserialize(EnvPackJson.Default.QuestionForm);
            return form is null ? Malformed("it is null") : FindFault(form) is { } fault ? Malformed(fault) : form;
        }
        catch (JsonException error)
        {
            return Malformed(error.Path is { Length: > 1 } path ? $"`{path}` cannot be read" : "it is no form");
        }
    }

    /// <summary>A JSON Schema (draft 2020-12) of the answers.</summary>
    public static JsonObject Schema(QuestionForm form)
    {
        ArgumentNullException.ThrowIfNull(form);
        return new JsonObject
        {
            ["$schema"] = Dialect,
            ["title"] = form.Title,
            ["type"] = "object",
            ["required"] = new JsonArray([.. form.Questions.Where(question => question.Required).Select(question => JsonValue.Create(question.Id))]),
            ["properties"] = new JsonObject(form.Questions.Select(question => KeyValuePair.Create(question.Id, (JsonNode?)Property(question)))),
            ["additionalProperties"] = false,
        };
    }

    /// <summary>Answers to start from: every key, with its default or nothing.</summary>
    public static JsonObject Template(QuestionForm form)
    {
        ArgumentNullException.ThrowIfNull(form);
        return new(form.Questions.Select(question => KeyValuePair.Create(question.Id, (JsonNode?)Sample(question))));
    }

    private static JsonObject Property(Question question)
    {
        var types = new[] { question.Type == QuestionType.Flag ? "boolean" : "string", question.AlsoNumber ? "integer" : null, question.AlsoList ? "array" : null, question.Required ? null : "null" }.OfType<string>().ToList();
        var property = new JsonObject
        {
            ["title"] = question.Title,
            ["type"] = types is [var only] ? JsonValue.Create(only) : new JsonArray([.. types.Select(type => JsonValue.Create(type))]),
        };
        Set(property, "description", question.Description);
        Set(property, "default", question.DefaultValue is null ? null : Sample(question));
        Set(property, "pattern", question.Constraint?.Pattern is { } pattern && !question.Required ? $"^$|{pattern}" : question.Constraint?.Pattern);
        Set(property, "maxLength", question.Constraint?.MaxLen);
        Set(property, "minLength", question.Required ? question.Constraint?.MinLen ?? 1 : null);
        if (question.Type == QuestionType.Choice)
        {
            var choices = (question.AlsoChoice is { } older ? question.Choices.Add(older) : question.Choices).Select(choice => (JsonNode?)JsonValue.Create(choice));
            property["enum"] = new JsonArray([.. question.Required ? choices : choices.Concat([JsonValue.Create(""), null])]);
        }

        if (question.AlsoList)
        {
            property["items"] = new JsonObject { ["type"] = "string" };
        }

        return property;
    }

    private static JsonValue Sample(Question question) =>
        question.Type == QuestionType.Flag ? JsonValue.Create(question.DefaultValue == "true") : JsonValue.Create(question.DefaultValue ?? "");

    private static void Set(JsonObject property, string name, JsonNode? value)
    {
        if (value is not null)
        {
            property[name] = value;
        }
    }

    private static string? FindFault(QuestionForm form)
    {
        if (form.Questions.Length > QuestionForm.MaxQuestions)
        {
            return $"it has {form.Questions.Length} questions, the most is {QuestionForm.MaxQuestions}";
        }

        var seen = new HashSet<string>(StringComparer.Ordinal);
        return form.Questions.Select(question => seen.Add(question.Id) ? FindFault(question) : $"question `{question.Id}` stands twice").FirstOrDefault(fault => fault is not null);
    }

    private static string? FindFault(Question question)
    {
        if (!Key().IsMatch(question.Id))
        {
            return "the id of a question must be [a-z][a-z0-9_]*, at most 64 characters";
        }

        if (new[] { question.Title, question.Description, question.DefaultValue, question.Constraint?.Pattern }.Any(text => text?.Length > MaxText))
        {
            return $"question `{question.Id}` has a text of more than {MaxText} characters";
        }

        if ((question.Type == QuestionType.Choice) != (question.Choices.Length > 0))
        {
            return $"question `{question.Id}` must have choices when, and only when, its type is enum";
        }

        return question.Constraint?.Pattern is { } pattern && AnswerPattern.Of(pattern) is null ? $"the pattern of question `{question.Id}` is no regular expression without look-around" : null;
    }

    private static Refusal.MalformedArtifact Malformed(string why) => new($"the pack's questions cannot be used: {why}");

    [GeneratedRegex("^[a-z][a-z0-9_]{0,63}\\z")]
    private static partial Regex Key();
}
