using Gtc.Artifacts.Building;
using Gtc.Cli.Tests.Bundle;

namespace Gtc.Cli.Tests.Op.Revisions;

public sealed class A_revision_that_no_worker_could_load_is_not_warmed : IDisposable
{
    private readonly TestCli _cli = new();

    public void Dispose() => _cli.Dispose();

    [Fact]
    public async Task Two_packs_that_call_themselves_the_same()
    {
        var pack = await PackAsync();
        await RefusedAsync("two packs call themselves hello", ("one.gtpack", pack), ("two.gtpack", pack));
    }

    [Fact]
    public async Task A_pack_that_is_none() =>
        await RefusedAsync("broken", ("broken.gtpack", "PK but no archive"u8.ToArray()));

    [Fact]
    public async Task A_pack_that_is_cut()
    {
        var pack = await PackAsync();
        await RefusedAsync("cut", ("cut.gtpack", pack[..(pack.Length / 2)]));
    }

    private async Task RefusedAsync(string why, params (string Name, byte[] Content)[] packs)
    {
        var source = Path.Combine(_cli.Folder, "unloadable");
        Directory.CreateDirectory(Path.Combine(source, "packs"));
        await File.WriteAllTextAsync(Path.Combine(source, "bundle.yaml"), "schema_version: 1\nbundle_id: main\nbundle_name: main\n", TestContext.Current.CancellationToken);
        foreach (var (name, content) in packs)
        {
            await File.WriteAllBytesAsync(Path.Combine(source, "packs", name), content, TestContext.Current.CancellationToken);
        }

        (await BundleBuilder.BuildAsync(source, Path.Combine(_cli.Folder, "main.gtbundle"), "0.0.0", TestContext.Current.CancellationToken)).IsOk.ShouldBeTrue();
        await _cli.OpAsync("env create");
        await _cli.OpAsync("trust-root bootstrap");
        await _cli.OpAsync("bundles add");
        await _cli.OpAsync("revisions stage bundle_path=main.gtbundle");
        var warm = await _cli.RunAsync($"op revisions warm --store-root {_cli.StoreRoot} --format json");
        (warm.Exit, warm.Kind).ShouldBe((1, "conflict"));
        warm.Message.ShouldContain("did not pass its health gate (activation): no worker could load it");
        warm.Message.ShouldContain(why);
        (await _cli.OpAsync("revisions list")).GetProperty("revisions")[0].GetProperty("lifecycle").GetString().ShouldBe("failed");
    }

    private async Task<byte[]> PackAsync()
    {
        await TestBundles.BuildAsync(_cli.Folder, "greeter");
        var extracted = Path.Combine(_cli.Folder, "extracted");
        (await _cli.RunWordsAsync("bundle", "extract", "greeter.gtbundle", extracted)).Exit.ShouldBe(0);
        return await File.ReadAllBytesAsync(Directory.GetFiles(extracted, "*.gtpack", SearchOption.AllDirectories).Single(), TestContext.Current.CancellationToken);
    }
}
