using Gtc.Cli.Tests.Bundle;
using Gtc.Cli.Tests.Op.Apply;

namespace Gtc.Cli.Tests.Op;

public class What_is_revoked_is_neither_staged_nor_warmed
{
    [Fact]
    public async Task A_bundle_by_its_digest()
    {
        using var cli = new TestCli();
        await Staged.DeploymentAsync(cli);
        var built = await TestBundles.BuildAsync(cli.Folder, "main");
        var before = (await cli.OpAsync("revisions stage bundle_path=main.gtbundle")).GetProperty("revision_id").GetString();
        await BindAsync(cli);
        await cli.OpAsync($"trust-root revoke --digest {built.Digest}");
        var refused = await Staged.RefusedAsync(cli, "revisions stage bundle_path=main.gtbundle");
        refused.Kind.ShouldBe("conflict");
        refused.Message.ShouldContain("is revoked: its bundle");
        refused.Error.GetProperty("details").GetRawText().ShouldContain(built.Digest.ToString());
        (await Staged.DocumentAsync(cli)).GetProperty("revisions").GetArrayLength().ShouldBe(1);
        if (!TestCli.IsRemote)
        {
            Directory.GetDirectories(Path.Combine(cli.StoreRoot, "local", "revisions")).Select(Path.GetFileName).ShouldBe([before]);
        }

        (await Staged.RefusedAsync(cli, $"revisions stage bundle_source_uri=http://h/b bundle_digest={built.Digest}")).Kind.ShouldBe("conflict");
        var warmed = await Staged.RefusedAsync(cli, "revisions warm");
        warmed.Message.ShouldContain("signature-status");
        warmed.Message.ShouldContain("is revoked");
        (await Staged.DocumentAsync(cli)).GetProperty("revisions")[0].GetProperty("lifecycle").GetString().ShouldBe("failed");
    }

    [Fact]
    public async Task A_revision_by_the_key_that_signs_it()
    {
        using var cli = new TestCli();
        await Staged.DeploymentAsync(cli);
        await Staged.RevisionAsync(cli);
        await BindAsync(cli);
        var key = (await cli.OpAsync("trust-root list")).GetProperty("keys")[0].GetProperty("key_id").GetString()!;
        (await cli.OpAsync($"trust-root revoke --key-id {key}")).GetProperty("is_asked").GetBoolean().ShouldBeTrue();
        (await Staged.RefusedAsync(cli, "revisions warm")).Message.ShouldContain("the key that signed it");
        (await Staged.RefusedAsync(cli, $"revisions stage bundle_source_uri=http://h/b bundle_digest={Staged.Digest}")).Message.ShouldContain("the key that signed it");
    }

    [Fact]
    public async Task What_takes_traffic_gets_no_more_of_it_and_may_lose_it()
    {
        using var cli = new TestCli();
        await Staged.DeploymentAsync(cli);
        await Staged.RevisionAsync(cli);
        await cli.OpAsync("revisions warm");
        await cli.OpAsync("traffic set");
        await BindAsync(cli);
        await cli.OpAsync($"trust-root revoke --digest {Staged.Digest}");
        (await cli.OpAsync("trust-root revoked")).GetProperty("digests")[0].GetString().ShouldBe(Staged.Digest);
        await cli.OpAsync("traffic clear");
        (await Staged.RefusedAsync(cli, "traffic set")).Message.ShouldContain("is revoked");
        (await Staged.RefusedAsync(cli, "traffic rollback")).Message.ShouldContain("is revoked");
        await cli.OpAsync($"trust-root unrevoke --digest {Staged.Digest}");
        await cli.OpAsync("traffic set");
    }

    [Fact]
    public async Task Going_back_in_files_gives_it_no_traffic_either()
    {
        TestCli.NeedsFiles("snapshots, and what single files held before");
        using var cli = new TestCli();
        await Staged.DeploymentAsync(cli);
        await Staged.RevisionAsync(cli);
        await cli.OpAsync("revisions warm");
        await cli.OpAsync("traffic set");
        var snapshot = (await cli.OpAsync("env snapshot create")).GetProperty("snapshot").GetProperty("snapshot_id").GetString();
        await BindAsync(cli);
        var routed = (await cli.OpAsync("env backup list --file environment.json")).GetProperty("backups").EnumerateArray().Last().GetProperty("backup").GetString();
        await cli.OpAsync($"trust-root revoke --digest {Staged.Digest}");
        await cli.OpAsync("traffic clear");
        (await Staged.RefusedAsync(cli, $"env backup restore {routed}")).Message.ShouldContain("is revoked");
        (await Staged.RefusedAsync(cli, $"env snapshot restore {snapshot}")).Message.ShouldContain("is revoked");
        await cli.OpAsync($"trust-root unrevoke --digest {Staged.Digest}");
        await cli.OpAsync($"env snapshot restore {snapshot}");
    }

    [Fact]
    public async Task Nothing_at_all_while_the_list_cannot_be_read_and_the_revision_is_not_blamed()
    {
        using var cli = new TestCli();
        await Staged.DeploymentAsync(cli);
        await Staged.RevisionAsync(cli);
        await BindAsync(cli);
        await File.WriteAllTextAsync(Path.Combine(cli.StoreRoot, "local", "revocation.json"), "[", TestContext.Current.CancellationToken);
        (await Staged.RefusedAsync(cli, "revisions warm")).Kind.ShouldBe(Unreadable);
        (await Staged.RefusedAsync(cli, $"revisions stage bundle_source_uri=http://h/b bundle_digest={Staged.Digest}")).Kind.ShouldBe(Unreadable);
        (await Staged.DocumentAsync(cli)).GetProperty("revisions")[0].GetProperty("lifecycle").GetString().ShouldBe("staged");
    }

    [Fact]
    public async Task A_manifest_that_names_it_again_routes_nothing_to_it()
    {
        using var bench = new ApplyBench();
        var first = bench.Write($$""" "trust_root":"bootstrap","bundles":[{{ApplyBench.Declared("main")}}] """, "first.json");
        var second = bench.Write($$""" "bundles":[{{ApplyBench.Declared("main").Replace(ApplyBench.Digest, Staged.Digest, StringComparison.Ordinal)}}] """, "second.json");
        await bench.ApplyAsync(first);
        await bench.ApplyAsync(second);
        await BindAsync(bench.Cli);
        await bench.Cli.OpAsync($"trust-root revoke --digest {ApplyBench.Digest}");
        var before = (await bench.DocumentAsync()).GetProperty("traffic_splits").GetRawText();
        (await bench.RefusedAsync($"env apply --answers {first}")).Message.ShouldContain("is revoked: its bundle");
        (await bench.DocumentAsync()).GetProperty("traffic_splits").GetRawText().ShouldBe(before);
        await bench.Cli.OpAsync($"trust-root unrevoke --digest {ApplyBench.Digest}");
        await bench.ApplyAsync(first);
    }

    [Fact]
    public async Task A_document_that_comes_back_routes_nothing_to_it()
    {
        using var cli = new TestCli();
        await Staged.DeploymentAsync(cli);
        await Staged.ReadyAsync(cli);
        await cli.OpAsync("traffic set");
        var unbound = await GenerationAsync(cli);
        await BindAsync(cli);
        var bound = await GenerationAsync(cli);
        string[] ways = [$"env restore --to {unbound}", $"env restore --to {bound}"];
        if (!TestCli.IsRemote)
        {
            var snapshot = (await cli.OpAsync("env snapshot create")).GetProperty("snapshot").GetProperty("snapshot_id").GetString();
            ways = [.. ways, $"env snapshot restore --snapshot {snapshot}"];
        }

        await cli.OpAsync("traffic clear");
        if (!TestCli.IsRemote)
        {
            var kept = (await cli.OpAsync("env backup list --file environment.json")).GetProperty("backups").EnumerateArray().Last().GetProperty("backup").GetString();
            ways = [.. ways, $"env backup restore --backup {kept}"];
        }

        await cli.OpAsync($"trust-root revoke --digest {Staged.Digest}");
        foreach (var way in ways)
        {
            (await Staged.RefusedAsync(cli, way)).Message.ShouldContain("is revoked: its bundle", customMessage: way);
        }

        (await Staged.DocumentAsync(cli)).GetProperty("traffic_splits").GetArrayLength().ShouldBe(0);
        await cli.OpAsync($"trust-root unrevoke --digest {Staged.Digest}");
        await cli.OpAsync(ways[1]);
        await cli.OpAsync($"trust-root revoke --digest {Staged.Digest}");
        await cli.OpAsync($"env restore --to {bound}");
    }

    private static async Task<ulong> GenerationAsync(TestCli cli) => (await Staged.DocumentAsync(cli)).GetProperty("env_generation").GetUInt64();

    /// <summary>A store server blames the environment, not itself.</summary>
    private static string Unreadable => TestCli.IsRemote ? "conflict" : "store";

    private static async Task BindAsync(TestCli cli) => await cli.OpAsync("env-packs add local slot=revocation kind=greentic.revocation.file@0.1.0 pack_ref=builtin");
}
