using System.Diagnostics;

namespace Gtc.EndToEnd.Tests;

/// <summary>The walk-through on files, and how a worker starts and ends.</summary>
public sealed class The_seeds_walk_through_works_as_typed : SeedsWalkThrough
{
    [Fact]
    public async Task Without_routed_revisions_only_probes_are_served()
    {
        await using var worker = await Home.Gtc.StartWorkerAsync("--env", "local");
        worker.Banner.ShouldContain("no bundles attached to env `local` — serving probes only on http://");
        (await worker.GetAsync("/healthz")).ShouldBe("ok");
    }

    [Fact]
    public async Task A_flipped_byte_stops_a_cold_boot_with_both_digests()
    {
        var gtc = Home.Gtc;
        await gtc.RunAsync("bundle", "build", Path.Combine(Repository.Root, "samples", "hello-worker"), "--output", "hello.gtbundle");
        await AuthorAsync("hello.gtbundle", $"file://{Home.PathTo("hello.gtbundle")}");
        Strip();
        var bytes = await File.ReadAllBytesAsync(Home.PathTo("hello.gtbundle"), Token);
        bytes[2000] ^= 1;
        await File.WriteAllBytesAsync(Home.PathTo("hello.gtbundle"), bytes, Token);
        var boot = await gtc.RunAsync("start", "--env", "local");
        boot.ExitCode.ShouldBe(1);
        boot.Errors.ShouldContain("refusing to serve unpinned bytes");
        boot.Errors.ShouldContain("expected: sha256:");
        boot.Errors.ShouldContain("found: sha256:");
        File.Exists(Path.Combine(gtc.Local, "runtime-config.json")).ShouldBeFalse();
        Directory.GetDirectories(Path.Combine(gtc.Local, "revisions")).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("TERM")]
    [InlineData("INT")]
    public async Task A_signal_ends_a_worker_with_success(string signal)
    {
        await using var worker = await Home.Gtc.StartWorkerAsync("--env", "local");
        using var kill = Process.Start("kill", ["-s", signal, worker.ProcessId.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync(Token);
        (await worker.WaitForExitAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task Gtc_stop_ends_a_worker_with_success()
    {
        await using var worker = await Home.Gtc.StartWorkerAsync("--env", "local");
        (await Home.Gtc.RunAsync("stop", "--env", "local")).ExitCode.ShouldBe(0);
        (await worker.WaitForExitAsync()).ShouldBe(0);
    }
}
