using System.Buffers;
using Gtc.Model;

namespace Gtc.Store.Tests;

public sealed class A_damaged_journal_is_found : IDisposable
{
    private static readonly EnvId Prod = Workbench.Env("prod");

    private readonly Workbench _bench = new();
    private readonly List<string> _warnings = [];

    private string Segment => Directory.GetFiles(_bench.Path("prod", "journal"), "*.log").Max(StringComparer.Ordinal)!;

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task A_torn_line_is_cut_with_a_warning()
    {
        await MakeAsync(3);
        var whole = Lines();
        File.WriteAllBytes(Segment, [.. whole, .. "000000ff 12345678 {\"seq\":4,"u8, .. new byte[1000]]);
        (await Open().CatchUpAsync(Prod, Workbench.Cancellation)).Value.ShouldBe(3ul);
        File.ReadAllBytes(Segment).ShouldBe(whole);
        _warnings.Single().ShouldContain("never acknowledged");
    }

    [Fact]
    public async Task A_line_that_was_acknowledged_is_not_cut()
    {
        await MakeAsync(3);
        var whole = Lines();
        File.WriteAllBytes(Segment, whole[..^1]);
        var refusal = (await RenameAsync(Open(), "4")).Refusal.ShouldBeOfType<Refusal.StoreFailed>();
        refusal.Message.ShouldContain("generation 3");
        File.ReadAllBytes(Segment).ShouldBe(whole[..^1]);
        (await Open().LoadAsync(Prod, Workbench.Cancellation)).Value.Name.ShouldBe("3");
    }

    [Fact]
    public async Task Damage_in_the_middle_is_refused_with_its_place_and_repaired_without_losing_the_document()
    {
        await MakeAsync(3);
        var bytes = File.ReadAllBytes(Segment);
        var second = bytes.AsSpan().IndexOf((byte)'\n') + 1;
        bytes[second + 40] ^= 1;
        File.WriteAllBytes(Segment, bytes);

        var refusal = (await RenameAsync(Open(), "4")).Refusal.ShouldBeOfType<Refusal.StoreFailed>();
        refusal.Details.ShouldContain(new RefusalDetail("file", Segment));
        refusal.Details.ShouldContain(new RefusalDetail("offset", $"{second}"));
        refusal.Next.ShouldBe("gtc op env repair prod --apply");
        (await Open().LoadAsync(Prod, Workbench.Cancellation)).Value.Name.ShouldBe("3", "a worker goes on with the view");
        Workbench.Lines(_bench.Layout.AuditLog).Length.ShouldBe(1, "the attempt is recorded where it can be");

        var findings = (await Open().RepairJournalAsync(Prod, apply: false, Workbench.Cancellation)).Value;
        (findings.IsRepaired, findings.Findings.Length).ShouldBe((false, 1));
        File.ReadAllBytes(Segment).ShouldBe(bytes);
        (await Open().RepairJournalAsync(Prod, apply: true, Workbench.Cancellation)).Value.Generation.ShouldBe(4ul);

        Directory.GetFiles(_bench.Path("prod", "journal"), "*.damaged").Length.ShouldBe(1);
        (await RenameAsync(Open(), "5")).IsOk.ShouldBeTrue();
        (await Open().HistoryAsync(Prod, 9, null, Workbench.Cancellation)).Value.Select(entry => $"{entry.Generation} {entry.Verb}").ShouldBe(["5 update", "4 repair", "1 update"]);
        (await Open().LoadAtAsync(Prod, 4, Workbench.Cancellation)).Value.Name.ShouldBe("3");
        (await Open().LoadAtAsync(Prod, 2, Workbench.Cancellation)).Refusal.ShouldBeOfType<Refusal.Missing>();
        (await new AuditTrail(_bench.Store).VerifyAsync(Prod, Workbench.Cancellation)).Value.ShouldBe(new AuditVerdict(5, 0, null));
    }

    [Fact]
    public async Task No_single_changed_byte_goes_unnoticed()
    {
        await MakeAsync(4);
        var good = Lines();
        var random = new Random(11);
        for (var round = 0; round < 500; round++)
        {
            var bytes = good.ToArray();
            bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
            JournalSegment.Parse("x", bytes).Payloads.Length.ShouldBeLessThan(4);
        }
    }

    [Fact]
    public async Task A_flush_that_was_torn_in_any_order_of_its_pages_is_no_damage()
    {
        await MakeAsync(2);
        var torn = Line("{\"seq\":3}"u8, sharesFlush: false);
        torn[^3] ^= 1;
        byte[] bytes = [.. Lines(), .. torn, .. Line("{\"seq\":4}"u8, sharesFlush: true)];
        var segment = JournalSegment.Parse("x", bytes);
        (segment.IsTorn, segment.IsDamaged, segment.Payloads.Length).ShouldBe((true, false, 2));
    }

    /// <summary>The segment without the zeros after its lines.</summary>
    private byte[] Lines() => File.ReadAllBytes(Segment).AsSpan().TrimEnd((byte)0).ToArray();

    private static byte[] Line(ReadOnlySpan<byte> payload, bool sharesFlush)
    {
        var line = new ArrayBufferWriter<byte>();
        JournalFrame.Write(line, payload, sharesFlush);
        return line.WrittenSpan.ToArray();
    }

    private FileEnvironmentStore Open() => new(_bench.Layout, _bench.Time, _bench.Count) { Warned = warning => _warnings.Add(warning.Message) };

    private async Task MakeAsync(int generations)
    {
        for (var number = 1; number <= generations; number++)
        {
            (await RenameAsync(_bench.Store, $"{number}")).IsOk.ShouldBeTrue();
        }
    }

    private static Task<Outcome<string>> RenameAsync(FileEnvironmentStore store, string name) => store.MutateAsync<string>(
        Workbench.Intent("prod"),
        context => new Mutation<string>("") { Document = (context.Current ?? Workbench.Fresh("prod")) with { Name = name } },
        Workbench.Cancellation);
}
