using System.Text.Json;

namespace Gtc.EndToEnd.Tests.ControlPlane;

/// <summary>Decision 7: <c>gtc setup --answers …</c> and <c>gtc start</c>, with the published executable and a bundle that asks.</summary>
public sealed class Setup_and_start_are_two_lines : IDisposable
{
    private readonly FreshHome _home = new();

    public void Dispose() => _home.Dispose();

    [Fact]
    public async Task From_a_bundle_file_to_an_answer()
    {
        await BuildAsync();
        await File.WriteAllTextAsync(_home.PathTo("answers.json"), """{"bundle": "asker.gtbundle", "packs": {"hello": {"tone": "warm", "api_token": {"from_env": "HOME"}}}}""", Token);
        var setup = await _home.Gtc.RunAsync("setup", "--answers", "answers.json");
        setup.ExitCode.ShouldBe(0, setup.Errors);
        JsonElement.Parse(setup.Output).GetProperty("result").GetProperty("generation").GetInt32().ShouldBeGreaterThan(0);

        await using var worker = await _home.Gtc.StartWorkerAsync("--env", "local");
        var (status, body) = await worker.PostAsync("""{"text":"Ada"}""");
        status.ShouldBe(200);
        body.ShouldContain("Hello");
        var secrets = await _home.Gtc.RunAsync("op", "secrets", "list");
        secrets.Output.ShouldContain("default/_/hello/api_token");
    }

    [Fact]
    public async Task Without_answers_and_without_a_terminal_it_says_what_is_missing()
    {
        await BuildAsync();
        var setup = await _home.Gtc.RunAsync("setup", "asker.gtbundle");
        setup.ExitCode.ShouldBe(1);
        setup.Errors.ShouldContain("packs.hello.tone");
        setup.Errors.ShouldContain("packs.hello.api_token");
        Directory.Exists(_home.Gtc.Local).ShouldBeFalse();
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private async Task BuildAsync()
    {
        var pack = Path.Combine(_home.Folder, "asker", "packs", "hello");
        Directory.CreateDirectory(Path.Combine(pack, "flows"));
        Directory.CreateDirectory(Path.Combine(pack, "assets"));
        await File.WriteAllTextAsync(_home.PathTo("asker/bundle.yaml"), "schema_version: 1\nbundle_id: asker\nbundle_name: asker\n", Token);
        await File.WriteAllTextAsync(Path.Combine(pack, "pack.yaml"), "pack_id: hello\nversion: 0.1.0\nkind: application\npublisher: gtc\n", Token);
        await File.WriteAllTextAsync(
            Path.Combine(pack, "flows", "greet.ygtc"),
            "id: greet\ntype: messaging\nschema_version: 2\nnodes:\n  greet:\n    emit.response:\n      text: \"Hello\"\n    routing: out\n",
            Token);
        await File.WriteAllTextAsync(
            Path.Combine(pack, "assets", "setup.yaml"),
            "questions:\n  - {name: tone, title: Tone, required: true, choices: [warm, cool]}\n  - {name: api_token, title: Token, secret: true, required: true}\n",
            Token);
        var built = await _home.Gtc.RunAsync("bundle", "build", "asker", "--output", "asker.gtbundle");
        built.ExitCode.ShouldBe(0, built.Errors);
    }
}
