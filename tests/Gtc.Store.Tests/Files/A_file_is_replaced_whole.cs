using System.Text;
using Gtc.Model;

namespace Gtc.Store.Tests;

public sealed class A_file_is_replaced_whole : IDisposable
{
    private const string Old = "old content";

    private const string New = "new content, which is longer";

    private readonly TempFolder _folder = new();
    private readonly Workbench _bench = new();

    public static TheoryData<int> Errors => [Errno.InputOutput, Errno.NoSpace, Errno.ReadOnlyFileSystem];

    private string Target => _folder["sub/target.json"];

    public void Dispose()
    {
        _folder.Dispose();
        _bench.Dispose();
    }

    [Fact]
    public void The_content_is_synced_before_the_name_and_the_name_before_success()
    {
        var calls = new FaultyCalls();
        Write(calls, Old).ShouldBeNull();
        calls.Made.ShouldBe(["mkdir", "syncfolder", "open", "write", "fsync", "rename", "syncfolder"]);
        File.ReadAllText(Target).ShouldBe(Old);
    }

    [Fact]
    public void Only_the_owner_may_read_the_file_and_enter_the_folder()
    {
        Write(new FaultyCalls(), Old);
        File.GetUnixFileMode(Target).ShouldBe(AtomicFile.Private);
        File.GetUnixFileMode(Path.GetDirectoryName(Target)!).ShouldBe(AtomicFile.Private | UnixFileMode.UserExecute);
    }

    [Fact]
    public void Power_lost_at_any_step_leaves_the_old_content_or_the_new()
    {
        var steps = Steps();
        var seen = new List<string>();
        for (var step = 1; step <= steps; step++)
        {
            Write(new FaultyCalls(), Old).ShouldBeNull();
            Should.Throw<PowerLossException>(() => Write(new FaultyCalls { Step = step }, New));

            seen.Add(File.ReadAllText(Target));
            foreach (var leftover in Directory.GetFiles(_folder["sub"]).Where(file => file != Target))
            {
                leftover.ShouldEndWith(AtomicFile.TemporarySuffix);
                File.Delete(leftover);
            }
        }

        seen.ShouldBe([Old, Old, Old, Old, New]);
    }

    [Theory]
    [MemberData(nameof(Errors))]
    public void An_error_at_any_step_is_a_refusal_and_leaves_no_temporary_file(int errno)
    {
        var steps = Steps();
        for (var step = 1; step <= steps; step++)
        {
            Write(new FaultyCalls(), Old).ShouldBeNull();

            var refusal = Write(new FaultyCalls { Step = step, Errno = errno }, New).ShouldBeOfType<Refusal.StoreFailed>();

            refusal.Message.ShouldContain("target.json");
            refusal.Details.ShouldContain(detail => detail.Label == "call" && detail.Value.Contains($"errno {errno}", StringComparison.Ordinal));
            // After the rename the new content is there; without the folder's sync it is not promised, so the write failed.
            File.ReadAllText(Target).ShouldBe(step == steps ? New : Old);
            Directory.GetFiles(_folder["sub"]).ShouldBe([Target]);
        }
    }

    [Fact]
    public void Leftovers_of_a_dead_writer_are_swept_when_they_are_old()
    {
        Write(new FaultyCalls(), Old);
        Should.Throw<PowerLossException>(() => Write(new FaultyCalls { Step = 3 }, New));
        var leftover = Directory.GetFiles(_folder["sub"]).Single(file => file != Target);
        var atomic = new AtomicFile(_bench.Count);
        var written = new DateTimeOffset(File.GetLastWriteTimeUtc(leftover));

        atomic.Sweep(_folder["sub"], written + TimeSpan.FromMinutes(1));
        File.Exists(leftover).ShouldBeTrue("it may still be in use");

        atomic.Sweep(_folder["sub"], written + TimeSpan.FromHours(2));
        File.Exists(leftover).ShouldBeFalse();
        File.Exists(Target).ShouldBeTrue();
    }

    [Fact]
    public void A_file_where_a_folder_should_be_is_a_refusal()
    {
        File.WriteAllText(_folder["sub"], "in the way");
        Write(new FaultyCalls(), New).ShouldBeOfType<Refusal.StoreFailed>().Message.ShouldContain("Not a directory");
        File.ReadAllText(_folder["sub"]).ShouldBe("in the way");
    }

    [Fact]
    public void A_full_disk_is_a_refusal_that_says_how_to_look_at_it()
    {
        using var disk = SmallDisk.Mount(_folder["disk"]);
        var atomic = new AtomicFile(_bench.Count);
        var target = _folder["disk/target.json"];
        atomic.Write(target, Encoding.UTF8.GetBytes(Old), AtomicFile.Private).ShouldBeNull();

        var refusal = atomic.Write(target, new byte[1 << 20], AtomicFile.Private).ShouldBeOfType<Refusal.StoreFailed>();

        refusal.Message.ShouldContain("No space left on device");
        refusal.Next.ShouldBe($"df -h {_folder["disk"]}");
        File.ReadAllText(target).ShouldBe(Old);
        Directory.GetFiles(_folder["disk"]).ShouldBe([target], "what was written of the temporary file is removed");
    }

    [Fact]
    public void A_disk_that_cannot_be_written_is_a_refusal_that_says_how_to_look_at_it()
    {
        using var disk = SmallDisk.Mount(_folder["disk"]);
        disk.MakeReadOnly();

        var refusal = new AtomicFile(_bench.Count).Write(_folder["disk/target.json"], [1], AtomicFile.Private).ShouldBeOfType<Refusal.StoreFailed>();

        refusal.Message.ShouldContain("Read-only file system");
        refusal.Next.ShouldBe($"findmnt -T {_folder["disk"]}");
    }

    private int Steps()
    {
        Write(new FaultyCalls(), Old);
        var calls = new FaultyCalls();
        Write(calls, Old);
        return calls.Made.Count;
    }

    private Refusal? Write(FaultyCalls calls, string content) =>
        new AtomicFile(calls, _bench.Count).Write(Target, Encoding.UTF8.GetBytes(content), AtomicFile.Private);
}
