using System.Collections.Immutable;
using System.CommandLine;

namespace Gtc.Cli.Completion;

/// <summary>How far a command line was typed, before its last word.</summary>
internal sealed class TypedLine
{
    private readonly List<string> _positions = [];
    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);

    private TypedLine(Command root, string last) => (Command, Last) = (root, last);

    /// <summary>The command that was reached.</summary>
    public Command Command { get; private set; }

    /// <summary>The word that is being typed; for <c>--flag=value</c> the value.</summary>
    public string Last { get; private set; }

    /// <summary>What stands before <see cref="Last"/> in the same word of the shell and must be printed with it.</summary>
    public string Prefix { get; private set; } = "";

    /// <summary>The flag whose value the last word is, or null.</summary>
    public Option? Awaited { get; private set; }

    /// <summary>True behind <c>--</c>, where every word is taken as it is.</summary>
    public bool IsLiteral { get; private set; }

    /// <summary>How many words stand where no flag and no command do.</summary>
    public int Positions => _positions.Count;

    /// <summary>The value that a flag was given, or null.</summary>
    public string? ValueOf(string flag) => _values.GetValueOrDefault(flag);

    /// <summary>Reads the words; the last one may be empty.</summary>
    public static TypedLine Read(Command root, ImmutableArray<string> words)
    {
        var line = new TypedLine(root, words.IsEmpty ? "" : words[^1]);
        foreach (var word in words.SkipLast(1))
        {
            line.Take(word);
        }

        line.SplitLast();
        return line;
    }

    /// <summary>The flags that stand here: the command's own, and those that the commands above pass on.</summary>
    public IEnumerable<Option> Flags()
    {
        for (Command? at = Command; at is not null; at = at.Parents.OfType<Command>().FirstOrDefault())
        {
            foreach (var option in at.Options.Where(option => !option.Hidden && (at == Command || option.Recursive)))
            {
                yield return option;
            }
        }
    }

    private void Take(string word)
    {
        if (Awaited is { } awaited)
        {
            _values[awaited.Name] = word;
            Awaited = null;
        }
        else if (IsLiteral || !word.StartsWith('-'))
        {
            TakePlain(word);
        }
        else if (word == "--")
        {
            IsLiteral = true;
        }
        else if (word.Split('=', 2) is [var name, var value])
        {
            _values[name] = value;
        }
        else
        {
            Awaited = Flags().FirstOrDefault(option => Answers(option, word) && option.ValueType != typeof(bool));
        }
    }

    private void TakePlain(string word)
    {
        if (!IsLiteral && _positions.Count == 0 && Command.Subcommands.FirstOrDefault(child => child.Name == word) is { } child)
        {
            Command = child;
        }
        else if (!word.Contains('=', StringComparison.Ordinal))
        {
            _positions.Add(word);
        }
    }

    private void SplitLast()
    {
        if (Awaited is null && !IsLiteral && Last.StartsWith('-') && Last.Split('=', 2) is [var name, var value])
        {
            (Prefix, Last) = (name + "=", value);
            Awaited = Flags().FirstOrDefault(option => Answers(option, name));
        }
    }

    private static bool Answers(Option option, string word) => option.Name == word || option.Aliases.Contains(word);
}
