using Gtc.Artifacts.SquashFs;
using Gtc.Cli.Tests.Bundle;

namespace Gtc.Cli.Tests.Op;

public class A_bundle_that_leaks_is_not_staged
{
    // Put together here, so that no scanner finds a key in this file.
    private const string Secret = "-----BEGIN " + "PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n-----END " + "PRIVATE KEY-----\n";

    [Fact]
    public async Task And_nothing_of_it_stays_on_disk()
    {
        using var cli = new TestCli();
        await Staged.DeploymentAsync(cli);
        await LeakAsync(cli, "");
        var refused = await Staged.RefusedAsync(cli, "revisions stage bundle_path=leaky.gtbundle");
        refused.Kind.ShouldBe("invalid-argument");
        refused.Message.ShouldStartWith("the revision cannot be staged: it holds secrets");
        refused.Stderr.ShouldContain("deploy.pem:1");
        refused.Stderr.ShouldNotContain("MC4CAQAwBQYDK2Vw");
        (await Staged.DocumentAsync(cli)).GetProperty("revisions").GetArrayLength().ShouldBe(0);
        Staged.Folders(cli).ShouldBeEmpty();
    }

    [Fact]
    public async Task Unless_the_bundle_says_that_it_is_none()
    {
        using var cli = new TestCli();
        await Staged.DeploymentAsync(cli);
        await LeakAsync(cli, "deploy.pem\n");
        await cli.OpAsync("revisions stage bundle_path=leaky.gtbundle");
    }

    /// <summary>A bundle with a private key in it, which gtc itself would not build.</summary>
    private static async Task LeakAsync(TestCli cli, string allowed)
    {
        await TestBundles.BuildAsync(cli.Folder, "main");
        var folder = Path.Combine(cli.Folder, "unpacked");
        (await cli.RunAsync($"bundle extract main.gtbundle {folder}")).Exit.ShouldBe(0);
        await File.WriteAllTextAsync(Path.Combine(folder, "deploy.pem"), Secret, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(folder, ".gtc-allow-secrets"), allowed, TestContext.Current.CancellationToken);
        await using var output = File.Create(Path.Combine(cli.Folder, "leaky.gtbundle"));
        SquashFsWriter.Write(output, [.. Directory.GetFiles(folder, "*", SearchOption.AllDirectories)
            .Order(StringComparer.Ordinal)
            .Select(path => SquashFsMember.File(Path.GetRelativePath(folder, path), File.ReadAllBytes(path)))]);
    }
}
