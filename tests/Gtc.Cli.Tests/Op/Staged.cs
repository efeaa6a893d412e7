using System.Text.Json;
using System.Text.Json.Nodes;

namespace Gtc.Cli.Tests.Op;

/// <summary>An environment with one deployment, and revisions that are declared but not fetched.</summary>
internal static class Staged
{
    public const string Digest = "sha256:1111111111111111111111111111111111111111111111111111111111111111";

    /// <summary>Creates the environment with a deployment of <c>main</c>.</summary>
    public static async Task<string> DeploymentAsync(TestCli cli)
    {
        await cli.OpAsync("env create");
        await cli.OpAsync("trust-root bootstrap");
        return (await cli.OpAsync("bundles add")).GetProperty("deployment_id").GetString()!;
    }

    /// <summary>Adds a deployment to an environment that trusts a key, and stages a declared revision of it.</summary>
    public static async Task<string> RevisionWithDeploymentAsync(TestCli cli)
    {
        await cli.OpAsync("bundles add");
        return await RevisionAsync(cli);
    }

    /// <summary>Stages a declared revision a second after the one before.</summary>
    public static async Task<string> RevisionAsync(TestCli cli, string more = "")
    {
        cli.Time.Advance(TimeSpan.FromSeconds(1));
        var staged = await cli.OpAsync($"revisions stage bundle_source_uri=http://127.0.0.1:9/b.gtbundle bundle_digest={Digest} {more}");
        return staged.GetProperty("revision_id").GetString()!;
    }

    /// <summary>Stages and warms a declared revision.</summary>
    public static async Task<string> ReadyAsync(TestCli cli, string more = "")
    {
        var revision = await RevisionAsync(cli, more);
        await cli.OpAsync($"revisions warm revision_id={revision}");
        return revision;
    }

    /// <summary>Runs a verb that must be refused.</summary>
    public static async Task<TestRun> RefusedAsync(TestCli cli, string line)
    {
        var run = await cli.RunAsync($"op {line} --store-root {cli.StoreRoot}");
        run.Exit.ShouldBe(1, $"{line}: {run.Stdout}");
        run.Stdout.ShouldBeEmpty();
        return run;
    }

    /// <summary>What <c>traffic show</c> says, without the pointers that the other verbs on the dial do not give.</summary>
    public static async Task<string> DialAsync(TestCli cli)
    {
        var shown = JsonNode.Parse((await cli.OpAsync("traffic show")).GetRawText())!.AsObject();
        shown.Remove("pointers").ShouldBeTrue();
        return shown.ToJsonString();
    }

    /// <summary>The folders of revisions in the local store.</summary>
    public static string[] Folders(TestCli cli) => Path.Combine(cli.StoreRoot, "local", "revisions") is var folder && Directory.Exists(folder) ? Directory.GetDirectories(folder) : [];

    /// <summary>The environment's document.</summary>
    public static async Task<JsonElement> DocumentAsync(TestCli cli) => (await cli.OpAsync("env show")).GetProperty("environment");
}
