using System.Diagnostics;

namespace Gtc.EndToEnd.Tests;

/// <summary>The real shells, the real executable, and the scripts as a person installs them.</summary>
public sealed class Shells_complete_what_is_typed : IDisposable
{
    private readonly FreshHome _home = new();

    public void Dispose() => _home.Dispose();

    public static TheoryData<string, string> Lines => new()
    {
        { "op env sho", "show" },
        { "op trust-root boo", "bootstrap" },
        { "op env show --for", "--format" },
        { "op env show --format js", "json" },
        { "op env show pr", "prod preview" },
        { "op traffic set --env pro", "prod" },
        { "op env sho --format json extra nothing-of-that-na", "" },
    };

    [Theory]
    [MemberData(nameof(Lines))]
    public async Task In_bash(string line, string expected) => (await RunAsync("bash", "--norc", "-c", $$"""
        eval "$(gtc completion bash)"
        COMP_WORDS=(gtc {{line}}) COMP_CWORD=$(( ${#COMP_WORDS[@]} - 1 ))
        complete -p gtc >/dev/null && _gtc_complete gtc && printf '%s\n' "${COMPREPLY[@]}"
        """)).ShouldBe(Words(expected), ignoreOrder: true);

    [Fact]
    public async Task In_bash_a_flag_with_an_equals_sign_comes_in_three_words() => (await RunAsync("bash", "--norc", "-c", """
        eval "$(gtc completion bash)"
        COMP_WORDS=(gtc op env show --env = prev) COMP_CWORD=6
        _gtc_complete gtc && printf '%s\n' "${COMPREPLY[@]}"
        """)).ShouldBe(["preview"]);

    [Theory]
    [MemberData(nameof(Lines))]
    public async Task In_zsh(string line, string expected) => (await RunAsync("zsh", "-f", "-c", $$"""
        autoload -U compinit && compinit -u -d "$HOME/.zcompdump"
        eval "$(gtc completion zsh)"
        [[ $_comps[gtc] = _gtc ]] || exit 9
        # The shell's own menu needs a terminal; what it is handed is what counts.
        _describe() { print -l -- "${(@P)3}" }
        _files() { : }
        words=(gtc {{line}}) CURRENT=$#words
        _gtc
        """)).Select(found => found.Split(':')[0]).ShouldBe(Words(expected), ignoreOrder: true);

    [Theory]
    [MemberData(nameof(Lines))]
    public async Task In_fish(string line, string expected) => (await RunAsync("fish", "--no-config", "-c", $"""
        gtc completion fish | source
        complete -C "gtc {line}"
        """)).Select(found => found.Split('\t')[0]).ShouldBe(Words(expected), ignoreOrder: true);

    private static string[] Words(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private async Task<string[]> RunAsync(string shell, params string[] words)
    {
        var folders = Environment.GetEnvironmentVariable("PATH")!;
        Assert.SkipUnless(folders.Split(':').Any(folder => File.Exists(Path.Combine(folder, shell))), $"{shell} is not installed; eng/install-test-servers installs it");
        foreach (var environment in new[] { "prod", "preview" })
        {
            var made = await _home.Gtc.RunAsync("op", "env", "create", environment);
            made.ExitCode.ShouldBe(0, made.Errors);
        }

        var bin = _home.PathTo("bin");
        Directory.CreateDirectory(bin);
        File.CreateSymbolicLink(Path.Combine(bin, "gtc"), GtcExecutable.Path);
        var start = new ProcessStartInfo(shell, words) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = _home.PathTo("bin") };
        start.Environment["HOME"] = _home.Folder;
        start.Environment["PATH"] = $"{bin}:{folders}";
        start.Environment.Remove("GREENTIC_STORE_ROOT");
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        (await errors).ShouldBeEmpty();
        return [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries)];
    }
}
