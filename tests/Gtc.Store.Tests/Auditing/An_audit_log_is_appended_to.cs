using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Gtc.Model;

namespace Gtc.Store.Tests;

public sealed class An_audit_log_is_appended_to : IDisposable
{
    private readonly Workbench _bench = new();

    private string Log => _bench.Folder["audit/events.jsonl"];

    public void Dispose() => _bench.Dispose();

    [Fact]
    [Trait("fact", "store:9.8")]
    public async Task Writers_at_once_spoil_no_line()
    {
        Directory.CreateDirectory(_bench.Folder["audit"]);
        // Another process with the same protocol, and two handles of this one.
        var script = $"for i in $(seq 100); do flock -x '{Log}' sh -c 'printf \"{{\\\"verb\\\":\\\"shell\\\",\" >> \"{Log}\"; printf \"\\\"n\\\":1}}\\n\" >> \"{Log}\"'; done";
        using var other = Process.Start("sh", ["-c", script]);
        await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Task.Run(
            () =>
            {
                var log = new AuditLog(new AtomicFile(_bench.Count));
                for (var line = 0; line < 100; line++)
                {
                    log.Append(Log, Line("append"));
                }
            },
            Workbench.Cancellation)));
        await other.WaitForExitAsync(Workbench.Cancellation);

        var verbs = Workbench.Lines(Log).Select(line => line.GetProperty("verb").GetString()).ToList();
        verbs.Count(verb => verb == "append").ShouldBe(200);
        verbs.Count(verb => verb == "shell").ShouldBe(100);
    }

    [Fact]
    public void A_line_that_was_torn_off_does_not_spoil_the_next()
    {
        Directory.CreateDirectory(_bench.Folder["audit"]);
        File.WriteAllText(Log, "{\"torn\":");
        new AuditLog(new AtomicFile(_bench.Count)).Append(Log, Line("next"));

        var lines = File.ReadAllLines(Log);
        lines[0].ShouldBe("{\"torn\":");
        JsonDocument.Parse(lines[1]).RootElement.GetProperty("verb").GetString().ShouldBe("next");
        lines.Length.ShouldBe(2);
    }

    [Fact]
    public void A_line_that_could_not_be_written_whole_is_taken_back()
    {
        new AuditLog(new AtomicFile(_bench.Count)).Append(Log, Line("first"));
        var before = File.ReadAllText(Log);
        foreach (var call in new[] { "write", "fdatasync" })
        {
            var broken = new AuditLog(new AtomicFile(new FaultyCalls { Only = call, Errno = Errno.NoSpace }, _bench.Count));
            Should.Throw<FileCallException>(() => broken.Append(Log, Line("second"))).Errno.ShouldBe(Errno.NoSpace);
            File.ReadAllText(Log).ShouldBe(before);
        }
    }

    [Fact]
    public void A_line_is_synced_and_so_is_the_name_of_a_new_log()
    {
        var calls = new FaultyCalls();
        var log = new AuditLog(new AtomicFile(calls, _bench.Count));
        log.Append(Log, Line("first"));
        calls.Made.ShouldBe(["mkdir", "syncfolder", "open", "flock", "write", "fdatasync", "syncfolder"]);
        calls.Made.Clear();
        log.Append(Log, Line("second"));
        calls.Made.ShouldBe(["open", "flock", "write", "fdatasync"]);
    }

    [Fact]
    public async Task An_event_has_the_shape_of_the_specification()
    {
        await _bench.CreateAsync("prod");
        var line = _bench.AuditLines("prod").Single();

        line.EnumerateObject().Select(member => member.Name)
            .ShouldBe(["schema", "event_id", "ts", "actor", "env_id", "noun", "verb", "target", "authorization", "result", "prev", "hash"]);
        line.GetProperty("schema").GetString().ShouldBe("greentic.audit.event.v1");
        Ulid.TryParse(line.GetProperty("event_id").GetString(), out _).ShouldBeTrue();
        line.GetProperty("ts").GetString().ShouldBe("2026-11-20T14:02:03Z");
        line.GetProperty("actor").GetProperty("kind").GetString().ShouldBe("local-user");
        line.GetProperty("actor").GetProperty("uid").GetUInt32().ShouldBe(OwnUserId());
        line.GetProperty("target").GetRawText().ShouldBe("""{"environment_id":"prod"}""");
        line.GetProperty("result").GetRawText().ShouldBe("""{"outcome":"ok"}""");
    }

    private static uint OwnUserId()
    {
        var line = File.ReadLines("/proc/self/status").Single(text => text.StartsWith("Uid:", StringComparison.Ordinal));
        return uint.Parse(line.Split('\t')[1], CultureInfo.InvariantCulture);
    }

    private static AuditEvent Line(string verb) => new()
    {
        Schema = Schemas.AuditEvent,
        EventId = "01J00000000000000000000000",
        Ts = DateTimeOffset.UnixEpoch,
        Actor = new AuditActor("local-user", "someone", 1),
        EnvId = "prod",
        Noun = "test",
        Verb = verb,
        Target = JsonDocument.Parse("""{"text":"some text, so that a line is not tiny"}""").RootElement,
        Authorization = new AuditAuthorization("allow", "local-owner", "test"),
        Result = new AuditResult("ok", null, null),
    };
}
