using Gtc.Model;

namespace Gtc.Store.Tests;

public sealed class An_audit_trail_is_verified : IDisposable
{
    private static readonly EnvId Prod = Workbench.Env("prod");

    private readonly Workbench _bench = new();

    private string Log => _bench.Layout.Environment(Prod).AuditLog;

    private AuditTrail Trail => new(_bench.Store);

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task A_log_as_it_was_written_is_sound_with_refused_attempts_in_it()
    {
        await MakeAsync();
        (await VerifyAsync()).ShouldBe(new AuditVerdict(4, 0, null));
        (await AuditFile.VerifyAsync([Log], Workbench.Cancellation)).Value.IsSound.ShouldBeTrue();
        _bench.AuditLines("prod")[2].GetProperty("result").GetProperty("outcome").GetString().ShouldBe("error");
        (await Trail.VerifyAsync(Workbench.Env("nowhere"), Workbench.Cancellation)).Value.ShouldBe(new AuditVerdict(0, 0, null));
    }

    [Fact]
    public async Task A_changed_line_is_named()
    {
        await MakeAsync();
        Change(lines => lines[1] = lines[1].Replace("update", "upgrade", StringComparison.Ordinal));
        var broken = (await VerifyAsync()).Broken!;
        (broken.Line, broken.Reason).ShouldBe((2, "it was changed: its hash is of something else"));
    }

    [Fact]
    public async Task A_removed_a_moved_and_a_foreign_line_are_named()
    {
        await MakeAsync();
        var whole = File.ReadAllLines(Log);
        Change(lines => lines.RemoveAt(1));
        (await VerifyAsync()).Broken!.Line.ShouldBe(2);
        Change(_ => [whole[0], whole[2], whole[1], whole[3]]);
        (await VerifyAsync()).Broken!.Line.ShouldBe(2);
        Change(_ => [.. whole[..2], "{\"verb\":\"foreign\"}", .. whole[2..]]);
        (await VerifyAsync()).Broken!.ShouldBe(new AuditBreak(3, "it has no hash"));
        Change(_ => [.. whole[..2], "no json", .. whole[2..]]);
        (await VerifyAsync()).Broken!.ShouldBe(new AuditBreak(3, "it is not one JSON object"));
    }

    [Fact]
    public async Task A_cut_tail_is_found_by_the_journal_and_brought_back_by_it()
    {
        await MakeAsync();
        var whole = File.ReadAllText(Log);
        Change(lines => lines.RemoveRange(2, 2));
        (await VerifyAsync()).Broken!.Line.ShouldBe(3);
        (await VerifyAsync()).Broken!.Reason.ShouldContain("missing at the end");
        (await _bench.NewStore().CatchUpAsync(Prod, Workbench.Cancellation)).IsOk.ShouldBeTrue();
        File.ReadAllText(Log).ShouldBe(whole);

        File.Delete(Log);
        (await VerifyAsync()).IsSound.ShouldBeFalse();
        await _bench.SaveAsync(Workbench.Fresh("prod"));
        File.ReadAllText(Log).ShouldStartWith(whole);
        (await VerifyAsync()).ShouldBe(new AuditVerdict(5, 0, null));
    }

    [Fact]
    public async Task A_log_of_attempts_on_what_does_not_exist_is_chained_too()
    {
        for (var attempt = 0; attempt < 3; attempt++)
        {
            await _bench.NewStore().MutateAsync<string>(Workbench.Intent("ghost"), _ => new Refusal.Missing("no"), Workbench.Cancellation);
        }

        (await AuditFile.VerifyAsync([_bench.Layout.AuditLog], Workbench.Cancellation)).Value.ShouldBe(new AuditVerdict(3, 0, null));
    }

    [Fact]
    public async Task Lines_are_read_by_what_they_say()
    {
        await MakeAsync();
        (await ReadAsync(new AuditFilter())).Length.ShouldBe(4);
        (await ReadAsync(new AuditFilter { Limit = 1 })).Single().Target.GetRawText().ShouldContain("prod");
        (await ReadAsync(new AuditFilter { Outcome = "error" })).Single().Verb.ShouldBe("create");
        (await ReadAsync(new AuditFilter { Verb = "update" })).Length.ShouldBe(2);
        (await ReadAsync(new AuditFilter { Noun = "traffic" })).ShouldBeEmpty();
        (await ReadAsync(new AuditFilter { Actor = "nobody-of-that-name" })).ShouldBeEmpty();
        (await ReadAsync(new AuditFilter { Since = _bench.Time.Now })).Length.ShouldBe(1);
    }

    [Fact]
    public async Task No_flipped_bit_of_a_line_passes()
    {
        await MakeAsync();
        var bytes = File.ReadAllBytes(Log);

        // The second line: it names one and is named by one. The newlines around it count too.
        var start = bytes.AsSpan().IndexOf((byte)'\n');
        var end = start + 1 + bytes.AsSpan(start + 1).IndexOf((byte)'\n');
        for (var bit = start * 8; bit < (end + 1) * 8; bit++)
        {
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            File.WriteAllBytes(Log, bytes);
            (await VerifyAsync()).IsSound.ShouldBeFalse($"bit {bit % 8} of byte {bit / 8}");
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
        }

        File.WriteAllBytes(Log, bytes);
        (await VerifyAsync()).IsSound.ShouldBeTrue("undamaged again");
    }

    private async Task MakeAsync()
    {
        await _bench.CreateAsync("prod");
        await _bench.SaveAsync(Workbench.Fresh("prod"));
        await _bench.CreateAsync("prod");
        _bench.Time.Now += TimeSpan.FromMinutes(1);
        await _bench.SaveAsync(Workbench.Fresh("prod"));
    }

    private void Change(Action<List<string>> change)
    {
        var lines = File.ReadAllLines(Log).ToList();
        change(lines);
        File.WriteAllLines(Log, lines);
    }

    private void Change(Func<List<string>, string[]> change) => File.WriteAllLines(Log, change([]));

    private async Task<AuditVerdict> VerifyAsync() => (await Trail.VerifyAsync(Prod, Workbench.Cancellation)).Value;

    private async Task<System.Collections.Immutable.ImmutableArray<AuditEvent>> ReadAsync(AuditFilter filter) => (await Trail.ReadAsync(Prod, filter, Workbench.Cancellation)).Value;
}
