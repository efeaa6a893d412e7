using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Gtc.Cli.Tests.Frame;

public partial class The_process
{
    private const int SigTerm = 15;

    [Theory]
    [InlineData("greentic-deployer", "op env list", 0)]
    [InlineData("greentic-operator", "op env list", 0)]
    [InlineData("greentic-operator", "bundle inspect x", 2)]
    [InlineData("greentic-start", "op env list", 2)]
    [InlineData("gtc-dev", "op env list", 0)]
    [InlineData("anything-else", "op env list", 0)]
    public async Task Takes_the_words_of_the_name_it_is_linked_as(string name, string line, int expected)
    {
        using var cli = new TestCli();
        var link = Path.Combine(cli.Folder, name);
        File.CreateSymbolicLink(link, Executable);
        using var process = Start(link, line, cli.Folder);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        process.ExitCode.ShouldBe(expected);
    }

    [Fact]
    public async Task Serves_until_it_is_asked_to_end()
    {
        using var cli = new TestCli();
        using var process = Start(Executable, "distributor serve . --listen 127.0.0.1:0", cli.Folder);
        (await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken)).ShouldNotBeNull().ShouldContain("\"address\":\"http://127.0.0.1:");
        Kill(process.Id, SigTerm).ShouldBe(0);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        process.ExitCode.ShouldBe(0);
    }

    private static string Executable => Path.Combine(AppContext.BaseDirectory, "gtc");

    private static Process Start(string file, string line, string folder)
    {
        var start = new ProcessStartInfo(file, line) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["HOME"] = folder;
        start.Environment.Remove("GREENTIC_STORE_ROOT");
        start.Environment.Remove("GREENTIC_ENV");
        start.Environment["DOTNET_ROOT"] = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));
        return Process.Start(start)!;
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
