using System.Text.Json;
using Gtc.Conformance;
using Gtc.Model;

namespace Gtc.Deployers.LocalProcess.Tests;

public sealed class Workers_are_started_and_ended : IAsyncDisposable
{
    private static readonly RevisionId A1 = ConformanceFixture.RevisionA1;
    private static readonly RevisionId A2 = ConformanceFixture.RevisionA2;

    private readonly Lab _lab = new();

    [Fact]
    public async Task Warm_starts_a_worker_on_a_free_port_and_records_it()
    {
        _lab.Machine.Foreign.Add(9001);

        (await _lab.WarmAsync(A1)).ShouldBeNull();

        var worker = _lab.Machine.Running.ShouldHaveSingleItem();
        (worker.Revision, worker.Process.Port).ShouldBe((A1, (ushort)9002));
        _lab.Recorded(A1).ShouldBe(worker.Process);
        var launch = _lab.Machine.Launches.ShouldHaveSingleItem();
        (launch.Environment, launch.Folder, launch.DrainSeconds).ShouldBe((_lab.Environment.EnvironmentId, _lab.EnvironmentFolder, 30u));
        var workers = JsonElement.Parse(File.ReadAllBytes(Path.Combine(_lab.EnvironmentFolder, "runtime.json"))).GetProperty("discovered").GetProperty("workers");
        workers.GetProperty(A1.ToString()).GetProperty("port").GetInt32().ShouldBe(9002);
    }

    [Fact]
    public async Task The_routers_own_port_is_never_a_workers()
    {
        _lab.Place(_lab.Environment with { HostConfig = _lab.Environment.HostConfig with { ListenAddr = "127.0.0.1:9001" } });

        (await _lab.WarmAsync(A1)).ShouldBeNull();

        _lab.Recorded(A1)!.Port.ShouldBe((ushort)9002);
    }

    [Fact]
    public async Task A_second_warm_writes_nothing_and_starts_nothing()
    {
        await _lab.WarmAsync(A1);
        var written = File.GetLastWriteTimeUtc(Path.Combine(_lab.EnvironmentFolder, "runtime.json"));

        (await _lab.WarmAsync(A1)).ShouldBeNull();

        _lab.Machine.Launches.Count.ShouldBe(1);
        File.GetLastWriteTimeUtc(Path.Combine(_lab.EnvironmentFolder, "runtime.json")).ShouldBe(written);
    }

    [Fact]
    public async Task A_worker_that_ended_is_started_again_on_its_port()
    {
        await _lab.WarmAsync(A1);
        await _lab.WarmAsync(A2);
        _lab.Machine.Crash(_lab.Recorded(A1)!);

        (await _lab.WarmAsync(A1)).ShouldBeNull();

        _lab.Machine.Running.Count.ShouldBe(2);
        _lab.Recorded(A1)!.Port.ShouldBe((ushort)9001);
    }

    [Fact]
    public async Task A_worker_whose_starter_was_killed_before_it_could_record_it_is_adopted()
    {
        var orphan = _lab.Machine.Orphan(_lab.EnvironmentFolder, A1, 9003);

        (await _lab.WarmAsync(A1)).ShouldBeNull();

        _lab.Machine.Launches.ShouldBeEmpty();
        _lab.Recorded(A1).ShouldBe(orphan);
    }

    [Fact]
    public async Task Of_two_workers_of_a_revision_the_recorded_one_stays()
    {
        await _lab.WarmAsync(A1);
        var recorded = _lab.Recorded(A1)!;
        var twin = _lab.Machine.Orphan(_lab.EnvironmentFolder, A1, 9004);

        (await _lab.WarmAsync(A1)).ShouldBeNull();

        _lab.Machine.Running.Select(worker => worker.Process).ShouldBe([recorded]);
        _lab.Machine.Signals.ShouldAllBe(signal => signal.Pid == twin.Pid);
    }

    [Fact]
    public async Task A_recorded_process_that_is_another_by_now_is_neither_signalled_nor_kept()
    {
        await _lab.WarmAsync(A1);
        _lab.Machine.Crash(_lab.Recorded(A1)!);
        _lab.Machine.Signals.Clear();

        (await _lab.ArchiveAsync(A1)).ShouldBeNull();

        _lab.Machine.Signals.ShouldBeEmpty();
        _lab.Recorded(A1).ShouldBeNull();
    }

    [Fact]
    public async Task A_port_that_is_snatched_is_left_for_the_next_one()
    {
        _lab.Machine.Snatched.UnionWith([9001, 9002]);

        (await _lab.WarmAsync(A1)).ShouldBeNull();

        _lab.Recorded(A1)!.Port.ShouldBe((ushort)9003);
    }

    [Fact]
    public async Task Without_a_free_port_the_refusal_says_which_were_tried()
    {
        _lab.Machine.Foreign.UnionWith([9001, 9002, 9003, 9004]);

        var refusal = await _lab.WarmAsync(A1);

        refusal.ShouldBeOfType<DeployerRefusal.Provider>().Message.ShouldBe("no port of 9001..=9004 on 127.0.0.1 is free for a worker");
    }

    [Fact]
    public async Task A_worker_that_never_becomes_healthy_is_told_with_what_was_seen_and_ended()
    {
        _lab.Machine.IsReady = false;
        var logs = Directory.CreateDirectory(Path.Combine(_lab.EnvironmentFolder, "logs", A1.ToString()));
        File.WriteAllText(Path.Combine(logs.FullName, "worker.log"), "{\"level\":\"error\",\"message\":\"pulled bundle digest does not match\"}\n");

        var refusal = (await _lab.WarmAsync(A1)).ShouldBeOfType<DeployerRefusal.Provider>();

        refusal.Message.ShouldMatch($"^the worker of revision `{A1}` \\(process [0-9]+\\) was not healthy within 1 s: [0-9]+ question\\(s\\) to http://127.0.0.1:9001/healthz/{A1}, the last one got: status 503$");
        refusal.Details.ShouldContain(detail => detail.Label == "log" && detail.Value == "pulled bundle digest does not match");
        _lab.Machine.Running.ShouldBeEmpty();
        _lab.Recorded(A1).ShouldBeNull();
    }

    [Fact]
    public async Task Archive_asks_first_and_kills_what_does_not_heed()
    {
        _lab.Place(_lab.Environment with { Revisions = [.. _lab.Environment.Revisions.Select(revision => revision with { DrainSeconds = 0 })] });
        await _lab.WarmAsync(A1);
        _lab.Machine.IsDeaf = true;

        (await _lab.ArchiveAsync(A1)).ShouldBeNull();

        _lab.Machine.Signals.Select(signal => signal.IsFinal).ShouldBe([false, true]);
        _lab.Machine.Running.ShouldBeEmpty();
    }

    [Fact]
    public async Task Without_the_answer_nothing_is_started()
    {
        (await _lab.Deployer.WarmRevisionAsync(_lab.Environment, A1, null, Lab.Token)).ShouldBeNull();
        (await _lab.Deployer.ArchiveRevisionAsync(_lab.Environment, A1, JsonElement.Parse("""{"port_range":"9001-9004"}"""), Lab.Token)).ShouldBeNull();

        _lab.Machine.Calls.ShouldBeEmpty();
    }

    [Fact]
    public async Task Reconcile_starts_what_is_missing_ends_what_is_strange_and_then_does_nothing()
    {
        _lab.Machine.Orphan(_lab.EnvironmentFolder, ConformanceFixture.RevisionB, 9004);

        var first = (await _lab.Deployer.ReconcileAsync(_lab.Environment, Lab.Supervise, Lab.Token)).Value;
        var second = (await _lab.Deployer.ReconcileAsync(_lab.Environment, Lab.Supervise, Lab.Token)).Value;

        first.Started.ShouldBe([A1, A2]);
        first.Ended.ShouldBe([ConformanceFixture.RevisionB]);
        first.Failed.ShouldBeEmpty();
        second.Kept.ShouldBe([A1, A2]);
        (second.Started.Length + second.Ended.Length).ShouldBe(0);
        _lab.Machine.Launches.Count.ShouldBe(2);
    }

    public ValueTask DisposeAsync() => _lab.DisposeAsync();
}
