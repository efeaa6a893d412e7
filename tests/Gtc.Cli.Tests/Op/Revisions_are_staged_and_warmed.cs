using Gtc.Cli.Tests.Bundle;

namespace Gtc.Cli.Tests.Op;

public class Revisions_are_staged_and_warmed
{
    [Fact]
    public async Task Warm_takes_staged_to_ready_and_leaves_ready_alone()
    {
        using var cli = new TestCli();
        await Staged.DeploymentAsync(cli);
        var revision = await Staged.RevisionAsync(cli);
        (await cli.OpAsync($"revisions warm revision_id={revision}")).GetProperty("lifecycle").GetString().ShouldBe("ready");
        (await cli.OpAsync($"revisions warm revision_id={revision}")).GetProperty("lifecycle").GetString().ShouldBe("ready");
        (await Staged.RefusedAsync(cli, "revisions warm")).Kind.ShouldBe("not-found");
    }

    [Fact]
    public async Task A_declared_bundle_is_recorded_and_not_fetched_and_the_answer_says_so()
    {
        using var cli = new TestCli();
        await Staged.DeploymentAsync(cli);
        var staged = await cli.OpAsync($"revisions stage bundle_source_uri=oci://127.0.0.1:9/b:1 bundle_digest={Staged.Digest} drain_seconds=5");
        staged.GetProperty("digest_origin").GetString().ShouldBe("declared");
        var revision = (await Staged.DocumentAsync(cli)).GetProperty("revisions")[0];
        revision.GetProperty("pack_list").GetArrayLength().ShouldBe(0);
        revision.GetProperty("drain_seconds").GetInt32().ShouldBe(5);
        revision.GetProperty("bundle_digest").GetString().ShouldBe(Staged.Digest);
        Staged.Folders(cli).SelectMany(Directory.GetFiles).Select(Path.GetFileName)
            .ShouldBe(TestCli.IsRemote ? [] : ["rev.sig"], "its signature, which a server keeps in the document, and nothing of the bundle");
    }

    [Fact]
    public async Task A_file_that_is_not_the_declared_one_is_a_conflict_and_leaves_nothing()
    {
        using var cli = new TestCli();
        await Staged.DeploymentAsync(cli);
        var built = await TestBundles.BuildAsync(cli.Folder, "main");
        var refused = await Staged.RefusedAsync(cli, $"revisions stage bundle_path=main.gtbundle bundle_digest={Staged.Digest}");
        refused.Kind.ShouldBe("conflict");
        var details = refused.Error.GetProperty("details").EnumerateArray().ToDictionary(d => d.GetProperty("label").GetString()!, d => d.GetProperty("value").GetString()!);
        details["expected"].ShouldStartWith(Staged.Digest);
        details["found"].ShouldStartWith(built.Digest.ToString());
        (await Staged.DocumentAsync(cli)).GetProperty("revisions").GetArrayLength().ShouldBe(0);
        Staged.Folders(cli).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_bundle_of_the_deployments_own_name_needs_no_warning()
    {
        using var cli = new TestCli();
        await Staged.DeploymentAsync(cli);
        await TestBundles.BuildAsync(cli.Folder, "main");
        (await cli.OpAsync("revisions stage local --deployment main --bundle main.gtbundle")).TryGetProperty("warnings", out _).ShouldBeFalse();
    }

    [Fact]
    public async Task A_pack_that_was_changed_on_disk_fails_the_gate_and_the_revision()
    {
        TestCli.NeedsFiles("what was unpacked is damaged in the folder");
        using var cli = new TestCli();
        await Staged.DeploymentAsync(cli);
        await TestBundles.BuildAsync(cli.Folder, "main");
        var revision = (await cli.OpAsync("revisions stage bundle_path=main.gtbundle")).GetProperty("revision_id").GetString()!;
        var folder = Path.Combine(cli.StoreRoot, "local", "revisions", revision);
        var pack = Directory.GetFiles(folder, "*.gtpack", SearchOption.AllDirectories).Single();
        await File.AppendAllTextAsync(pack, "x", TestContext.Current.CancellationToken);
        var refused = await Staged.RefusedAsync(cli, "revisions warm");
        refused.Kind.ShouldBe("conflict");
        refused.Message.ShouldContain("runtime-config");
        refused.Message.ShouldContain("is not the pinned one (expected sha256:");
        var stored = (await Staged.DocumentAsync(cli)).GetProperty("revisions")[0];
        stored.GetProperty("lifecycle").GetString().ShouldBe("failed");
        stored.TryGetProperty("warmed_at", out _).ShouldBeFalse();
        (await Staged.RefusedAsync(cli, $"revisions warm revision_id={revision}")).Kind.ShouldBe("conflict");
    }

    [Fact]
    public async Task Files_that_are_gone_fail_the_gate_only_without_a_source()
    {
        TestCli.NeedsFiles("what was unpacked is damaged in the folder");
        using var cli = new TestCli();
        await Staged.DeploymentAsync(cli);
        await TestBundles.BuildAsync(cli.Folder, "main");
        var pullable = (await cli.OpAsync("revisions stage bundle_path=main.gtbundle bundle_source_uri=http://127.0.0.1:9/b")).GetProperty("revision_id").GetString()!;
        Directory.Delete(Path.Combine(cli.StoreRoot, "local", "revisions", pullable), recursive: true);
        (await cli.OpAsync("revisions warm")).GetProperty("lifecycle").GetString().ShouldBe("ready");

        cli.Time.Advance(TimeSpan.FromSeconds(1));
        var local = (await cli.OpAsync("revisions stage bundle_path=main.gtbundle")).GetProperty("revision_id").GetString()!;
        Directory.Delete(Path.Combine(cli.StoreRoot, "local", "revisions", local), recursive: true);
        (await Staged.RefusedAsync(cli, "revisions warm")).Message.ShouldContain("no source to pull the bundle from");
    }

    [Theory]
    [InlineData("", "invalid-argument", "no bundle is named")]
    [InlineData("bundle_digest=sha256:00", "invalid-argument", "bundle_digest")]
    [InlineData("bundle_source_uri=http://h/b", "invalid-argument", "needs bundle_digest")]
    [InlineData("bundle_source_uri=ssh://h/b bundle_digest=DIGEST", "invalid-argument", "schemes")]
    [InlineData("bundle_source_uri=http://user:secret@h/b bundle_digest=DIGEST", "invalid-argument", "must not carry credentials")]
    [InlineData("bundle_source_uri=http://h/b bundle_digest=DIGEST revision_id=x", "invalid-argument", "revision_id `x`")]
    [InlineData("bundle_source_uri=http://h/b bundle_digest=DIGEST pack_list_lock_ref=../x", "invalid-argument", "pack_list_lock_ref")]
    [InlineData("bundle_source_uri=http://h/b bundle_digest=DIGEST pack_list=[{\"pack_id\":\"p\",\"version\":\"1\",\"digest\":\"DIGEST\"}]", "invalid-argument", "pack `p`")]
    [InlineData("bundle_source_uri=http://h/b bundle_digest=DIGEST pack_list=[{\"pack_id\":\"p\"}]", "invalid-argument", "missing: pack_list[0].version, pack_list[0].digest")]
    [InlineData("bundle_path=main.gtbundle config_digest=DIGEST", "invalid-argument", "come from the bundle file")]
    [InlineData("bundle_path=absent.gtbundle", "not-found", "absent.gtbundle")]
    [InlineData("bundle_path=text.gtbundle", "invalid-argument", "")]
    public async Task What_cannot_be_staged_is_refused_and_leaves_nothing(string words, string kind, string message)
    {
        using var cli = new TestCli();
        await Staged.DeploymentAsync(cli);
        cli.Write("text.gtbundle", "this is no bundle");
        var refused = await Staged.RefusedAsync(cli, $"revisions stage {words.Replace("DIGEST", Staged.Digest, StringComparison.Ordinal)}");
        refused.Kind.ShouldBe(kind, refused.Stderr);
        refused.Message.ShouldContain(message);
        refused.Stderr.ShouldNotContain("secret@");
        (await Staged.DocumentAsync(cli)).GetProperty("revisions").GetArrayLength().ShouldBe(0);
        var revisions = Path.Combine(cli.StoreRoot, "local", "revisions");
        (Directory.Exists(revisions) ? Directory.GetDirectories(revisions) : []).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_revision_keeps_the_id_that_it_is_given_once()
    {
        using var cli = new TestCli();
        await Staged.DeploymentAsync(cli);
        const string Id = "01ARZ3NDEKTSV4RRFFQ69G5FAV";
        (await Staged.RevisionAsync(cli, $"revision_id={Id}")).ShouldBe(Id);
        (await Staged.RefusedAsync(cli, $"revisions stage bundle_source_uri=http://h/b bundle_digest={Staged.Digest} revision_id={Id}")).Kind.ShouldBe("conflict");
    }
}
