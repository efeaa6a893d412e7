using System.Text.RegularExpressions;
using Gtc.Cli.Tests.Bundle;

namespace Gtc.Cli.Tests.Op;

public partial class The_release_guide_works_as_typed
{
    [Fact]
    public async Task From_the_first_stage_to_the_last_folder()
    {
        TestCli.NeedsFiles("it mints a token with a key of the folder and collects folders");
        using var cli = new TestCli();
        cli.SetVariable("GREENTIC_STORE_ROOT", cli.StoreRoot);
        await Staged.DeploymentAsync(cli);
        foreach (var number in new[] { 1, 2 })
        {
            await TestBundles.BuildAsync(cli.Folder, "main", $"Hello {number}");
            File.Move(Path.Combine(cli.Folder, "main.gtbundle"), Path.Combine(cli.Folder, $"checkout-{number}.gtbundle"));
        }

        var answers = new List<(string Line, string Answer)>();
        var ids = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in Lines())
        {
            var words = Variable().Replace(line, match => ids[match.Groups[1].Value]);
            var assigned = Assignment().Match(words);
            cli.Time.Advance(TimeSpan.FromSeconds(1));
            var run = await cli.RunAsync((assigned.Success ? assigned.Groups[2].Value : words)["gtc ".Length..]);
            run.Exit.ShouldBe(0, $"{line}: {run.Stderr}");
            answers.Add((line, run.Stdout));
            if (assigned.Success)
            {
                ids[assigned.Groups[1].Value] = run.Result.GetProperty("revision_id").GetString()!;
            }
        }

        answers.Count.ShouldBe(27);
        var back = answers.First(answer => answer.Line == "gtc op traffic rollback").Answer;
        back.ShouldContain($$"""[{"revision_id":"{{ids["OLD"]}}","weight_bps":9000},{"revision_id":"{{ids["NEW"]}}","weight_bps":1000}]""");
        answers[^1].Answer.ShouldContain($"\"deleted_folders\":[\"{ids["OLD"]}\",\"{ids["NEW"]}\"]");
        Directory.GetDirectories(Path.Combine(cli.StoreRoot, "local", "revisions")).ShouldBeEmpty();
    }

    private static IEnumerable<string> Lines()
    {
        var isCode = false;
        foreach (var line in File.ReadLines(Path.Combine(TestBundles.RepositoryRoot(), "docs", "guides", "release-and-roll-back.md")))
        {
            if (line.StartsWith("```", StringComparison.Ordinal))
            {
                isCode = !isCode;
            }
            else if (isCode)
            {
                yield return line;
            }
        }
    }

    [GeneratedRegex(@"\$([A-Z]+)")]
    private static partial Regex Variable();

    [GeneratedRegex(@"^([A-Z]+)=\$\((gtc .*) \| jq -r \.result\.revision_id\)$")]
    private static partial Regex Assignment();
}
