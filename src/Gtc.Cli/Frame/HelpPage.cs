using System.CommandLine;

namespace Gtc.Cli;

/// <summary>Writes the help of a command: purpose, usage, commands, flags, examples.</summary>
internal static class HelpPage
{
    /// <summary>Writes the page.</summary>
    public static void Write(Command command, CliContext context, TextWriter writer)
    {
        var described = command as DescribedCommand;
        writer.WriteLine($"{command.Description}.");
        if (described?.Remark is { } remark)
        {
            writer.WriteLine();
            writer.WriteLine(remark);
        }

        var path = UsageErrors.PathOf(command);
        var rest = command.Subcommands.Count > 0 ? "COMMAND" : string.Join(' ', new[] { described?.Operands ?? "", "[flags]" }.Where(part => part.Length > 0));
        writer.WriteLine();
        writer.WriteLine("Usage");
        writer.WriteLine($"  {path} {rest}");
        WriteRows(writer, "Commands", command.Subcommands.Select(child => (child.Name, child.Description ?? "")), context.Width);
        WriteRows(writer, "Flags", command.Options.Where(option => !option.Hidden).Select(Row), context.Width);
        WriteRows(writer, "Flags of every command here", Inherited(command).Select(Row), context.Width);
        if (described is { Examples.IsEmpty: false })
        {
            writer.WriteLine();
            writer.WriteLine("Examples");
            foreach (var example in described.Examples)
            {
                writer.WriteLine($"  {context.ProgramName} {example}");
            }
        }
    }

    private static IEnumerable<Option> Inherited(Command command)
    {
        for (var at = command.Parents.OfType<Command>().FirstOrDefault(); at is not null; at = at.Parents.OfType<Command>().FirstOrDefault())
        {
            foreach (var option in at.Options.Where(option => option.Recursive && !option.Hidden))
            {
                yield return option;
            }
        }
    }

    private static (string Name, string Purpose) Row(Option option)
    {
        var name = string.Join(", ", option.Aliases.Where(alias => alias.Length == 2).Append(option.Name));
        return (option.ValueType == typeof(bool) ? name : $"{name} {option.HelpName ?? "VALUE"}", option.Description ?? "");
    }

    private static void WriteRows(TextWriter writer, string title, IEnumerable<(string Name, string Purpose)> rows, int width)
    {
        var all = rows.ToList();
        if (all.Count == 0)
        {
            return;
        }

        writer.WriteLine();
        writer.WriteLine(title);
        var column = all.Max(row => row.Name.Length) + 4;
        foreach (var (name, purpose) in all)
        {
            var lines = Wrap(purpose, Math.Max(30, width - column));
            writer.WriteLine($"  {name.PadRight(column - 2)}{lines[0]}");
            foreach (var line in lines.Skip(1))
            {
                writer.WriteLine($"{new string(' ', column)}{line}");
            }
        }
    }

    private static List<string> Wrap(string text, int width)
    {
        var lines = new List<string> { "" };
        foreach (var word in text.Split(' '))
        {
            if (lines[^1].Length > 0 && lines[^1].Length + 1 + word.Length > width)
            {
                lines.Add(word);
            }
            else
            {
                lines[^1] = lines[^1].Length == 0 ? word : $"{lines[^1]} {word}";
            }
        }

        return lines;
    }
}
