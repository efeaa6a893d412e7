using System.Collections.Immutable;

namespace Gtc.EnvPacks;

/// <summary>The answers of one binding: what was set, and the defaults of what was not.</summary>
public sealed class PackAnswers
{
    private readonly QuestionForm? _form;
    private readonly ImmutableSortedDictionary<string, string> _set;

    internal PackAnswers(QuestionForm? form, ImmutableSortedDictionary<string, string> set) => (_form, _set) = (form, set);

    /// <summary>No answers: every question has its default.</summary>
    public static PackAnswers Defaults(QuestionForm? form) => new(form, ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal));

    /// <summary>What was set, by key; null and empty answers are not among them.</summary>
    public IReadOnlyDictionary<string, string> Set => _set;

    /// <summary>The answer to a question, else its default, else null.</summary>
    public string? Get(string question) =>
        _set.TryGetValue(question, out var answer) ? answer : _form?.Questions.FirstOrDefault(candidate => candidate.Id == question)?.DefaultValue;
}
