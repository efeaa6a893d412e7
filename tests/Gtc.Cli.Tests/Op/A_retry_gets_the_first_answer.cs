using Gtc.Cli.Tests.Bundle;

namespace Gtc.Cli.Tests.Op;

public class A_retry_gets_the_first_answer
{
    [Fact]
    public async Task Of_every_verb_byte_for_byte_in_a_new_process_after_everything_changed()
    {
        TestCli.NeedsFiles("it deletes folders of revisions too");
        using var cli = new TestCli();
        cli.SetVariable("GREENTIC_STORE_ROOT", cli.StoreRoot);
        await cli.OpAsync("env init");
        await cli.OpAsync("bundles add bundle_id=other");
        await TestBundles.BuildAsync(cli.Folder, "main");
        var asked = new List<(string Line, string Answer)>();
        async Task<string> Ask(string line)
        {
            cli.Time.Advance(TimeSpan.FromSeconds(1));
            var run = await cli.RunAsync($"op {line} --idempotency-key key-{asked.Count}");
            run.Exit.ShouldBe(0, $"{line}: {run.Stderr}");
            asked.Add((line, run.Stdout));
            return run.Stdout;
        }

        static string Revision(string answer) => answer.Split("\"revision_id\":\"")[1][..26];
        await Ask("bundles add --bundle-id main --host a.test revenue_share=[{\"party_id\":\"x\",\"basis_points\":10000}]");
        var a = Revision(await Ask("revisions stage --deployment main bundle_path=main.gtbundle"));
        await Ask("revisions warm");
        await Ask("traffic set --deployment main");
        var b = Revision(await Ask($"revisions stage --deployment main bundle_source_uri=http://h/b bundle_digest={Staged.Digest}"));
        await Ask($"revisions warm --revision {b}");
        await Ask($"traffic set --deployment main {a}=90% {b}=10%");
        await Ask("traffic rollback --deployment main");
        await Ask("traffic clear --deployment main");
        await Ask("bundles update --deployment main status=paused");
        await Ask($"revisions drain --revision {b}");
        await Ask($"revisions archive --revision {b} --force");
        await Ask($"revisions archive --revision {a}");
        await Ask("revisions gc --keep 0");
        await Ask("bundles remove --deployment main");
        await Ask("messaging endpoint add --provider-type telegram --provider-id one --display-name One");
        var document = (await Staged.DocumentAsync(cli)).GetRawText();

        // Another process: another clock, other randomness, the same files.
        using var second = new TestCli();
        second.Time.Advance(TimeSpan.FromDays(2));
        second.SetVariable("GREENTIC_STORE_ROOT", cli.StoreRoot);
        second.SetVariable("HOME", cli.Folder);
        for (var index = 0; index < asked.Count; index++)
        {
            var again = await second.RunAsync($"op {asked[index].Line} --idempotency-key key-{index}");
            again.Exit.ShouldBe(0, $"{asked[index].Line}: {again.Stderr}");
            again.Stdout.ShouldBe(asked[index].Answer, asked[index].Line);
        }

        (await second.RunAsync("op env show local")).Result.GetProperty("environment").GetRawText().ShouldBe(document, "a retry changes nothing");
        for (var index = 0; index < asked.Count; index++)
        {
            var other = await second.RunAsync($"op {asked[index].Line.Replace("--host a.test", "--host b.test", StringComparison.Ordinal)} --idempotency-key key-{(index + 1) % asked.Count}");
            other.Exit.ShouldBe(1, asked[index].Line);
            other.Kind.ShouldBe("conflict", asked[index].Line);
            other.Message.ShouldContain("was used before", Case.Sensitive, asked[index].Line);
        }
    }

    [Fact]
    public async Task Also_when_it_was_a_gate_that_failed()
    {
        TestCli.NeedsFiles("what was unpacked is deleted from the folder");
        using var cli = new TestCli();
        await Staged.DeploymentAsync(cli);
        await TestBundles.BuildAsync(cli.Folder, "main");
        var revision = (await cli.OpAsync("revisions stage bundle_path=main.gtbundle")).GetProperty("revision_id").GetString()!;
        Directory.Delete(Path.Combine(cli.StoreRoot, "local", "revisions", revision), recursive: true);
        var first = await Staged.RefusedAsync(cli, "revisions warm --idempotency-key w");
        await cli.OpAsync($"revisions retry --revision {revision}");
        var again = await Staged.RefusedAsync(cli, "revisions warm --idempotency-key w");
        again.Stderr.ShouldBe(first.Stderr);
        (await Staged.DocumentAsync(cli)).GetProperty("revisions")[0].GetProperty("lifecycle").GetString().ShouldBe("staged");
    }

    [Fact]
    public async Task But_what_changed_nothing_is_tried_again()
    {
        using var cli = new TestCli();
        await Staged.DeploymentAsync(cli);
        await Staged.RefusedAsync(cli, "revisions warm --idempotency-key w");
        var revision = await Staged.RevisionAsync(cli);
        (await cli.OpAsync("revisions warm --idempotency-key w")).GetProperty("revision_id").GetString().ShouldBe(revision);
    }

    [Fact]
    public async Task Of_a_dial_that_moved_on_and_the_dial_stays_where_it_is()
    {
        using var cli = new TestCli();
        await Staged.DeploymentAsync(cli);
        var a = await Staged.ReadyAsync(cli);
        var b = await Staged.ReadyAsync(cli);
        var first = await cli.OpAsync($"traffic set {a}=60% {b}=40% --idempotency-key k1");
        (await cli.OpAsync($"traffic set {b}=4000bps {a}=60 --idempotency-key k1")).GetRawText().ShouldBe(first.GetRawText(), "the key is in force");
        await cli.OpAsync($"traffic set {b}=100% --idempotency-key k2");
        (await cli.OpAsync($"traffic set {b}=4000bps {a}=60 --idempotency-key k1")).GetRawText().ShouldBe(first.GetRawText(), "the key is in the ledger");
        (await cli.OpAsync("traffic show")).GetProperty("generation").GetInt32().ShouldBe(1);
        (await Staged.RefusedAsync(cli, $"traffic set {a}=100% --idempotency-key k1")).Kind.ShouldBe("conflict");
        (await Staged.RefusedAsync(cli, "traffic clear --idempotency-key k2")).Kind.ShouldBe("conflict");
    }

    [Fact, Trait("fact", "store:9.17")]
    public async Task And_a_projection_that_was_lost_is_written_again()
    {
        TestCli.NeedsFiles("a projection is deleted from the folder");
        using var cli = new TestCli();
        await Staged.DeploymentAsync(cli);
        await Staged.ReadyAsync(cli);
        await cli.OpAsync("traffic set --idempotency-key k1");
        var served = Path.Combine(cli.StoreRoot, "local", "runtime-config.json");
        File.Delete(served);
        await cli.OpAsync("traffic set --idempotency-key k1");
        File.Exists(served).ShouldBeTrue();
        await cli.OpAsync("traffic clear");
        File.Exists(served).ShouldBeFalse();
    }
}
