namespace Gtc.Cli.Tests.Contexts;

/// <summary>With a <c>secret-tool</c> that keeps what it is given in files: a real one needs a session of a desktop.</summary>
public sealed class Tokens_are_kept_in_the_keyring : IDisposable
{
    private const string Token = "s3cret-of-ada";
    private const string Keeps = """
        #!/bin/sh
        echo "$@" >> "$(dirname "$0")/asked"
        kept="$(dirname "$0")/kept"
        case $1 in
          store) cat > "$kept" ;;
          lookup) test -f "$kept" || exit 1; cat "$kept" ;;
          clear) rm -f "$kept" ;;
        esac
        """;

    private readonly TestCli _cli = new() { Stdin = Token + "\n" };

    public void Dispose() => _cli.Dispose();

    [Fact]
    public async Task It_is_given_by_a_pipe_read_again_and_forgotten()
    {
        Install(Keeps);
        var added = await _cli.RunAsync("context add prod --store-url http://127.0.0.1:9 --token-keyring --use");
        added.Exit.ShouldBe(0, added.Stderr);
        added.Result.GetProperty("token_keyring").GetBoolean().ShouldBeTrue();
        (await ReadAsync("kept")).ShouldBe(Token);
        var asked = new Asked();
        await RunAsync(asked);
        asked.Authorization.ShouldBe([$"Bearer {Token}"]);

        foreach (var line in new[] { "context list", "context show prod" })
        {
            var run = await _cli.RunAsync(line);
            (run.Stdout + run.Stderr).ShouldNotContain(Token);
        }

        (await File.ReadAllTextAsync(Path.Combine(_cli.Folder, ".config", "gtc", "contexts.json"), TestContext.Current.CancellationToken)).ShouldNotContain(Token);
        (await ReadAsync("asked")).ShouldNotContain(Token, customMessage: "not even to secret-tool it is an argument");
        (await _cli.RunAsync("context remove prod")).Exit.ShouldBe(0);
        File.Exists(Path.Combine(_cli.Folder, "bin", "kept")).ShouldBeFalse();
    }

    [Fact]
    public async Task Without_secret_tool_or_with_one_that_fails_nothing_is_added()
    {
        _cli.SetVariable("PATH", Path.Combine(_cli.Folder, "bin"));
        var absent = await _cli.RunAsync("context add prod --store-url http://127.0.0.1:9 --token-keyring");
        (absent.Kind, absent.Error.GetProperty("next").GetString()!.Contains("--token-file -", StringComparison.Ordinal)).ShouldBe(("invalid-argument", true));
        Install("""
            #!/bin/sh
            cat > /dev/null
            echo "Cannot autolaunch D-Bus without X11 \$DISPLAY" >&2
            exit 1
            """);
        (await _cli.RunAsync("context add prod --store-url http://127.0.0.1:9 --token-keyring")).Message.ShouldContain("Cannot autolaunch D-Bus");
        (await _cli.RunAsync("context list")).Result.GetProperty("contexts").GetArrayLength().ShouldBe(1);
        (await _cli.RunAsync("context add prod --store-url http://127.0.0.1:9 --token-keyring --token-file -")).Kind.ShouldBe("invalid-argument");
    }

    [Fact]
    public async Task A_context_that_is_replaced_leaves_no_token_behind()
    {
        Install(Keeps);
        var inFile = Path.Combine(_cli.Folder, ".config", "gtc", "tokens", "prod");
        var inKeyring = Path.Combine(_cli.Folder, "bin", "kept");
        foreach (var (flags, isInFile, isInKeyring) in new[]
        {
            ("--token-file -", true, false),
            ("--token-file -", true, false),
            ("--token-keyring", false, true),
            ("--token-keyring", false, true),
            ("--token-file -", true, false),
            ($"--token-file {inFile}", true, false),
            ("--token-file -", true, false),
            ("", false, false),
            ("--token-keyring", false, true),
            ("", false, false),
        })
        {
            var run = await _cli.RunAsync($"context add prod --store-url http://127.0.0.1:9 {flags}");
            run.Exit.ShouldBe(0, run.Stderr);
            (File.Exists(inFile), File.Exists(inKeyring)).ShouldBe((isInFile, isInKeyring), flags);
        }
    }

    [Fact]
    public async Task An_earlier_token_that_cannot_be_forgotten_is_told()
    {
        Install(Keeps);
        (await _cli.RunAsync("context add prod --store-url http://127.0.0.1:9 --token-keyring")).Exit.ShouldBe(0);
        _cli.SetVariable("PATH", "/nonexistent");
        var run = await _cli.RunAsync("context add prod --store-url http://127.0.0.1:8 --token-file -");
        (run.Exit, run.Stderr.Contains("only its earlier token is still kept", StringComparison.Ordinal)).ShouldBe((1, true));
        (await _cli.RunAsync("context show prod")).Result.GetProperty("store_url").GetString().ShouldBe("http://127.0.0.1:8/");
    }

    [Fact]
    public async Task A_token_that_is_gone_from_it_says_how_to_put_it_there()
    {
        Install("""
            #!/bin/sh
            test "$1" = store && exec cat > /dev/null
            exit 1
            """);
        (await _cli.RunAsync("context add prod --store-url http://127.0.0.1:9 --token-keyring --use")).Exit.ShouldBe(0);
        var run = await RunAsync(new Asked());
        (run.Kind, run.Error.GetProperty("next").GetString()).ShouldBe(("not-found", "gtc context add prod --store-url URL --token-keyring"));
    }

    private void Install(string script)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_cli.Folder, "bin")).FullName;
        var path = Path.Combine(folder, "secret-tool");
        File.WriteAllText(path, script + "\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        _cli.SetVariable("PATH", folder);
    }

    private Task<string> ReadAsync(string name) => File.ReadAllTextAsync(Path.Combine(_cli.Folder, "bin", name), TestContext.Current.CancellationToken);

    /// <summary>Runs a verb on the store in use, with a transport that goes nowhere.</summary>
    private async Task<TestRun> RunAsync(Asked transport)
    {
        using var stdout = new StringWriter { NewLine = "\n" };
        using var stderr = new StringWriter { NewLine = "\n" };
        var exit = await GtcCommandLine.RunAsync(["op", "env", "list"], _cli.Context(stdout, stderr) with { OpenHttp = () => transport }, TestContext.Current.CancellationToken);
        return new(exit, stdout.ToString(), stderr.ToString());
    }

    private sealed class Asked : HttpMessageHandler
    {
        public List<string?> Authorization { get; } = [];

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Authorization.Add(request.Headers.Authorization?.ToString());
            throw new HttpRequestException("nobody is there");
        }
    }
}
