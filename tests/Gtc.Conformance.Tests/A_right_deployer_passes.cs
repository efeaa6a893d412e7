using System.Text.Json;
using Gtc.Model;

namespace Gtc.Conformance.Tests;

public sealed class A_right_deployer_passes
{
    [Fact]
    public async Task Every_check()
    {
        var report = await new ConformanceSuite().RunAsync(new MemoryTarget(Wrong.No), TestContext.Current.CancellationToken);

        report.Failed.ShouldBe(0, report.ToString());
        report.NotApplicable.ShouldBe(0, report.ToString());
        report.Checks.Select(check => check.Id).ShouldBe(Enumerable.Range(1, 31).Select(number => $"C{number}"));
    }

    [Fact]
    public async Task Checks_of_what_is_not_provided_do_not_apply()
    {
        var report = await new ConformanceSuite().RunAsync(new MemoryTarget(Wrong.No) { Capabilities = DeployerCapabilities.None }, TestContext.Current.CancellationToken);

        report.Checks.Where(check => check.Status == CheckStatus.NotApplicable).Select(check => check.Id)
            .ShouldBe(["C12", "C13", "C14", "C19", "C20", "C21", "C22", "C24", "C25", "C26", "C29"]);
        report.Checks.Single(check => check.Id == "C12").Message.ShouldBe("the deployer provides no objects");
    }

    [Fact]
    public async Task All_failures_are_told_at_once_and_the_report_is_read_by_programs_and_people()
    {
        var report = await new ConformanceSuite().RunAsync(new MemoryTarget(Wrong.FirstWarmFails), TestContext.Current.CancellationToken);

        report.Failed.ShouldBeGreaterThan(5);
        report.ToString().ShouldContain("C2   FAILED  warming a revision twice succeeds\n       HappyPathFailed (warm_revision): Provider: cannot\n");
        report.ToString().ShouldEndWith($"{report.Passed} passed, {report.Failed} failed, 0 not applicable\n");
        var json = JsonElement.Parse(report.ToJson());
        json.GetProperty("failed").GetInt32().ShouldBe(report.Failed);
        var check = json.GetProperty("checks")[1];
        check.GetProperty("status").GetString().ShouldBe("failed");
        check.GetProperty("failure").GetString().ShouldBe("HappyPathFailed");
        check.GetProperty("verb").GetString().ShouldBe("warm_revision");
        json.GetProperty("capabilities").GetProperty("provides_objects").GetBoolean().ShouldBeTrue();
    }

    [Fact]
    public async Task A_check_that_does_not_end_has_failed_and_the_next_ones_run()
    {
        var suite = new ConformanceSuite { MostPerCheck = TimeSpan.FromMilliseconds(100) };
        var checks = ConformanceCheck.All.Where(check => check.Id is "C19" or "C23");

        var report = await suite.RunAsync(new MemoryTarget(Wrong.LateTimeout), checks, TestContext.Current.CancellationToken);

        report.Checks.Select(check => (check.Id, check.Status, check.Failure)).ShouldBe([("C19", CheckStatus.Failed, "TimedOut"), ("C23", CheckStatus.Passed, null)]);
    }

    [Fact]
    public async Task What_a_target_throws_is_a_finding()
    {
        var report = await new ConformanceSuite().RunAsync(new ThrowingTarget(), TestContext.Current.CancellationToken);

        report.Failed.ShouldBe(31);
        report.Checks[0].Failure.ShouldBe("Threw");
        report.Checks[0].Message.ShouldBe("NotSupportedException: no provider today");
    }

    private sealed class ThrowingTarget : IConformanceTarget
    {
        public string Name => "throws";

        public DeployerCapabilities Capabilities => DeployerCapabilities.None;

        public Task<ConformanceSubject> CreateAsync(CancellationToken cancellationToken) => throw new NotSupportedException("no provider today");
    }
}
