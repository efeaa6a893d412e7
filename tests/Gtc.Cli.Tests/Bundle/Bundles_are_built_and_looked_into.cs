namespace Gtc.Cli.Tests.Bundle;

public class Bundles_are_built_and_looked_into
{
    [Fact]
    public async Task The_same_source_gives_the_same_bytes()
    {
        using var cli = new TestCli();
        TestBundles.WriteSource(cli.Folder, "greeter");
        var first = (await cli.RunAsync("bundle build greeter-source --output one.gtbundle")).Result;
        var second = (await cli.RunAsync("bundle build greeter-source/ --output two.gtbundle")).Result;
        first.GetProperty("bundle_id").GetString().ShouldBe("greeter");
        first.GetProperty("digest").GetString().ShouldBe(second.GetProperty("digest").GetString());
        (await cli.RunAsync("bundle build greeter-source")).Result.GetProperty("path").GetString().ShouldBe(Path.Combine(cli.Folder, "greeter-source.gtbundle"));
    }

    [Fact]
    public async Task Inspect_names_packs_flows_and_digests()
    {
        using var cli = new TestCli();
        var built = await TestBundles.BuildAsync(cli.Folder, "greeter");
        var found = (await cli.RunAsync("bundle inspect greeter.gtbundle")).Result;
        found.GetProperty("digest").GetString().ShouldBe(built.Digest.ToString());
        found.GetProperty("packs")[0].GetProperty("pack_id").GetString().ShouldBe("hello");
        found.GetProperty("packs")[0].GetProperty("flows").GetRawText().ShouldBe("""["greet"]""");
        (await cli.RunAsync("bundle inspect greeter.gtbundle --format table")).Stdout.ShouldMatch(@"^hello +0\.1\.0 .* greet  sha256:[0-9a-f]{12}…  yes$".Replace("^", "(?m)^", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Verify_compares_with_the_expected_digest()
    {
        using var cli = new TestCli();
        var built = await TestBundles.BuildAsync(cli.Folder, "greeter");
        (await cli.RunAsync("bundle verify greeter.gtbundle")).Result.GetProperty("digest_pinned").GetBoolean().ShouldBeFalse();
        (await cli.RunAsync($"bundle verify greeter.gtbundle --digest {built.Digest}")).Result.GetProperty("digest_pinned").GetBoolean().ShouldBeTrue();
        var wrong = await cli.RunAsync($"bundle verify greeter.gtbundle --digest {TestBundles.PerfSmokeDigest}");
        wrong.Exit.ShouldBe(1);
        wrong.Kind.ShouldBe("conflict");
        (await cli.RunAsync("bundle verify greeter.gtbundle --digest abc")).Kind.ShouldBe("invalid-argument");
    }

    [Fact]
    public async Task Verify_refuses_a_bundle_whose_pack_cannot_be_read()
    {
        using var cli = new TestCli();
        TestBundles.CopyFixture("provider-only-bundle.gtbundle", cli.Folder);
        var refused = await cli.RunAsync("bundle verify provider-only-bundle.gtbundle");
        refused.Exit.ShouldBe(1);
        refused.Kind.ShouldBe("invalid-argument");
        refused.Error.GetProperty("details")[0].GetProperty("label").GetString().ShouldBe("messaging-webchat-gui");
        (await cli.RunAsync("bundle inspect provider-only-bundle.gtbundle")).Exit.ShouldBe(0);
    }

    [Fact]
    public async Task Extract_makes_a_fresh_folder_and_never_fills_one_that_is_not_empty()
    {
        using var cli = new TestCli();
        await TestBundles.BuildAsync(cli.Folder, "greeter");
        (await cli.RunAsync("bundle extract greeter.gtbundle deep/er")).Exit.ShouldBe(0);
        File.Exists(Path.Combine(cli.Folder, "deep", "er", "bundle-manifest.json")).ShouldBeTrue();
        var again = await cli.RunAsync("bundle extract greeter.gtbundle deep/er");
        again.Exit.ShouldBe(1);
        again.Kind.ShouldBe("conflict");
        Directory.CreateDirectory(Path.Combine(cli.Folder, "empty"));
        (await cli.RunAsync("bundle extract greeter.gtbundle empty/")).Exit.ShouldBe(0);
        cli.Write("text.gtbundle", "this is no bundle");
        (await cli.RunAsync("bundle extract text.gtbundle broken")).Exit.ShouldBe(1);
        Directory.Exists(Path.Combine(cli.Folder, "broken")).ShouldBeFalse();
        (await cli.RunAsync("bundle extract absent.gtbundle broken")).Kind.ShouldBe("io");
        Directory.GetFileSystemEntries(cli.Folder, ".*").ShouldBeEmpty();
    }

    [Theory]
    [InlineData("bundle build", "missing: folder")]
    [InlineData("bundle inspect", "missing: bundle")]
    [InlineData("bundle extract x", "missing: folder")]
    [InlineData("bundle pull http://127.0.0.1:9/x", "missing: output")]
    public async Task A_missing_position_is_named_with_an_example(string line, string message)
    {
        using var cli = new TestCli();
        var run = await cli.RunAsync(line);
        run.Exit.ShouldBe(1);
        run.Kind.ShouldBe("invalid-argument");
        run.Message.ShouldBe(message);
        run.Error.GetProperty("next").GetString().ShouldStartWith($"gtc {line.Split(' ')[0]} {line.Split(' ')[1]} ");
    }

    [Theory]
    [InlineData("bundle push greeter.gtbundle http://registry.example/hello", "invalid-argument")]
    [InlineData("bundle push absent.gtbundle oci://registry.example/hello:1", "not-found")]
    public async Task Push_refuses_what_is_no_bundle_or_no_registry(string line, string kind)
    {
        using var cli = new TestCli();
        await TestBundles.BuildAsync(cli.Folder, "greeter");
        (await cli.RunAsync(line)).Kind.ShouldBe(kind);
    }

    [Fact]
    public async Task A_path_may_hold_an_equals_sign()
    {
        using var cli = new TestCli();
        await TestBundles.BuildAsync(cli.Folder, "greeter");
        File.Move(Path.Combine(cli.Folder, "greeter.gtbundle"), Path.Combine(cli.Folder, "a=b.gtbundle"));
        (await cli.RunAsync("bundle inspect a=b.gtbundle")).Exit.ShouldBe(0);
    }
}
