namespace Gtc.Conformance.Tests;

/// <summary>Every check can fail, and fails alone: a deployer that is wrong in one way fails the one check that is about it.</summary>
public sealed class A_wrong_deployer_fails
{
    /// <summary>What is wrong, the check, the failure and the verb.</summary>
    public static TheoryData<Wrong, string, string, string?> Cases { get; } = new()
    {
        { Wrong.SecondStageFails, "C1", "NotIdempotent", "stage_revision" },
        { Wrong.SecondDrainFails, "C3", "NotIdempotent", "drain_revision" },
        { Wrong.SecondArchiveFails, "C4", "NotIdempotent", "archive_revision" },
        { Wrong.DrainsUnknownRevision, "C5", "UnknownRevisionAccepted", "drain_revision" },
        { Wrong.UnknownRevisionIsProviderError, "C5", "UnknownRevisionWrongError", "stage_revision" },
        { Wrong.AcceptsBadSum, "C6", "InvalidSplitAccepted", "apply_traffic_split" },
        { Wrong.BadSumIsProviderError, "C6", "InvalidSplitWrongError", "apply_traffic_split" },
        { Wrong.AcceptsMissingSplit, "C7", "MissingSplitAccepted", "apply_traffic_split" },
        { Wrong.MissingSplitIsProviderError, "C7", "MissingSplitWrongError", "apply_traffic_split" },
        { Wrong.SecondSplitAFails, "C8", "NotIdempotent", "apply_traffic_split" },
        { Wrong.SecondSplitBFails, "C9", "NotIdempotent", "apply_traffic_split" },
        { Wrong.AlwaysAnswersA, "C10", "CrossDeploymentInterference", "apply_traffic_split" },
        { Wrong.DropsARevision, "C11", "RuntimeConfigDrift", "report_runtime_config" },
        { Wrong.SecondWarmChangesState, "C12", "StateChanged", "warm_revision" },
        { Wrong.WarmTouchesOthers, "C13", "RevisionInterference", "warm_revision" },
        { Wrong.ArchiveTouchesOthers, "C13", "RevisionInterference", "archive_revision" },
        { Wrong.ApplyTouchesOthers, "C14", "RoutingInterference", "apply_traffic_split" },
        { Wrong.CallsBeforeChecking, "C15", "ProviderCalledTooEarly", "stage_revision" },
        { Wrong.AcceptsStrangeAnswers, "C16", "AnswersAccepted", "warm_revision" },
        { Wrong.ForgetsTheAnswersName, "C16", "AnswersWrongError", "warm_revision" },
        { Wrong.ArchiveOfAbsentFails, "C17", "ArchiveOfAbsentFailed", "archive_revision" },
        { Wrong.ArchiveLeavesObjects, "C18", "NotRemoved", "archive_revision" },
        { Wrong.WarmAfterArchiveFails, "C18", "NotMadeAgain", "warm_revision" },
        { Wrong.VagueTimeout, "C19", "HealthGateVague", "warm_revision" },
        { Wrong.HidesTransientErrors, "C20", "TransientErrorHidden", "warm_revision" },
        { Wrong.DrainTearsDown, "C21", "DrainTearsDown", "drain_revision" },
        { Wrong.WritesPartOfASplit, "C22", "PartialWrite", "apply_traffic_split" },
        { Wrong.RoundsShares, "C23", "SharesAltered", "apply_traffic_split" },
        { Wrong.SucceedsWithoutClient, "C24", "SuccessWithoutClient", "warm_revision" },
        { Wrong.InvalidNames, "C25", "InvalidName", "warm_revision" },
        { Wrong.SharesNames, "C25", "SharedName", "warm_revision" },
        { Wrong.ArchiveTouchesOtherEnvironments, "C26", "EnvironmentInterference", "archive_revision" },
        { Wrong.RenderVaries, "C27", "RenderVaries", null },
        { Wrong.SwallowsCancellation, "C29", "CancellationSwallowed", "warm_revision" },
        { Wrong.UnstableCapabilities, "C30", "CredentialsContractBroken", null },
        { Wrong.ValidateMisses, "C30", "CredentialsContractBroken", null },
        { Wrong.ValidateMutates, "C30", "CredentialsContractBroken", null },
        { Wrong.ValidatePasses, "C30", "CredentialsContractBroken", null },
        { Wrong.LeaksIntoObject, "C31", "SecretLeaked", "warm_revision" },
        { Wrong.LeaksIntoLog, "C31", "SecretLeaked", null },
        { Wrong.LeaksIntoError, "C31", "SecretLeaked", null },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    [Trait("fact", "deployers-and-conformance:16.2")]
    [Trait("fact", "deployers-and-conformance:16.4")]
    [Trait("fact", "deployers-and-conformance:16.5")]
    [Trait("fact", "deployers-and-conformance:16.6")]
    public async Task Exactly_the_check_that_is_about_it(Wrong wrong, string check, string failure, string? verb)
    {
        var report = await RunAsync(wrong);

        report.Checks.Where(result => result.Status == CheckStatus.Failed).Select(result => result.Id).ShouldBe([check], report.ToString());
        var failed = report.Checks.Single(result => result.Id == check);
        failed.Failure.ShouldBe(failure);
        failed.Verb.ShouldBe(verb);
    }

    [Fact]
    public void Every_check_has_a_deployer_that_fails_it() =>
        Cases.Select(row => row.Data.Item2).Append("C2").Append("C28").Distinct().ShouldBe(ConformanceCheck.All.Select(check => check.Id), ignoreOrder: true);

    [Theory]
    [InlineData(Wrong.SecondWarmFails, "NotIdempotent")]
    [InlineData(Wrong.FirstWarmFails, "HappyPathFailed")]
    [Trait("fact", "deployers-and-conformance:16.3")]
    public async Task A_warm_that_fails_fails_the_check_of_warm(Wrong wrong, string failure)
    {
        var report = await RunAsync(wrong);

        var warm = report.Checks.Single(result => result.Id == "C2");
        (warm.Status, warm.Failure, warm.Verb).ShouldBe((CheckStatus.Failed, failure, "warm_revision"));
    }

    [Theory]
    [InlineData(Wrong.NoHealthGate, "C19", "HealthGateOpen")]
    [InlineData(Wrong.LateTimeout, "C19", "HealthGateLate")]
    [InlineData(Wrong.IgnoresCancellation, "C29", "CancellationSlow")]
    [InlineData(Wrong.NeverConverges, "C20", "NotConverged")]
    public async Task Deployers_that_are_wrong_in_a_way_that_touches_several_checks(Wrong wrong, string check, string failure)
    {
        var checks = ConformanceCheck.All.Where(candidate => candidate.Id == check);
        var report = await new ConformanceSuite().RunAsync(new MemoryTarget(wrong), checks, TestContext.Current.CancellationToken);

        report.Checks.Single().Failure.ShouldBe(failure, report.ToString());
    }

    [Theory]
    [InlineData(Wrong.ConcurrentWarmFails, "ConcurrentWarmFailed")]
    [InlineData(Wrong.ConcurrentWarmDoubles, "DuplicateObjects")]
    public async Task Two_warms_at_once_fail_the_check_that_is_about_them_and_no_other(Wrong wrong, string failure)
    {
        var together = ConformanceCheck.All.Where(check => check.Id == "C28");
        var report = await new ConformanceSuite().RunAsync(new MemoryTarget(wrong) { MeetsTwin = true }, together, TestContext.Current.CancellationToken);
        (report.Checks.Single().Failure, report.Checks.Single().Verb).ShouldBe((failure, "warm_revision"), report.ToString());

        var others = await new ConformanceSuite().RunAsync(new MemoryTarget(wrong), ConformanceCheck.All.Except(together), TestContext.Current.CancellationToken);
        others.Checks.ShouldNotContain(result => result.Status == CheckStatus.Failed, others.ToString());
    }

    private static Task<ConformanceReport> RunAsync(Wrong wrong) => new ConformanceSuite().RunAsync(new MemoryTarget(wrong), TestContext.Current.CancellationToken);
}
