using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Gtc.Model;

namespace Gtc.EndToEnd.Tests;

public sealed partial class Documentation_matches_the_code
{
    [Fact]
    public void Every_log_event_has_an_id_of_its_own_and_a_line_in_the_reference()
    {
        var ids = Sources("src").SelectMany(file => LogEvent().Matches(File.ReadAllText(file))).Select(match => match.Groups[1].Value).ToList();
        ids.Count.ShouldBeGreaterThan(10);
        ids.ShouldBeUnique();
        var listed = TableRow().Matches(Read("docs/reference/events.md")).Select(match => match.Groups[1].Value);
        listed.ShouldBe(ids.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_refusal_has_a_kind_and_every_kind_a_line_in_the_reference()
    {
        var kinds = typeof(Refusal).GetNestedTypes().Concat(typeof(DeployerRefusal).GetNestedTypes())
            .Where(type => type.IsSubclassOf(typeof(Refusal)))
            .Select(type => ErrorKinds.Of((Refusal)RuntimeHelpers.GetUninitializedObject(type)))
            .Distinct();
        var listed = KindRow().Matches(Read("docs/reference/errors.md")).Select(match => match.Groups[1].Value);
        listed.ShouldBe(kinds, ignoreOrder: true);
    }

    [Fact]
    public void Every_link_in_the_documentation_leads_somewhere()
    {
        foreach (var page in Directory.GetFiles(Path.Combine(Repository.Root, "docs"), "*.md", SearchOption.AllDirectories).Append(Path.Combine(Repository.Root, "README.md")))
        {
            foreach (Match link in Link().Matches(File.ReadAllText(page)))
            {
                var target = link.Groups[1].Value;
                var path = Path.Combine(Path.GetDirectoryName(page)!, target.Split('#')[0]);
                (target.Contains("://", StringComparison.Ordinal) || File.Exists(path) || Directory.Exists(path)).ShouldBeTrue($"{page} links to {target}");
            }
        }
    }

    [Fact]
    public void Every_proven_fact_stands_in_the_list_of_facts()
    {
        var listed = File.ReadAllLines(Path.Combine(Repository.Root, "tests", "facts.txt")).ToHashSet(StringComparer.Ordinal);
        var proven = Sources("tests").SelectMany(file => Fact().Matches(File.ReadAllText(file))).Select(match => match.Groups[1].Value).Distinct().ToList();
        proven.Count.ShouldBeGreaterThan(50);
        proven.Where(fact => !listed.Contains(fact)).ShouldBeEmpty();
    }

    private static string Read(string path) => File.ReadAllText(Path.Combine(Repository.Root, path));

    private static IEnumerable<string> Sources(string folder) =>
        Directory.GetFiles(Path.Combine(Repository.Root, folder), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal));

    [GeneratedRegex(@"LoggerMessage\((\d{4})")]
    private static partial Regex LogEvent();

    [GeneratedRegex(@"^\| (\d{4}) \|", RegexOptions.Multiline)]
    private static partial Regex TableRow();

    [GeneratedRegex(@"^\| `([a-z-]+)` \|", RegexOptions.Multiline)]
    private static partial Regex KindRow();

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex("\"fact\", \"([a-z0-9-]+:[0-9.]+)\"")]
    private static partial Regex Fact();
}
