namespace Gtc.Cli.Tests.Components;

public sealed class Components_are_made
{
    [Fact]
    public async Task A_module_of_an_interface_of_ones_own_becomes_a_component()
    {
        using var cli = new TestCli();
        cli.Write("own.wit", "package own:app@1.0.0; interface app { run: func() -> u32; }");
        await File.WriteAllBytesAsync(Path.Combine(cli.Folder, "m.wasm"), Module(), TestContext.Current.CancellationToken);

        var built = await cli.RunAsync("component build m.wasm --wit own.wit --output c.wasm --format json");
        var shown = await cli.RunAsync("component inspect c.wasm --format json");

        built.Exit.ShouldBe(0, built.Stderr);
        built.Result.GetProperty("bytes").GetInt64().ShouldBe(new FileInfo(Path.Combine(cli.Folder, "c.wasm")).Length);
        shown.Result.GetProperty("components")[0].GetProperty("exports")[0].GetProperty("name").GetString().ShouldBe("own:app/app@1.0.0");
    }

    [Fact]
    public async Task What_no_component_can_be_made_of_is_said()
    {
        using var cli = new TestCli();
        await File.WriteAllBytesAsync(Path.Combine(cli.Folder, "m.wasm"), Module(), TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(Path.Combine(cli.Folder, "c.wasm"), TestComponents.With("a:b/c", "d"), TestContext.Current.CancellationToken);
        cli.Write("bad.wit", "package");

        (await cli.RunAsync("component build m.wasm --output x.wasm --format json")).Message.ShouldContain("the interface own:app/app@1.0.0 is not known; known are greentic:types-core/core@0.6.0");
        (await cli.RunAsync("component build c.wasm --output x.wasm --format json")).Message.ShouldContain("is a component already");
        (await cli.RunAsync("component build none.wasm --output x.wasm --format json")).Message.ShouldContain("there is no file");
        (await cli.RunAsync("component build m.wasm --wit bad.wit --output x.wasm --format json")).Message.ShouldContain("is not understood");
        File.Exists(Path.Combine(cli.Folder, "x.wasm")).ShouldBeFalse();
    }

    // Exports a memory and a function without parameters that gives a number.
    private static byte[] Module() =>
    [
        0, (byte)'a', (byte)'s', (byte)'m', 1, 0, 0, 0,
        1, 5, 1, 0x60, 0, 1, 0x7F,
        3, 2, 1, 0,
        5, 3, 1, 0, 1,
        7, 34, 2, 6, .. "memory"u8, 2, 0, 21, .. "own:app/app@1.0.0#run"u8, 0, 0,
        10, 6, 1, 4, 0, 0x41, 7, 0x0B,
    ];
}
