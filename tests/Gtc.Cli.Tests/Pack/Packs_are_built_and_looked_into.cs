namespace Gtc.Cli.Tests.Pack;

public sealed class Packs_are_built_and_looked_into
{
    [Fact]
    public async Task A_pack_is_built_and_shown_as_json()
    {
        using var cli = new TestCli();

        var built = await cli.RunAsync($"pack build {Samples.Pack("greeter")} --format json");
        var shown = await cli.RunAsync("pack inspect greeter.gtpack --format json");

        built.Exit.ShouldBe(0, built.Stderr);
        built.Result.GetProperty("pack_id").GetString().ShouldBe("greeter");
        built.Result.GetProperty("path").GetString().ShouldBe(Path.Combine(cli.Folder, "greeter.gtpack"));
        built.Result.GetProperty("flows")[0].GetString().ShouldBe("greet");
        shown.Result.GetProperty("digest").GetString().ShouldBe(built.Result.GetProperty("digest").GetString());
        var flow = shown.Result.GetProperty("flows")[0];
        flow.GetProperty("is_entry").GetBoolean().ShouldBeTrue();
        flow.GetProperty("nodes")[0].GetProperty("operation").GetString().ShouldBe("greet");
        shown.Result.GetProperty("components")[0].GetProperty("id").GetString().ShouldBe("samples.greeter");
        shown.Result.GetProperty("files").EnumerateArray().Select(file => file.GetProperty("path").GetString()).ShouldBe(
            ["components/samples.greeter.manifest.cbor", "components/samples.greeter.wasm", "manifest.cbor", "pack.lock.cbor", "sbom.cbor"]);
    }

    [Fact]
    public async Task People_see_flows_with_their_routes()
    {
        using var cli = new TestCli { IsTerminal = true };
        await cli.RunAsync($"pack build {Samples.Pack("counter")}");

        var shown = await cli.RunAsync("pack inspect counter.gtpack");

        shown.Stdout.ShouldContain("flow count (messaging, answers by default): Counts the messages of each user");
        shown.Stdout.ShouldContain("response.text == \"reset\" → reset; else count");
    }

    [Fact]
    public async Task What_does_not_compile_is_named_with_file_and_line()
    {
        using var cli = new TestCli();
        Directory.CreateDirectory(Path.Combine(cli.Folder, "p", "flows"));
        cli.Write("p/pack.yaml", "pack_id: p\nversion: 1.0.0\nkind: application\npublisher: us\n");
        cli.Write("p/flows/f.ygtc", "id: f\ntype: messaging\nnodes:\n  a:\n    emit.log: {}\n    routing:\n      - to: b\n");

        var refused = await cli.RunAsync("pack build p --format json");

        refused.Exit.ShouldBe(1);
        refused.Message.ShouldContain("node `a` routes to `b`, which the flow does not have");
        refused.Stderr.ShouldContain("flows/f.ygtc:7");
        refused.Stderr.ShouldContain("one of its nodes: a");
        File.Exists(Path.Combine(cli.Folder, "p.gtpack")).ShouldBeFalse();
    }
}

/// <summary>The samples of the repository.</summary>
internal static class Samples
{
    /// <summary>The source of a sample's pack.</summary>
    public static string Pack(string name)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var candidate = Path.Combine(folder.FullName, "samples", name, "packs", name);
            if (Directory.Exists(candidate))
            {
                return candidate;
            }
        }

        throw new DirectoryNotFoundException($"samples/{name} is not above the test program");
    }
}
