using Gtc.Cli.Op.Apply;
using Gtc.EnvPacks;
using Gtc.Model;

namespace Gtc.Cli.Setup;

/// <summary>Asks questions at the terminal, on standard error: standard output holds the result.</summary>
/// <param name="context">The terminal.</param>
/// <param name="onlyRequired">Whether only what cannot do without an answer is asked.</param>
internal sealed class SetupAsking(CliContext context, bool onlyRequired)
{
    private string? _head;

    /// <summary>Whether only what cannot do without an answer is asked.</summary>
    public bool OnlyRequired => onlyRequired;

    /// <summary>Says whose questions come next; once for all of them.</summary>
    public void Head(string title, string? introduction)
    {
        if (_head == title)
        {
            return;
        }

        _head = title;
        context.Stderr.WriteLine();
        context.Stderr.WriteLine(Shown(title));
        if (introduction is not null)
        {
            context.Stderr.WriteLine($"  {Shown(introduction)}");
        }
    }

    /// <summary>Asks until the answer fits; the empty line takes what is offered.</summary>
    /// <returns>The answer, empty when there is none and none is needed; a refusal when the terminal was closed.</returns>
    public Task<Outcome<string>> AskAsync(Question question, string? offered, CancellationToken cancellationToken) => AskAsync(question, offered, FindFault, cancellationToken);

    /// <summary>Asks until the answer fits by a rule of the caller's own.</summary>
    public async Task<Outcome<string>> AskAsync(Question question, string? offered, Func<Question, string, string?> findFault, CancellationToken cancellationToken)
    {
        if (question.Description is { } more)
        {
            context.Stderr.WriteLine($"  {Shown(more)}");
        }

        while (true)
        {
            if (await context.AskLine!(context.Stderr, Prompt(question, offered), cancellationToken) is not { } line)
            {
                context.Stderr.WriteLine();
                return Closed();
            }

            var answer = Normal(question, line.Trim() is { Length: > 0 } typed ? typed : offered ?? "");
            var fault = answer.Length > 0 ? findFault(question, answer) : question.Required ? "an answer is needed" : null;
            if (fault is null)
            {
                return answer;
            }

            context.Stderr.WriteLine($"  {fault}");
        }
    }

    /// <summary>Whether a person wants to give a secret that nothing depends on.</summary>
    public Task<bool> WantsAsync(Question question, CancellationToken cancellationToken) =>
        Confirmation.AskAsync($"  {Shown(question.Title)}: optional, give it now? [y/N] ", context, cancellationToken);

    private static string Prompt(Question question, string? offered)
    {
        var choices = question.Type == QuestionType.Flag ? " (true, false)" : question.Choices.IsEmpty ? "" : $" ({string.Join(", ", question.Choices)})";
        return $"  {Shown(question.Title + choices)}{(offered is null ? "" : $" [{Shown(offered)}]")}: ";
    }

    private static string Normal(Question question, string answer) => question.Type != QuestionType.Flag ? answer : answer.ToUpperInvariant() switch
    {
        "Y" or "YES" or "TRUE" => "true",
        "N" or "NO" or "FALSE" => "false",
        _ => answer,
    };

    /// <summary>What is wrong with an answer; null when it fits.</summary>
    public static string? FindFault(Question question, string answer) =>
        question.Type == QuestionType.Flag && answer is not ("true" or "false") ? "true or false was expected" : AnswersReader.FindFault(question, answer);

    /// <summary>Texts of packs are other people's: none may steer the terminal.</summary>
    private static string Shown(string text) => string.Create(text.Length, text, (shown, from) =>
    {
        for (var index = 0; index < shown.Length; index++)
        {
            shown[index] = char.IsControl(from[index]) ? ' ' : from[index];
        }
    });

    private static Refusal.InvalidArgument Closed() => new("the terminal was closed before every question was answered; nothing was written");
}
