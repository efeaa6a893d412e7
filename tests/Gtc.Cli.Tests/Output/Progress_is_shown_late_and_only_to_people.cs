using Gtc.Artifacts.Sources;
using Gtc.Cli.Output;

namespace Gtc.Cli.Tests.Output;

public class Progress_is_shown_late_and_only_to_people
{
    [Theory]
    [InlineData(true, 299, "")]
    [InlineData(true, 300, "\r  pulling  1.5 KiB of 2.0 MiB   ")]
    [InlineData(false, 5_000, "")]
    public void After_300_ms_at_a_terminal(bool isTerminal, int milliseconds, string expected)
    {
        using var cli = new TestCli { IsTerminal = isTerminal };
        using var stderr = new StringWriter();
        using var progress = new TransferProgress("pulling", cli.Context(TextWriter.Null, stderr));
        cli.Time.Advance(TimeSpan.FromMilliseconds(milliseconds));
        progress.Report(new PullProgress(1_536, 2 << 20));
        stderr.ToString().ShouldBe(expected);
    }

    [Fact]
    public void And_is_wiped_at_the_end()
    {
        using var cli = new TestCli { IsTerminal = true };
        using var stderr = new StringWriter();
        var progress = new TransferProgress("pulling", cli.Context(TextWriter.Null, stderr));
        cli.Time.Advance(TimeSpan.FromSeconds(1));
        progress.Report(new PullProgress(10, null));
        progress.Report(new PullProgress(11, null));
        progress.Dispose();
        stderr.ToString().Split('\r').ShouldBe(["", "  pulling  10 B   ", new string(' ', 60), ""]);
    }
}
