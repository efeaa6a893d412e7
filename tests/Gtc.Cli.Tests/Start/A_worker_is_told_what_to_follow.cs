using System.Text;

namespace Gtc.Cli.Tests.Start;

public sealed class A_worker_is_told_what_to_follow : IDisposable
{
    private readonly TestCli _cli = new();

    public void Dispose() => _cli.Dispose();

    [Theory]
    [InlineData("start --env prod --store-url http://127.0.0.1:9 --environment-file environment.json", "give one of them")]
    [InlineData("start --env prod --store-token-file token", "--store-token-file is given, but no store server")]
    [InlineData("start --env prod --store-ca ca.crt", "--store-ca is given, but no store server")]
    [InlineData("start --env prod --store-url store.example", "is not the address of a store server")]
    [InlineData("start --env prod --store-url http://store.example --store-token-file token", "in clear text")]
    [InlineData("start --env prod --store-url https://store.example --store-token-file absent", "absent cannot be read")]
    [InlineData("start --env prod --store-url https://store.example --store-ca absent", "absent cannot be read")]
    [InlineData("start --env prod --store-url http://127.0.0.1:9 --store-cert c --store-key k", "no TLS")]
    [InlineData("start --env prod --store-url http://127.0.0.1:9", "cannot be reached")]
    public async Task What_does_not_fit_together_is_refused(string words, string why)
    {
        _cli.Write("token", "secret-token");
        File.SetUnixFileMode(Path.Combine(_cli.Folder, "token"), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        using var error = new MemoryStream();
        using var stderr = new StringWriter();
        var code = await GtcCommandLine.RunAsync(words.Split(' '), _cli.Context(TextWriter.Null, stderr) with { OpenStderr = () => error }, TestContext.Current.CancellationToken);
        code.ShouldBe(1);
        var said = stderr + Encoding.UTF8.GetString(error.ToArray());
        said.ShouldContain(why);
        said.ShouldNotContain("secret-token");
    }
}
