using System.Collections.Immutable;
using System.CommandLine;
using System.CommandLine.Parsing;

namespace Gtc.Cli;

/// <summary>One mistake in the command line itself: always text on standard error and exit 2, whatever the output format.</summary>
/// <param name="Message">What is wrong.</param>
/// <param name="Command">The command that was reached.</param>
/// <param name="Nearest">The closest word that would have been right, or null.</param>
/// <param name="Choices">The words that would have been right, when a word is missing.</param>
internal sealed record UsageError(string Message, Command Command, string? Nearest, ImmutableArray<string> Choices)
{
    /// <summary>Prints it.</summary>
    public void Write(CliContext context)
    {
        var path = UsageErrors.PathOf(Command);
        context.Stderr.WriteLine($"{context.ProgramName}: {Message}");
        if (Nearest is not null)
        {
            context.Stderr.WriteLine($"  did you mean  {Nearest}");
        }

        if (!Choices.IsEmpty)
        {
            context.Stderr.WriteLine($"  choose        {string.Join(", ", Choices)}");
        }

        context.Stderr.WriteLine($"  next          {path} --help");
    }
}

/// <summary>Finds the mistake that a person made in a command line.</summary>
internal static class UsageErrors
{
    /// <summary>The first mistake, or null when the command can run.</summary>
    public static UsageError? Find(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        if (UnknownWord(parsed, command) is { } word)
        {
            return word.StartsWith('-') ? UnknownFlag(command, word) : UnknownCommand(command, word);
        }

        if (command.Action is null)
        {
            return new($"`{PathOf(command)}` needs one more word", command, null, [.. command.Subcommands.Select(child => child.Name)]);
        }

        return parsed.Errors.Count == 0 ? null : new(parsed.Errors[0].Message.TrimEnd('.'), command, null, []);
    }

    /// <summary>The words from the program's name to the command.</summary>
    public static string PathOf(Command command)
    {
        var names = new List<string>();
        for (Command? at = command; at is not null; at = at.Parents.OfType<Command>().FirstOrDefault())
        {
            names.Insert(0, at.Name);
        }

        return string.Join(' ', names);
    }

    /// <summary>The words that a command takes as they are: positions and <c>key=value</c>.</summary>
    public static IReadOnlyList<string> WordsOf(ParseResult parsed, DescribedCommand command) =>
        command.Words is { } words && parsed.GetResult(words) is { } result ? [.. result.Tokens.Select(token => token.Value)] : [];

    private static string? UnknownWord(ParseResult parsed, Command command)
    {
        if (parsed.UnmatchedTokens.Count > 0)
        {
            return parsed.UnmatchedTokens[0];
        }

        if (command is not DescribedCommand described)
        {
            return null;
        }

        // The parser hands unknown flags over as plain words; only behind `--` a word may look like a flag.
        var words = WordsOf(parsed, described);
        var literal = parsed.Tokens.SkipWhile(token => token.Type != TokenType.DoubleDash).Count(token => token.Type == TokenType.Argument);
        return words.Take(words.Count - literal).FirstOrDefault(word => word.Length > 1 && word[0] == '-');
    }

    private static UsageError UnknownFlag(Command command, string word)
    {
        var name = word.Split('=', 2)[0];
        return new($"`{PathOf(command)}` has no flag `{name}`", command, NearestWord.To(name, FlagsOf(command)), []);
    }

    private static UsageError UnknownCommand(Command command, string word)
    {
        if (command.Subcommands.Count == 0)
        {
            return new($"`{PathOf(command)}` takes no word `{word}`", command, null, []);
        }

        var nearest = NearestWord.To(word, command.Subcommands.Select(child => child.Name));
        var choices = nearest is null ? command.Subcommands.Select(child => child.Name) : [];
        return new($"`{word}` is not a command of `{PathOf(command)}`", command, nearest is null ? null : $"{PathOf(command)} {nearest}", [.. choices]);
    }

    private static IEnumerable<string> FlagsOf(Command command)
    {
        for (Command? at = command; at is not null; at = at.Parents.OfType<Command>().FirstOrDefault())
        {
            foreach (var option in at.Options.Where(option => at == command || option.Recursive))
            {
                yield return option.Name;
            }
        }
    }
}
