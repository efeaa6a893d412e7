using System.Text.Json.Nodes;
using Gtc.Cli.Tests.Bundle;

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
        Bind(cli);
        Revoke(cli, "digests", built.Digest.ToString());
        var refused = await Staged.RefusedAsync(cli, "revisions stage bundle_path=main.gtbundle");
        refused.Kind.ShouldBe("conflict");
        refused.Message.ShouldContain("is revoked: its bundle");
        refused.Error.GetProperty("details").GetRawText().ShouldContain(built.Digest.ToString());
        (await Staged.DocumentAsync(cli)).GetProperty("revisions").GetArrayLength().ShouldBe(1);
        Directory.GetDirectories(Path.Combine(cli.StoreRoot, "local", "revisions")).Select(Path.GetFileName).ShouldBe([before]);
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
        Bind(cli);
        var key = (await cli.OpAsync("trust-root list")).GetProperty("keys")[0].GetProperty("key_id").GetString()!;
        Revoke(cli, "key_ids", key);
        (await Staged.RefusedAsync(cli, "revisions warm")).Message.ShouldContain("the key that signed it");
        (await Staged.RefusedAsync(cli, $"revisions stage bundle_source_uri=http://h/b bundle_digest={Staged.Digest}")).Message.ShouldContain("the key that signed it");
    }

    [Fact]
    public async Task Nothing_at_all_while_the_list_cannot_be_read_and_the_revision_is_not_blamed()
    {
        using var cli = new TestCli();
        await Staged.DeploymentAsync(cli);
        await Staged.RevisionAsync(cli);
        Bind(cli);
        await File.WriteAllTextAsync(Path.Combine(cli.StoreRoot, "local", "revocation.json"), "[", TestContext.Current.CancellationToken);
        (await Staged.RefusedAsync(cli, "revisions warm")).Kind.ShouldBe("store");
        (await Staged.RefusedAsync(cli, $"revisions stage bundle_source_uri=http://h/b bundle_digest={Staged.Digest}")).Kind.ShouldBe("store");
        (await Staged.DocumentAsync(cli)).GetProperty("revisions")[0].GetProperty("lifecycle").GetString().ShouldBe("staged");
    }

    /// <summary>Binds the slot in the file, as a person may.</summary>
    private static void Bind(TestCli cli)
    {
        var path = Path.Combine(cli.StoreRoot, "local", "environment.json");
        var document = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        document["packs"] = new JsonArray(new JsonObject { ["slot"] = "revocation", ["kind"] = "greentic.revocation.file@0.1.0", ["pack_ref"] = "builtin", ["generation"] = 0 });
        File.WriteAllText(path, document.ToJsonString());
    }

    private static void Revoke(TestCli cli, string member, string value) => File.WriteAllText(
        Path.Combine(cli.StoreRoot, "local", "revocation.json"), $$"""{"schema":"greentic.revocation.v1","{{member}}":["{{value}}"]}""");
}
