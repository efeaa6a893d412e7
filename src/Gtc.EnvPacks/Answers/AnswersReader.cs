using System.Collections.Immutable;
using System.Text.Json;
using Gtc.Model;

namespace Gtc.EnvPacks;

/// <summary>
/// Reads the answers of a binding (env-packs.md §8): one flat object whose keys are the ids of questions. Null and the empty text mean
/// unset, for every pack.
/// </summary>
public static class AnswersReader
{
    /// <summary>The most characters of one answer.</summary>
    public const int MaxAnswer = 4096;

    private const int MaxKeys = 64;

    /// <summary>Reads answers for a handler.</summary>
    /// <param name="handler">Whose they are.</param>
    /// <param name="answers">The document.</param>
    /// <returns>The answers, or <see cref="Refusal.Conflict"/> that names the key.</returns>
    public static Outcome<PackAnswers> Read(IEnvPackHandler handler, JsonElement answers)
    {
        ArgumentNullException.ThrowIfNull(handler);
        if (answers.ValueKind != JsonValueKind.Object)
        {
            return Invalid(handler, $"an object was expected, found {answers.ValueKind}");
        }

        if (FindStranger(handler, answers) is { } stranger)
        {
            return stranger;
        }

        var set = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var question in handler.Questions?.Questions ?? [])
        {
            var answer = answers.TryGetProperty(question.Id, out var given) ? ReadOne(question, given, out var fault) : Missing(out fault);
            fault ??= answer is { Length: > 0 } ? FindFault(question, answer) : question.Required ? $"`{question.Id}` is required" : null;
            if (fault is not null)
            {
                return Invalid(handler, fault);
            }

            if (answer is { Length: > 0 })
            {
                set[question.Id] = answer;
            }
        }

        var read = new PackAnswers(handler.Questions, set.ToImmutable());
        return handler.FindFault(read) is { } wrong ? Invalid(handler, wrong) : read;
    }

    /// <summary>What is wrong with one answer, for whoever asks at a terminal; null when it fits.</summary>
    public static string? FindFault(Question question, string answer)
    {
        ArgumentNullException.ThrowIfNull(question);
        ArgumentNullException.ThrowIfNull(answer);
        if (answer.Length > (question.Constraint?.MaxLen ?? MaxAnswer))
        {
            return $"`{question.Id}` has {answer.Length} characters, the most is {question.Constraint?.MaxLen ?? MaxAnswer}";
        }

        if (answer.Length < (question.Constraint?.MinLen ?? 0))
        {
            return $"`{question.Id}` has {answer.Length} characters, at least {question.Constraint!.MinLen} were expected";
        }

        if (answer.Any(char.IsControl))
        {
            return $"`{question.Id}` holds a control character";
        }

        if (question.Type == QuestionType.Choice && !question.Choices.Contains(answer) && answer != question.AlsoChoice)
        {
            return $"`{question.Id}` is `{answer}`, one of {string.Join(", ", question.Choices)} was expected";
        }

        return question.Constraint?.Pattern is { } pattern && AnswerPattern.Of(pattern) is { } expression && !expression.IsMatch(answer)
            ? $"`{question.Id}` is `{answer}`, which does not match {pattern}"
            : null;
    }

    private static Refusal.Conflict? FindStranger(IEnvPackHandler handler, JsonElement answers)
    {
        var known = handler.Questions?.Questions.Select(question => question.Id).ToList() ?? [];
        var count = 0;
        foreach (var member in answers.EnumerateObject())
        {
            if (!known.Contains(member.Name))
            {
                var expected = known.Count == 0 ? "it takes no answers" : $"it takes {string.Join(", ", known)}";
                return Invalid(handler, $"`{(member.Name.Length <= 64 ? member.Name : $"{member.Name[..64]}…")}` is not an answer of this env-pack; {expected}");
            }

            if (++count > MaxKeys)
            {
                return Invalid(handler, $"there are more than {MaxKeys} answers");
            }
        }

        return null;
    }

    private static string? Missing(out string? fault)
    {
        fault = null;
        return null;
    }

    private static string? ReadOne(Question question, JsonElement given, out string? fault)
    {
        fault = null;
        switch (given.ValueKind)
        {
            case JsonValueKind.Null:
                return null;
            case JsonValueKind.True or JsonValueKind.False when question.Type == QuestionType.Flag:
                return given.GetRawText();
            case JsonValueKind.String when question.Type != QuestionType.Flag:
                return given.GetString();
            case JsonValueKind.Number when question.AlsoNumber:
                return given.GetRawText();
            case JsonValueKind.Array when question.AlsoList && given.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String && !item.GetString()!.Contains(',', StringComparison.Ordinal)):
                return string.Join(',', given.EnumerateArray().Select(item => item.GetString()));
            default:
                var also = (question.AlsoNumber, question.AlsoList) switch { (true, _) => " or a number", (_, true) => " or a list of strings", _ => "" };
                fault = $"`{question.Id}` must be {(question.Type == QuestionType.Flag ? "true or false" : "a string")}{also}";
                return null;
        }
    }

    private static Refusal.Conflict Invalid(IEnvPackHandler handler, string why) => new($"invalid binding answers for {handler.DescriptorPath}: {why}")
    {
        Next = handler.Questions is null ? null : $"gtc op env-packs wizard {handler.DescriptorPath}",
    };
}
