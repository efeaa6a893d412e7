using System.Text.Json;
using Gtc.Conformance;
using Gtc.Model;

namespace Gtc.Deployers.LocalProcess.Tests;

/// <summary>Real processes: a shell that sleeps stands for the worker.</summary>
public sealed class Processes_of_this_machine : IAsyncDisposable
{
    private readonly Lab _lab = new();
    private readonly LinuxWorkerProcesses _machine = new();

    [Fact]
    public void A_worker_is_found_by_its_mark_with_what_was_recorded()
    {
        var worker = Start("exec sleep 1000");

        var found = _machine.Find(_lab.EnvironmentFolder).Value.ShouldHaveSingleItem();
        found.ShouldBe(new FoundWorker(ConformanceFixture.RevisionA1, worker));
        _machine.Find($"{_lab.EnvironmentFolder}-2").Value.ShouldBeEmpty();
    }

    [Fact]
    public void A_child_of_a_worker_is_no_worker()
    {
        Start("sleep 1000 & wait");

        _machine.Find(_lab.EnvironmentFolder).Value.Length.ShouldBe(1);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_signal_ends_it(bool isFinal)
    {
        var worker = Start("exec sleep 1000");

        _machine.Signal(worker, isFinal);

        await GoneAsync(worker);
        _machine.Find(_lab.EnvironmentFolder).Value.ShouldBeEmpty();
    }

    [Fact]
    public void A_process_with_the_same_id_and_another_start_is_not_signalled()
    {
        var worker = Start("exec sleep 1000");

        _machine.Signal(worker with { StartedTicks = worker.StartedTicks + 1 }, isFinal: true);
        _machine.Signal(worker with { BootId = "another" }, isFinal: true);

        _machine.IsRunning(worker with { StartedTicks = worker.StartedTicks + 1 }).ShouldBeFalse();
        _machine.IsRunning(worker).ShouldBeTrue();
    }

    [Fact]
    public async Task Warm_of_a_program_that_ends_says_so_with_what_it_wrote()
    {
        var deployer = _lab.Of(_machine, "/bin/sh", "-c", "echo no such environment >&2; exit 3");

        var refusal = (await deployer.WarmRevisionAsync(_lab.Environment, ConformanceFixture.RevisionA1, Lab.Supervise, Lab.Token)).ShouldBeOfType<DeployerRefusal.Provider>();

        refusal.Message.ShouldContain("ended before it was healthy");
        refusal.Details.ShouldContain(detail => detail.Value == "no such environment");
        _lab.Recorded(ConformanceFixture.RevisionA1).ShouldBeNull();
    }

    [Fact]
    public async Task Its_components_reach_what_the_answers_say()
    {
        var deployer = _lab.Of(_machine, "/bin/sh", "-c", "echo reaches $GREENTIC_EGRESS >&2; exit 3");
        var answers = JsonElement.Parse("""{"supervise":true,"port_range":"9001-9004","warm_timeout_seconds":60,"component_egress":"10.0.0.0/8:9000"}""");

        var refusal = (await deployer.WarmRevisionAsync(_lab.Environment, ConformanceFixture.RevisionA1, answers, Lab.Token)).ShouldBeOfType<DeployerRefusal.Provider>();

        refusal.Details.ShouldContain(detail => detail.Value == "reaches 10.0.0.0/8:9000");
    }

    [Fact]
    public async Task A_program_that_is_not_there_is_told()
    {
        var deployer = _lab.Of(_machine, "/absent/gtc");

        var refusal = await deployer.WarmRevisionAsync(_lab.Environment, ConformanceFixture.RevisionA1, Lab.Supervise, Lab.Token);

        refusal.ShouldBeOfType<DeployerRefusal.Provider>().Details.ShouldContain(detail => detail.Value.Contains("/absent/gtc", StringComparison.Ordinal));
    }

    public async ValueTask DisposeAsync()
    {
        // The child of a worker that is gone looks like a worker itself.
        while (_machine.Find(_lab.EnvironmentFolder).Value is [var worker, ..])
        {
            _machine.Signal(worker.Process, isFinal: true);
            await GoneAsync(worker.Process);
        }

        _machine.Dispose();
        await _lab.DisposeAsync();
    }

    private WorkerProcess Start(string script) => _machine.Start(new WorkerLaunch
    {
        Program = ["/bin/sh", "-c", script],
        Environment = _lab.Environment.EnvironmentId,
        Folder = _lab.EnvironmentFolder,
        StoreRoot = _lab.Folder,
        Revision = ConformanceFixture.RevisionA1,
        Port = 9001,
        DrainSeconds = 1,
        LogFolder = Path.Combine(_lab.EnvironmentFolder, "logs"),
    }).Value;

    private async Task GoneAsync(WorkerProcess worker)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (_machine.IsRunning(worker))
        {
            await timer.WaitForNextTickAsync(CancellationToken.None);
        }
    }
}
