using System.Text.Json;

namespace Gtc.Cli.Tests.Doctor;

public sealed class A_machine_is_checked : IDisposable
{
    private readonly TestCli _cli = new();

    public void Dispose() => _cli.Dispose();

    [Fact]
    public async Task A_sound_machine_has_no_findings_and_nothing_stays_behind()
    {
        var run = await _cli.RunAsync($"doctor --format json --fail-on-findings --store-root {_cli.StoreRoot}");

        run.Exit.ShouldBe(0, run.Stdout);
        run.Result.GetProperty("findings").GetInt32().ShouldBe(0, run.Stdout);
        Names(run).ShouldBe(["store-root", "file-locks", "flush", "libcrypto", "libzstd", "liblzma", "clock", "open-files", "kubectl", "podman"]);
        Directory.GetFileSystemEntries(_cli.Folder).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("", 0)]
    [InlineData("--fail-on-findings", 1)]
    [InlineData("--exit-code detailed", 3)]
    [InlineData("--exit-code detailed --fail-on-findings", 3)]
    [InlineData("--exit-code plain", 0)]
    public async Task A_store_root_that_cannot_be_written_is_a_finding_and_the_report_is_printed_all_the_same(string flags, int exit)
    {
        var file = _cli.Write("a-file", "");
        var run = await _cli.RunAsync($"doctor --format json --store-root {file}/environments {flags}");

        run.Exit.ShouldBe(exit);
        run.Stderr.ShouldBeEmpty();
        var check = Check(run, "store-root");
        check.GetProperty("status").GetString().ShouldBe("finding");
        check.GetProperty("found").GetString()!.ShouldContain("cannot be written");
        check.GetProperty("next").GetString().ShouldNotBeNullOrEmpty();
        run.Result.GetProperty("findings").GetInt32().ShouldBe(1);
    }

    [Fact]
    public async Task A_program_that_is_missing_is_a_hint_with_the_package_that_has_it()
    {
        _cli.SetVariable("PATH", _cli.Folder);
        var hint = Check(await _cli.RunAsync("doctor --format json --exit-code detailed"), "kubectl");
        hint.GetProperty("status").GetString().ShouldBe("hint");
        hint.GetProperty("next").GetString().ShouldBe("apt-get install kubernetes-client");

        _cli.Write("kubectl", "");
        Check(await _cli.RunAsync("doctor --format json"), "kubectl").GetProperty("status").GetString().ShouldBe("ok");
    }

    [Fact]
    public async Task A_clock_that_went_back_is_a_finding()
    {
        await _cli.OpAsync("env create local");
        Directory.SetLastWriteTimeUtc(Path.Combine(_cli.StoreRoot, "local"), _cli.Time.GetUtcNow().UtcDateTime.AddHours(1));

        var run = await _cli.RunAsync($"doctor --format json --exit-code detailed --store-root {_cli.StoreRoot}");

        run.Exit.ShouldBe(3);
        Check(run, "clock").GetProperty("found").GetString()!.ShouldContain("went back");
    }

    [Fact]
    public async Task A_memory_disk_is_a_finding()
    {
        Assert.SkipUnless(Directory.Exists("/dev/shm") && new DriveInfo("/dev/shm").DriveFormat == "tmpfs", "there is no memory disk");
        var root = Directory.CreateTempSubdirectory("gtc-").FullName;
        var shared = Path.Combine("/dev/shm", Path.GetFileName(root));
        Directory.CreateDirectory(shared);
        try
        {
            Check(await _cli.RunAsync($"doctor --format json --store-root {shared}"), "flush").GetProperty("status").GetString().ShouldBe("finding");
        }
        finally
        {
            Directory.Delete(shared);
            Directory.Delete(root);
        }
    }

    [Fact]
    public async Task People_get_a_table_and_what_to_do()
    {
        _cli.SetVariable("PATH", _cli.Folder);
        using var terminal = new TestCli { IsTerminal = true };
        terminal.SetVariable("PATH", terminal.Folder);
        terminal.SetVariable("NO_COLOR", "1");
        var run = await terminal.RunAsync("doctor");
        run.Stdout.ShouldContain("CHECK");
        run.Stdout.ShouldContain("  kubectl  apt-get install kubernetes-client\n  podman   apt-get install podman\n");
        run.Stdout.ShouldEndWith("Nothing needs mending.\n");
    }

    private static string[] Names(TestRun run) => [.. run.Result.GetProperty("checks").EnumerateArray().Select(check => check.GetProperty("check").GetString()!)];

    private static JsonElement Check(TestRun run, string name) => run.Result.GetProperty("checks").EnumerateArray().Single(check => check.GetProperty("check").GetString() == name);
}
