using System.Diagnostics;

namespace Gtc.Routing.Tests.Pins;

public class The_sample_runs
{
    [Fact]
    public async Task Sessions_stay_and_newcomers_follow_the_new_shares()
    {
        using var sample = Process.Start(new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "Dial")) { RedirectStandardOutput = true })!;
        var output = await sample.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await sample.WaitForExitAsync(TestContext.Current.CancellationToken);
        sample.ExitCode.ShouldBe(0);
        var counts = output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .ToDictionary(words => words[0] + words[1][^1], words => int.Parse(words[2]));
        (counts["PinB"] + counts["PinC"]).ShouldBe(1000);
        counts["PinB"].ShouldBeInRange(860, 940);
        counts["WeightedC"].ShouldBeInRange(750, 850);
    }
}
