using Gtc.Load.Fleet;

namespace Gtc.Load.Tests.Fleet;

public sealed class The_flags_of_a_run_are_read
{
    [Theory]
    [InlineData("S", 100, 10, 60)]
    [InlineData("M", 10_000, 1000, 120)]
    [InlineData("soak", 20_000, 1000, 1800)]
    public void A_run_has_the_numbers_of_the_specification(string run, int devices, int deployments, int seconds)
    {
        var options = FleetOptions.Parse(["--run", run]).Options!;

        (options.Devices, options.Deployments, options.Duration.TotalSeconds).ShouldBe((devices, deployments, seconds));
        options.Connections.ShouldBe(64);
    }

    [Fact]
    public void A_flag_overrides_the_run_wherever_it_stands()
    {
        var options = FleetOptions.Parse(["--devices", "500", "--run", "M", "--rate", "0.5", "--real-connections", "--churn", "0.01", "--report", "json"]).Options!;

        (options.Devices, options.Connections, options.TotalRate, options.Churn, options.IsJson).ShouldBe((500, 500, 250, 0.01, true));
    }

    [Theory]
    [InlineData("--run", "X")]
    [InlineData("--devices", "0")]
    [InlineData("--device", "5")]
    [InlineData("--groups", "20")]
    [InlineData("--rate")]
    public void What_is_not_understood_is_said(params string[] words) => FleetOptions.Parse(words).Error.ShouldNotBeNull();

    [Fact]
    public void Percentiles_are_those_of_the_nearest_rank()
    {
        var latencies = new Percentiles();
        latencies.At(0.5).ShouldBe(double.NaN);
        foreach (var milliseconds in Enumerable.Range(1, 200))
        {
            latencies.Add(TimeSpan.FromMilliseconds(milliseconds));
        }

        (latencies.At(0.5), latencies.At(0.99), latencies.At(1)).ShouldBe((100, 198, 200));
    }

    [Fact]
    public void A_report_fails_when_one_objective_does()
    {
        var report = new FleetReport { Run = "S" };
        report.AtLeast("writes", 100, 99.9, "/s");
        report.AtMost("wait", 3000, 12);
        report.None("errors", 0);
        report.Passed.ShouldBeFalse();

        using var text = new StringWriter();
        report.Write(text, isJson: false);
        text.ToString().ShouldContain("FAIL");
        report.Objectives.RemoveAt(0);
        report.Passed.ShouldBeTrue();
    }
}
