using System.Text.Json;
using Gtc.Conformance;
using Gtc.Model;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gtc.Deployers.LocalProcess.Tests;

public sealed class Workers_that_end_are_started_again : IAsyncDisposable
{
    private static readonly RevisionId A1 = ConformanceFixture.RevisionA1;

    private readonly Lab _lab = new();
    private readonly Clock _clock = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task At_once()
    {
        await _lab.WarmAsync(A1);
        var supervisor = Supervisor(Lab.Supervise);
        await LookAsync(supervisor);
        _lab.Machine.Launches.Count.ShouldBe(1);

        _lab.Machine.Crash(_lab.Recorded(A1)!);
        await LookAsync(supervisor);

        _lab.Machine.Launches.Count.ShouldBe(2);
        _lab.Recorded(A1).ShouldBe(_lab.Machine.Running.Single().Process);
    }

    [Fact]
    public async Task Ever_less_often_while_they_keep_ending()
    {
        await _lab.WarmAsync(A1);
        var supervisor = Supervisor(Lab.Supervise);
        var seconds = new List<int>();
        for (var second = 0; second < 20; second++)
        {
            var before = _lab.Machine.Launches.Count;
            _lab.Machine.Running.ForEach(worker => _lab.Machine.Crash(worker.Process));
            await LookAsync(supervisor);
            if (_lab.Machine.Launches.Count > before)
            {
                seconds.Add(second);
            }

            _clock.Advance(TimeSpan.FromSeconds(1));
        }

        seconds.ShouldBe([0, 1, 3, 7, 15]);
    }

    [Fact]
    public async Task Also_after_a_start_that_failed()
    {
        await _lab.WarmAsync(A1);
        var supervisor = Supervisor(Lab.Supervise);
        _lab.Machine.Crash(_lab.Recorded(A1)!);
        _lab.Machine.FailCall(2);
        await LookAsync(supervisor);
        _lab.Machine.Running.ShouldBeEmpty();

        _clock.Advance(TimeSpan.FromSeconds(1));
        await LookAsync(supervisor);

        _lab.Machine.Running.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Not_when_the_revision_is_archived()
    {
        await _lab.WarmAsync(A1);
        _lab.Place(_lab.Environment with { Revisions = [.. _lab.Environment.Revisions.Select(revision => revision with { Lifecycle = RevisionLifecycle.Archived })] });
        _lab.Machine.Crash(_lab.Recorded(A1)!);

        await LookAsync(Supervisor(Lab.Supervise));

        _lab.Machine.Running.ShouldBeEmpty();
    }

    [Fact]
    public async Task Not_when_the_deployer_supervises_no_more()
    {
        await _lab.WarmAsync(A1);
        _lab.Machine.Crash(_lab.Recorded(A1)!);

        await LookAsync(Supervisor(null));

        _lab.Machine.Running.ShouldBeEmpty();
    }

    public ValueTask DisposeAsync() => _lab.DisposeAsync();

    private static async Task LookAsync(WorkerSupervisor supervisor)
    {
        await supervisor.LookAsync(Token);
        await supervisor.SettledAsync();
    }

    private WorkerSupervisor Supervisor(JsonElement? answers) => new(
        _lab.Store, _lab.Environment.EnvironmentId, _lab.Deployer, _lab.Machine, _ => answers, _clock, NullLogger.Instance);

    private sealed class Clock : TimeProvider
    {
        private DateTimeOffset _now = new(2026, 11, 20, 14, 2, 3, TimeSpan.Zero);

        public void Advance(TimeSpan by) => _now += by;

        public override DateTimeOffset GetUtcNow() => _now;
    }
}
