namespace Gtc.EnvPacks.Tests.Tools;

public class Tools_are_probed
{
    [Theory]
    [InlineData("kubectl", "Client Version: v1.31.2\nKustomize Version: v5.4.2", "ok")]
    [InlineData("kubectl", "Client Version: v1.26.9", "version_mismatch")]
    [InlineData("terraform", "Terraform v1.5.0\non linux_amd64", "ok")]
    [InlineData("docker", "Docker version 27.3.1, build ce12230", "ok")]
    [InlineData("podman", "podman version 4.3.1", "version_mismatch")]
    [InlineData("aws", "aws-cli/2.13.0 Python/3.11.4 Linux/6.1", "ok")]
    [InlineData("gcloud", "Google Cloud SDK 502.0.0\nbq 2.1.11", "ok")]
    [InlineData("helm", "v3.16.3+gcfd0749", "ok")]
    [InlineData("kind", "kind v0.20.0 go1.20.4 linux/amd64", "ok")]
    [InlineData("tofu", "OpenTofu v1.6.0", "ok")]
    [InlineData("az", "no numbers at all", "probe_error")]
    public async Task A_version_is_found_in_what_a_tool_says(string tool, string output, string expected)
    {
        var known = KnownTools.All.Single(candidate => candidate.Name == tool);
        Word(await Run(ToolProbes.Version(known, new Said(new(0, output, ""))))).ShouldBe(expected);
    }

    [Fact]
    public async Task A_tool_that_is_not_there_comes_with_a_way_to_get_it() =>
        (await Run(ToolProbes.Version(KnownTools.Kubectl, new Said(null)))).ShouldBeOfType<ToolOutcome.NotFound>().InstallHint.ShouldContain("https://");

    [Fact]
    public async Task Who_may_not_is_told_what_to_do()
    {
        var denied = await Run(ToolProbes.KubectlCanI(new Said(new(1, "no", "")), "create", "deployments.apps", "ctx", null));
        denied.ShouldBeOfType<ToolOutcome.AuthFailed>().Detail.ShouldBe("no");
        var allowed = new Said(new(0, "yes\n", ""));
        (await Run(ToolProbes.KubectlCanI(allowed, "create", "deployments.apps", "ctx", "ns"))).ShouldBe(new ToolOutcome.Ok("yes"));
        allowed.Arguments.ShouldBe(["auth", "can-i", "create", "deployments.apps", "--request-timeout=8s", "--context", "ctx", "--namespace", "ns"]);
    }

    [Fact]
    public async Task A_token_that_a_tool_prints_is_not_repeated() =>
        (await Run(ToolProbes.GcloudAuth(new Said(new(0, "eyJtoken", ""))))).ShouldBe(new ToolOutcome.Ok("accepted"));

    [Fact]
    public async Task A_probe_that_does_not_end_is_given_up_after_ten_seconds()
    {
        var time = new ManualTime();
        var running = ToolProbes.RunAsync(new("slow", "", async cancellationToken =>
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
            throw new InvalidOperationException("It ended.");
        }), time, TestContext.Current.CancellationToken);
        time.FireAfter(TimeSpan.FromSeconds(9.9)).ShouldBeFalse();
        time.FireAfter(TimeSpan.FromSeconds(10)).ShouldBeTrue();
        (await running).ShouldBeOfType<ToolOutcome.ProbeError>().Detail.ShouldContain("10 s");
    }

    [Fact]
    public async Task A_real_program_is_run_and_one_that_is_not_there_is_none()
    {
        var runner = new ProcessToolRunner();
        (await runner.RunAsync("sh", ["-c", "echo out; echo err >&2; exit 3"], TestContext.Current.CancellationToken)).ShouldBe(new ToolRun(3, "out\n", "err\n"));
        (await runner.RunAsync("gtc-no-such-tool", [], TestContext.Current.CancellationToken)).ShouldBeNull();
        var loud = await runner.RunAsync("sh", ["-c", "head -c 1000000 /dev/zero"], TestContext.Current.CancellationToken);
        loud!.Output.Length.ShouldBe(ProcessToolRunner.MaxOutput);
    }

    private static Task<ToolOutcome> Run(ToolCheck check) => ToolProbes.RunAsync(check, TimeProvider.System, TestContext.Current.CancellationToken);

    private static string Word(ToolOutcome outcome) => outcome switch
    {
        ToolOutcome.Ok => "ok",
        ToolOutcome.VersionMismatch => "version_mismatch",
        ToolOutcome.ProbeError => "probe_error",
        _ => outcome.ToString(),
    };

    private sealed class Said(ToolRun? run) : IToolRunner
    {
        public IReadOnlyList<string> Arguments { get; private set; } = [];

        public Task<ToolRun?> RunAsync(string program, IReadOnlyList<string> arguments, CancellationToken cancellationToken)
        {
            Arguments = arguments;
            return Task.FromResult(run);
        }
    }

    /// <summary>A clock with one timer, which fires when it is told that enough time went by.</summary>
    private sealed class ManualTime : TimeProvider
    {
        private Action? _fire;
        private TimeSpan _due;

        public bool FireAfter(TimeSpan elapsed)
        {
            if (elapsed < _due || _fire is null)
            {
                return false;
            }

            _fire();
            return true;
        }

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            _fire = () => callback(state);
            _due = dueTime;
            return new NoTimer();
        }

        private sealed class NoTimer : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period) => true;

            public void Dispose()
            {
            }

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }
    }
}
