using System.CommandLine;
using System.Text.RegularExpressions;
using Gtc.Cli.Tests.Bundle;

namespace Gtc.Cli.Tests.Frame;

public partial class Refusals_name_commands_that_exist
{
    [Fact]
    public void In_every_noun_that_stands()
    {
        using var cli = new TestCli();
        var op = new CommandTree(cli.Context(TextWriter.Null, TextWriter.Null)).Root.Subcommands.Single(command => command.Name == "op");
        var named = Directory.GetFiles(Path.Combine(TestBundles.RepositoryRoot(), "src"), "*.cs", SearchOption.AllDirectories)
            .SelectMany(path => Named().Matches(File.ReadAllText(path)).Select(match => (File: Path.GetFileName(path), Words: match.Groups[1].Value.Split(' '))))
            .ToList();
        named.Count.ShouldBeGreaterThan(40);
        foreach (var (file, words) in named)
        {
            Command at = op;
            foreach (var word in words.TakeWhile(_ => at.Subcommands.Count > 0))
            {
                at = at.Subcommands.FirstOrDefault(command => command.Name == word).ShouldNotBeNull($"{file} names `gtc op {string.Join(' ', words)}`");
            }
        }
    }

    [GeneratedRegex(@"\bgtc op ((?:env-packs|env|extensions|credentials|config|revisions|traffic|bundles|messaging endpoint|secrets|trust-root|operator-key|audit) [a-z]+[a-z-]*)\b")]
    private static partial Regex Named();
}
