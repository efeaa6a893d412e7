using System.CommandLine;
using System.Runtime.CompilerServices;
using System.Text;

namespace Gtc.Cli.Tests.Frame;

/// <summary>docs/reference/commands.md and the pages beside it are written from the commands themselves. After a change: GTC_WRITE_REFERENCE=1 with this test.</summary>
public sealed class The_command_reference_is_current
{
    private const string Regenerate =
        "the command reference is behind the commands; write it again with  GTC_WRITE_REFERENCE=1 tests/Gtc.Cli.Tests/bin/Debug/net10.0/Gtc.Cli.Tests -class \"*The_command_reference_is_current\"";

    [Fact]
    public void Every_command_stands_in_it_as_it_is_and_no_other()
    {
        var pages = Pages();
        var folder = Path.Combine(ReferenceFolder(), "commands");
        if (Environment.GetEnvironmentVariable("GTC_WRITE_REFERENCE") == "1")
        {
            Write(folder, pages);
        }

        var found = Directory.Exists(folder) ? Directory.GetFiles(folder, "*.md").Select(file => Path.GetRelativePath(ReferenceFolder(), file)) : [];
        found.Append("commands.md").ShouldBe(pages.Keys, ignoreOrder: true, customMessage: Regenerate);
        foreach (var (name, text) in pages)
        {
            File.ReadAllText(Path.Combine(ReferenceFolder(), name)).ShouldBe(text, $"{name}: {Regenerate}");
        }
    }

    private static void Write(string folder, Dictionary<string, string> pages)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }

        Directory.CreateDirectory(folder);
        foreach (var (name, text) in pages)
        {
            File.WriteAllText(Path.Combine(ReferenceFolder(), name), text);
        }
    }

    /// <summary>One page for each noun and each group, and one that lists them.</summary>
    private static Dictionary<string, string> Pages()
    {
        using var cli = new TestCli { Width = 110 };
        var root = new CommandTree(cli.Context(TextWriter.Null, TextWriter.Null)).Root;
        var pages = new Dictionary<string, string>(StringComparer.Ordinal);
        var index = new StringBuilder("# Commands\n\nWritten from the commands themselves; a test fails when they differ. `--help` shows the same.\n");
        foreach (var page in root.Subcommands.SelectMany(group => group.Subcommands.Any(child => child.Subcommands.Count > 0) ? group.Subcommands.ToList() : [group]))
        {
            var path = UsageErrors.PathOf(page)["gtc ".Length..];
            var name = $"commands/{path.Replace(' ', '-')}.md";
            index.Append($"\n## [gtc {path}]({name})\n\n{page.Description}.\n\n| Command | What it does |\n| --- | --- |\n");
            var text = new StringBuilder($"# gtc {path}\n\n{page.Description}.\n");
            foreach (var leaf in Leaves(page))
            {
                var command = UsageErrors.PathOf(leaf);
                index.Append($"| `{command}` | {leaf.Description?.Replace("|", "\\|", StringComparison.Ordinal)} |\n");
                text.Append($"\n## {command}\n\n```text\n{Help(leaf, cli)}```\n");
            }

            pages.Add(name, text.ToString());
        }

        pages.Add("commands.md", index.ToString());
        return pages;
    }

    private static string Help(Command command, TestCli cli)
    {
        using var writer = new StringWriter { NewLine = "\n" };
        HelpPage.Write(command, cli.Context(TextWriter.Null, TextWriter.Null), writer);
        return writer.ToString();
    }

    private static IEnumerable<Command> Leaves(Command command) =>
        command.Subcommands.Count == 0 ? [command] : command.Subcommands.SelectMany(Leaves);

    private static string ReferenceFolder([CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "..", "docs", "reference"));
}
