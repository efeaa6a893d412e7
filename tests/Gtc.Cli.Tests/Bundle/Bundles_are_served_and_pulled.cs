using System.Text.Json;

namespace Gtc.Cli.Tests.Bundle;

public class Bundles_are_served_and_pulled
{
    [Fact]
    public async Task Until_the_distributor_is_told_to_stop()
    {
        using var cli = new TestCli();
        var built = await TestBundles.BuildAsync(cli.Folder, "greeter");
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        await using var stdout = new FirstLine();
        var serving = GtcCommandLine.RunAsync(["distributor", "serve", ".", "--listen", "127.0.0.1:0"], cli.Context(stdout, TextWriter.Null), stop.Token);
        var ready = JsonDocument.Parse(await stdout.Line.WaitAsync(TimeSpan.FromSeconds(30), stop.Token)).RootElement;
        ready.GetProperty("noun").GetString().ShouldBe("distributor");
        var source = $"{ready.GetProperty("result").GetProperty("address").GetString()}greeter.gtbundle";

        var pulled = await cli.RunAsync($"bundle pull {source} copy.gtbundle --digest {built.Digest}");
        pulled.Exit.ShouldBe(0, pulled.Stderr);
        pulled.Stderr.ShouldBeEmpty();
        pulled.Result.GetProperty("digest_pinned").GetBoolean().ShouldBeTrue();
        File.ReadAllBytes(Path.Combine(cli.Folder, "copy.gtbundle")).ShouldBe(File.ReadAllBytes(built.Path));
        (await cli.RunAsync($"bundle pull {source} copy.gtbundle")).Kind.ShouldBe("conflict");

        var wrong = await cli.RunAsync($"bundle pull {source} other.gtbundle --digest {TestBundles.PerfSmokeDigest}");
        wrong.Exit.ShouldBe(1);
        wrong.Kind.ShouldBe("conflict");
        (await cli.RunAsync($"bundle pull {source} other.gtbundle --max-bundle-bytes 100")).Exit.ShouldBe(1);
        (await cli.RunAsync($"bundle pull {source}x other.gtbundle")).Kind.ShouldBe("fetch");
        File.Exists(Path.Combine(cli.Folder, "other.gtbundle")).ShouldBeFalse();
        Directory.GetFiles(cli.Folder, ".*").ShouldBeEmpty();
        (await cli.RunAsync($"bundle verify {source} --digest {built.Digest}")).Result.GetProperty("bundle_id").GetString().ShouldBe("greeter");

        await stop.CancelAsync();
        (await serving).ShouldBe(0);
    }

    [Fact]
    public async Task The_distributor_refuses_a_folder_that_is_not_there_and_an_address_that_is_none()
    {
        using var cli = new TestCli();
        (await cli.RunAsync("distributor serve nowhere --listen 127.0.0.1:0")).Kind.ShouldBe("not-found");
        (await cli.RunAsync("distributor serve . --listen localhost:8090")).Kind.ShouldBe("invalid-argument");
    }
}
