using System.Diagnostics;
using System.Text.Json;

namespace Gtc.EndToEnd.Tests.Store;

/// <summary>The very commands of the walk-through with GREENTIC_STORE_URL set: a server in another home has the environment, and a worker follows it.</summary>
public sealed class The_seeds_walk_through_works_over_a_server : SeedsWalkThrough, IAsyncLifetime
{
    private readonly FreshHome _servers = new();
    private Process _server = null!;

    public async ValueTask InitializeAsync()
    {
        _server = _servers.Gtc.Start(["store", "serve", "--listen", "127.0.0.1:0", "--format", "json"]);
        var line = await _server.StandardOutput.ReadLineAsync(Token).AsTask().WaitAsync(TimeSpan.FromSeconds(60), Token);
        Home.Variables["GREENTIC_STORE_URL"] = JsonElement.Parse(line!).GetProperty("result").GetProperty("address").GetString()!;
    }

    public async ValueTask DisposeAsync()
    {
        _server.Kill();
        await _server.WaitForExitAsync(CancellationToken.None);
        _server.Dispose();
        _servers.Dispose();
        Dispose();
    }

    [Fact]
    public async Task What_it_makes_is_rendered_examined_and_turned_back_from_here()
    {
        var built = await Home.Gtc.RunAsync("bundle", "build", Path.Combine(Repository.Root, "samples", "hello-worker"), "--output", "hello.gtbundle");
        built.ExitCode.ShouldBe(0, built.Errors);
        await AuthorAsync("hello.gtbundle", $"file://{Home.PathTo("hello.gtbundle")}");
        (await OkAsync("op", "env", "render", "--kind", "greentic.deployer.k8s@1.0.0")).GetProperty("object_count").GetInt32().ShouldBe(14);
        (await OkAsync("op", "env", "doctor")).GetProperty("stale_revisions").GetArrayLength().ShouldBe(0);
        (await OkAsync("op", "traffic", "clear")).GetProperty("entries").GetArrayLength().ShouldBe(0);
        (await OkAsync("op", "traffic", "rollback")).GetProperty("entries").GetArrayLength().ShouldBe(1);
        Directory.Exists(Home.Gtc.StoreRoot).ShouldBeFalse("the environment is the server's");
    }

    /// <summary>Nothing of it is here yet.</summary>
    private protected override void Strip() => Directory.Exists(Home.Gtc.Local).ShouldBeFalse();

    private async Task<JsonElement> OkAsync(params string[] words)
    {
        var ran = await Home.Gtc.RunAsync(words);
        ran.ExitCode.ShouldBe(0, $"{string.Join(' ', words)}: {ran.Errors}");
        return JsonElement.Parse(ran.Output).GetProperty("result");
    }
}
