using Gtc.Signing;

namespace Gtc.Store.Tests;

public sealed class A_bounded_log_stays_provable : IDisposable
{
    private static readonly Gtc.Model.EnvId Prod = Workbench.Env("prod");

    private readonly Workbench _bench = new();
    private readonly Ed25519PrivateKey _key = Ed25519PrivateKey.FromSeed(Enumerable.Repeat((byte)7, 32).ToArray());

    private string Log => _bench.Layout.Environment(Prod).AuditLog;

    private string Checkpoint => Path.Combine(_bench.Layout.Environment(Prod).Folder, AuditCheckpoint.Name);

    public void Dispose()
    {
        _key.Dispose();
        _bench.Dispose();
    }

    [Fact]
    public async Task What_stays_verifies_with_the_checkpoint_and_the_totals_add_up()
    {
        await MakeAsync(5);
        (await _bench.Store.BoundAuditAsync(Prod, 3, _key, Workbench.Cancellation)).Value.ShouldBe(3);
        (await _bench.Store.BoundAuditAsync(Prod, 3, _key, Workbench.Cancellation)).Value.ShouldBe(3);
        (await VerifyAsync()).ShouldBe(new AuditVerdict(3, 0, null));
        Read().PrunedTotal.ShouldBe(2ul);

        await MakeAsync(2);
        (await _bench.NewStore().BoundAuditAsync(Prod, 1, _key, Workbench.Cancellation)).Value.ShouldBe(1);
        (Read().PrunedTotal, Read().PolicyMaxRows).ShouldBe((6ul, 1ul));
        (await VerifyAsync()).ShouldBe(new AuditVerdict(1, 0, null));
        await MakeAsync(1);
        (await VerifyAsync()).ShouldBe(new AuditVerdict(2, 0, null));
    }

    [Fact]
    public async Task Without_the_key_nobody_prunes()
    {
        await MakeAsync(5);
        (await _bench.Store.BoundAuditAsync(Prod, 3, _key, Workbench.Cancellation)).IsOk.ShouldBeTrue();
        (await new AuditTrail(_bench.Store).VerifyAsync(Prod, Workbench.Cancellation)).Refusal!.Message.ShouldContain("does not verify");

        var checkpoint = File.ReadAllText(Checkpoint);
        File.Delete(Checkpoint);
        (await VerifyAsync()).Broken!.Line.ShouldBe(1);
        using var stranger = Ed25519PrivateKey.FromSeed(new byte[32]);
        File.WriteAllBytes(Checkpoint, (Read(checkpoint) with { PrunedTotal = 3 }).Sign(stranger));
        (await new AuditTrail(_bench.Store) { Trusted = [TrustedKey.Of(_key.PublicKey)] }.VerifyAsync(Prod, Workbench.Cancellation)).IsOk.ShouldBeFalse();

        // One line more is taken than the checkpoint says.
        File.WriteAllText(Checkpoint, checkpoint);
        File.WriteAllLines(Log, File.ReadAllLines(Log)[1..]);
        (await VerifyAsync()).Broken!.ShouldSatisfyAllConditions(broken => broken.Line.ShouldBe(1), broken => broken.Reason.ShouldContain("lines before it are missing"));
    }

    [Fact]
    public async Task A_pruning_that_was_cut_off_is_done_again_and_counted_once()
    {
        await MakeAsync(5);
        var whole = File.ReadAllBytes(Log);
        await _bench.Store.BoundAuditAsync(Prod, 3, _key, Workbench.Cancellation);
        File.WriteAllBytes(Log, whole);
        (await VerifyAsync()).ShouldBe(new AuditVerdict(5, 0, null));
        (await _bench.Store.BoundAuditAsync(Prod, 3, _key, Workbench.Cancellation)).Value.ShouldBe(3);
        Read().PrunedTotal.ShouldBe(2ul);
    }

    [Fact]
    public async Task What_is_known_of_the_ends_finds_what_is_missing_there()
    {
        await MakeAsync(4);
        var exported = new AuditTrail(_bench.Store).Export(Prod).Value;
        var hashes = exported.Lines.Select(line => AuditCheck.Hash(AuditChain.Parse(line))!).ToList();
        exported.Head.ShouldBe(hashes[^1]);
        var file = Path.Combine(_bench.Layout.Root, "copy.jsonl");
        File.WriteAllLines(file, File.ReadAllLines(Log)[..3]);
        (await FileAsync(file, AuditEnds.Unknown)).Broken.ShouldBeNull();
        (await FileAsync(file, new AuditEnds { Head = hashes[3] })).Broken!.ShouldSatisfyAllConditions(broken => broken.Line.ShouldBe(4), broken => broken.Reason.ShouldContain("missing at the end"));
        (await FileAsync(file, new AuditEnds { Head = hashes[2] })).Broken.ShouldBeNull();

        File.WriteAllLines(file, File.ReadAllLines(Log)[2..]);
        (await FileAsync(file, new AuditEnds { Head = hashes[3], Before = hashes[1] })).Broken.ShouldBeNull();
        (await FileAsync(file, new AuditEnds { Head = hashes[3], Before = hashes[0] })).Broken!.Line.ShouldBe(1);
        File.WriteAllText(file, "");
        (await FileAsync(file, new AuditEnds { Head = hashes[3] })).Broken!.Line.ShouldBe(1);
    }

    private async Task MakeAsync(int lines)
    {
        for (var line = 0; line < lines; line++)
        {
            await _bench.SaveAsync(Workbench.Fresh("prod"));
        }
    }

    private static async Task<AuditVerdict> FileAsync(string file, AuditEnds ends) => (await AuditFile.CheckAsync([file], ends, Workbench.Cancellation)).Value.Verdict;

    private AuditCheckpoint Read(string? text = null) =>
        AuditCheckpoint.Verify(text is null ? File.ReadAllBytes(Checkpoint) : System.Text.Encoding.UTF8.GetBytes(text), Prod, [TrustedKey.Of(_key.PublicKey)]).Value;

    private async Task<AuditVerdict> VerifyAsync() =>
        (await new AuditTrail(_bench.Store) { Trusted = [TrustedKey.Of(_key.PublicKey)] }.VerifyAsync(Prod, Workbench.Cancellation)).Value;
}
