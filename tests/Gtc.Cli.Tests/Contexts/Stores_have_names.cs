namespace Gtc.Cli.Tests.Contexts;

public class Stores_have_names
{
    private const string Token = "s3cret-of-ada";

    [Fact]
    public async Task They_are_added_used_listed_and_forgotten()
    {
        using var cli = new TestCli();
        (await cli.RunAsync("context current")).Result.GetProperty("name").GetString().ShouldBe("local");
        (await cli.RunAsync("context add lab --store-url http://127.0.0.1:8787")).Result.GetProperty("current").GetBoolean().ShouldBeFalse();
        (await cli.RunAsync("context add prod --store-url https://store.example:8787/gtc --use")).Result.GetProperty("store_url").GetString().ShouldBe("https://store.example:8787/gtc/");
        (await cli.RunAsync("context current")).Result.GetProperty("name").GetString().ShouldBe("prod");
        (await cli.RunAsync("context list")).Result.GetProperty("contexts").EnumerateArray().Select(one => one.GetProperty("name").GetString()).ShouldBe(["local", "lab", "prod"]);
        (await cli.RunAsync("context use lab")).Exit.ShouldBe(0);
        (await cli.RunAsync("context show")).Result.GetProperty("store_url").GetString().ShouldBe("http://127.0.0.1:8787/");
        (await cli.RunAsync("context remove lab")).Exit.ShouldBe(0);
        (await cli.RunAsync("context current")).Result.GetProperty("name").GetString().ShouldBe("local", "the one in use is gone");
        (await cli.RunAsync("context use lab")).Kind.ShouldBe("not-found");
        (await cli.RunAsync("context add local --store-url http://127.0.0.1:1")).Kind.ShouldBe("invalid-argument");
        (await cli.RunAsync("context add ../x --store-url http://127.0.0.1:1")).Kind.ShouldBe("invalid-argument");
        (await cli.RunAsync("context remove local")).Kind.ShouldBe("invalid-argument");
    }

    [Fact]
    public async Task A_token_is_kept_for_its_owner_alone_and_never_printed()
    {
        using var cli = new TestCli { Stdin = Token + "\n" };
        var added = await cli.RunAsync("context add prod --store-url https://store.example --token-file - --use");
        added.Exit.ShouldBe(0, added.Stderr);
        var kept = Path.Combine(cli.Folder, ".config", "gtc", "tokens", "prod");
        (await File.ReadAllTextAsync(kept, TestContext.Current.CancellationToken)).ShouldBe(Token + "\n");
        File.GetUnixFileMode(kept).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        foreach (var line in new[] { "context list", "context show prod", "context current", "context use prod" })
        {
            var run = await cli.RunAsync(line);
            (run.Stdout + run.Stderr).ShouldNotContain(Token);
        }

        (await File.ReadAllTextAsync(Path.Combine(cli.Folder, ".config", "gtc", "contexts.json"), TestContext.Current.CancellationToken)).ShouldNotContain(Token);
        (await cli.RunAsync("context remove prod")).Exit.ShouldBe(0);
        File.Exists(kept).ShouldBeFalse();
    }

    [Fact]
    public async Task A_token_file_that_others_can_read_is_refused()
    {
        using var cli = new TestCli();
        var file = cli.Write("token", Token);
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        foreach (var line in new[] { "context add prod --store-url https://store.example --token-file token", "op env list --store-url https://store.example --store-token-file token" })
        {
            var refused = await cli.RunAsync(line);
            refused.Kind.ShouldBe("invalid-argument");
            refused.Error.GetProperty("next").GetString().ShouldBe($"chmod 600 {file}");
        }
    }

    [Fact]
    public async Task A_token_does_not_travel_in_clear_text()
    {
        using var cli = new TestCli { Stdin = Token };
        (await cli.RunAsync("context add prod --store-url http://store.example --token-file -")).Kind.ShouldBe("invalid-argument");
        (await cli.RunAsync("context list")).Result.GetProperty("contexts").GetArrayLength().ShouldBe(1);
    }
}
