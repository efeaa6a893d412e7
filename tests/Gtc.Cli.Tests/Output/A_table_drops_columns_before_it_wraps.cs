using Gtc.Cli.Output;

namespace Gtc.Cli.Tests.Output;

public class A_table_drops_columns_before_it_wraps
{
    private static readonly TableView Sample = new(
        [new("id"), new("state"), new("age", 2), new("digest", 1)],
        [["01J9", "ready", "3 min ago", "sha256:9c2f41"], ["01J8", "staged", "2 h ago", "[not markup]"]]);

    [Theory]
    [InlineData(80, "ID    STATE   AGE        DIGEST        \n01J9  ready   3 min ago  sha256:9c2f41 \n01J8  staged  2 h ago    [not markup]  \n")]
    [InlineData(38, "ID    STATE   AGE        DIGEST        \n01J9  ready   3 min ago  sha256:9c2f41 \n01J8  staged  2 h ago    [not markup]  \n")]
    [InlineData(37, "ID    STATE   DIGEST        \n01J9  ready   sha256:9c2f41\n01J8  staged  [not markup]\n")]
    [InlineData(20, "ID    STATE\n01J9  ready\n01J8  staged\n")]
    public void The_highest_rank_goes_first(int width, string expected)
    {
        using var cli = new TestCli { Width = width };
        using var stdout = new StringWriter { NewLine = "\n" };
        new Screen(cli.Context(stdout, TextWriter.Null)).Table(Sample, "none");
        Trimmed(stdout.ToString()).ShouldBe(Trimmed(expected));
    }

    [Fact]
    public void An_empty_one_is_a_sentence()
    {
        using var cli = new TestCli();
        using var stdout = new StringWriter { NewLine = "\n" };
        new Screen(cli.Context(stdout, TextWriter.Null)).Table(new([new("id")], []), "There is nothing.");
        stdout.ToString().ShouldBe("There is nothing.\n");
    }

    [Theory]
    [InlineData(0, "0 s ago")]
    [InlineData(59, "59 s ago")]
    [InlineData(60, "1 min ago")]
    [InlineData(3_599, "59 min ago")]
    [InlineData(172_799, "47 h ago")]
    [InlineData(172_800, "2 d ago")]
    [InlineData(-5, "0 s ago")]
    public void Times_are_relative(int secondsAgo, string expected)
    {
        using var cli = new TestCli();
        new Screen(cli.Context(TextWriter.Null, TextWriter.Null)).Ago(cli.Time.GetUtcNow().AddSeconds(-secondsAgo)).ShouldBe(expected);
    }

    private static string Trimmed(string text) => string.Join('\n', text.Split('\n').Select(line => line.TrimEnd()));
}
