using System.Collections.Immutable;
using System.Text.Json;
using Gtc.Artifacts.Bundles;
using Gtc.Artifacts.Cbor;
using Gtc.EnvPacks;
using Gtc.Model;

namespace Gtc.Cli.Setup;

/// <summary>One question of a pack.</summary>
/// <param name="Question">The question; its id is the key of the setting, or the name of the secret.</param>
/// <param name="IsSecret">Whether the answer is a secret.</param>
internal sealed record PackQuestion(Question Question, bool IsSecret);

/// <summary>
/// What the packs of a bundle want to know: the questions of <c>assets/setup.yaml</c>, and the secrets that the manifest requires and no
/// question asks for.
/// </summary>
/// <param name="Pack">The pack.</param>
/// <param name="Title">How its questions are headed.</param>
/// <param name="Questions">The questions, in the order they are asked.</param>
internal sealed record PackQuestions(string Pack, string Title, ImmutableArray<PackQuestion> Questions)
{
    /// <summary>The questions of a pack.</summary>
    /// <returns>The questions, none when it asks nothing; <see cref="Refusal.MalformedArtifact"/> when they cannot be read.</returns>
    public static Outcome<PackQuestions> Of(InspectedPack pack)
    {
        var name = pack.Pinned.PackId;
        if (!Asked(pack).TryGet(out var asked, out var refusal))
        {
            return refusal;
        }

        var secrets = (pack.Manifest?.SecretRequirements ?? [])
            .Select(secret => new PackQuestion(
                new Question { Id = SecretPath.CanonicalName(secret.Key), Title = secret.Description ?? secret.Key, Required = secret.Required },
                IsSecret: true))
            .Where(secret => !asked.Questions.Any(question => question.Question.Id == secret.Question.Id));
        return asked with { Questions = [.. asked.Questions, .. secrets.DistinctBy(secret => secret.Question.Id)], Pack = name };
    }

    private static Outcome<PackQuestions> Asked(InspectedPack pack)
    {
        var name = pack.Pinned.PackId;
        if (pack.Setup is not { } yaml)
        {
            return new PackQuestions(name, name, []);
        }

        return YamlDocument.Parse(yaml, $"{InspectedPack.SetupMember} of pack `{name}`").Then(document => Read(document, name));
    }

    /// <summary>Members that a newer gtc may know are passed over: other people write these files.</summary>
    private static Outcome<PackQuestions> Read(JsonElement document, string pack)
    {
        if (document.ValueKind != JsonValueKind.Object)
        {
            return Malformed(pack, "it is no mapping");
        }

        var found = ImmutableArray.CreateBuilder<PackQuestion>();
        if (document.TryGetProperty("questions", out var questions))
        {
            if (questions.ValueKind != JsonValueKind.Array || questions.GetArrayLength() > QuestionForm.MaxQuestions)
            {
                return Malformed(pack, $"`questions` must be a list of at most {QuestionForm.MaxQuestions}");
            }

            foreach (var entry in questions.EnumerateArray())
            {
                if (entry.ValueKind != JsonValueKind.Object || (Text(entry, "name") ?? Text(entry, "id")) is not { Length: > 0 } id || found.Any(other => other.Question.Id == id))
                {
                    return Malformed(pack, "every question must have a `name` of its own");
                }

                found.Add(One(entry, id));
            }
        }

        return new PackQuestions(pack, Text(document, "title") ?? pack, found.ToImmutable());
    }

    private static PackQuestion One(JsonElement entry, string id)
    {
        var isSecret = Flag(entry, "secret");
        ImmutableArray<string> choices = entry.TryGetProperty("choices", out var given) && given.ValueKind == JsonValueKind.Array
            ? [.. given.EnumerateArray().Where(choice => choice.ValueKind == JsonValueKind.String).Select(choice => choice.GetString()!)]
            : [];
        var question = new Question
        {
            Id = isSecret ? SecretPath.CanonicalName(id) : id,
            Title = Text(entry, "title") ?? id,
            Description = Text(entry, "help") ?? Text(entry, "description"),
            Required = Flag(entry, "required"),
            DefaultValue = isSecret ? null : Text(entry, "default"),
            Type = Text(entry, "kind") is "boolean" or "bool" ? QuestionType.Flag : choices.IsEmpty ? QuestionType.Text : QuestionType.Choice,
            Choices = choices,
            AlsoNumber = Text(entry, "kind") is "number" or "integer",
        };
        return new(question, isSecret);
    }

    private static string? Text(JsonElement entry, string name) => entry.TryGetProperty(name, out var value) ? value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => value.GetRawText(),
        _ => null,
    } : null;

    private static bool Flag(JsonElement entry, string name) => entry.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.True;

    private static Refusal.MalformedArtifact Malformed(string pack, string why) => new($"{InspectedPack.SetupMember} of pack `{pack}` cannot be used: {why}");
}
