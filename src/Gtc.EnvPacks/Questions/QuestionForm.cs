using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Gtc.EnvPacks;

/// <summary>What an env-pack wants to be asked (env-packs.md §9).</summary>
public sealed record QuestionForm
{
    /// <summary>The version of every built-in form.</summary>
    public const string CurrentVersion = "0.1.0";

    /// <summary>The most questions of one form.</summary>
    public const int MaxQuestions = 64;

    /// <summary>Its id, e.g. <c>greentic.deployer.k8s.wizard</c>.</summary>
    public required string Id { get; init; }

    /// <summary>A title for people.</summary>
    public required string Title { get; init; }

    /// <summary>The version of the form, not of the pack.</summary>
    public string Version { get; init; } = CurrentVersion;

    /// <summary>What it is for, or null.</summary>
    public string? Description { get; init; }

    /// <summary>How it is introduced, or null.</summary>
    public FormPresentation? Presentation { get; init; }

    /// <summary>The questions, in the order they are asked.</summary>
    public ImmutableArray<Question> Questions { get => field.IsDefault ? [] : field; init; }
}

/// <summary>How a form is introduced.</summary>
/// <param name="Intro">A sentence.</param>
public sealed record FormPresentation(string Intro);

/// <summary>What kind of answer a question takes.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<QuestionType>))]
public enum QuestionType
{
    /// <summary>Text.</summary>
    [JsonStringEnumMemberName("string")]
    Text,

    /// <summary>One of <see cref="Question.Choices"/>.</summary>
    [JsonStringEnumMemberName("enum")]
    Choice,

    /// <summary>True or false.</summary>
    [JsonStringEnumMemberName("boolean")]
    Flag,
}

/// <summary>One question.</summary>
public sealed record Question
{
    /// <summary>The key of its answer.</summary>
    public required string Id { get; init; }

    /// <summary>What kind of answer it takes.</summary>
    public QuestionType Type { get; init; }

    /// <summary>The question.</summary>
    public required string Title { get; init; }

    /// <summary>More about it, or null.</summary>
    public string? Description { get; init; }

    /// <summary>Whether there must be an answer.</summary>
    public bool Required { get; init; }

    /// <summary>What holds without an answer, or null.</summary>
    public string? DefaultValue { get; init; }

    /// <summary>The answers of an enum.</summary>
    public ImmutableArray<string> Choices { get => field.IsDefault ? [] : field; init; }

    /// <summary>What the answer must look like, or null.</summary>
    public AnswerConstraint? Constraint { get; init; }

    /// <summary>Whether a JSON number is taken as well as a text.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool AlsoNumber { get; init; }

    /// <summary>An older word that is taken as well as <see cref="Choices"/>, and not offered.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? AlsoChoice { get; init; }

    /// <summary>Whether nobody is asked for it: it is answered by those who look for it, in a file.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Advanced { get; init; }

    /// <summary>Whether a JSON list of texts is taken as well as a text with commas.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool AlsoList { get; init; }
}

/// <summary>What an answer must look like.</summary>
public sealed record AnswerConstraint
{
    /// <summary>A regular expression without look-around and back-references, or null.</summary>
    public string? Pattern { get; init; }

    /// <summary>The fewest characters, or null.</summary>
    public int? MinLen { get; init; }

    /// <summary>The most characters, or null.</summary>
    public int? MaxLen { get; init; }
}
