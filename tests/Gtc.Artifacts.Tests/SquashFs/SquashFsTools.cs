using System.ComponentModel;
using System.Diagnostics;

namespace Gtc.Artifacts.Tests.SquashFs;

/// <summary>The reference implementation, as an oracle.</summary>
internal static class SquashFsTools
{
    public static Task PackAsync(string folder, string image, params IEnumerable<string> options) =>
        RunAsync("mksquashfs", [folder, image, "-noappend", "-all-root", "-quiet", "-no-progress", "-processors", "1", .. options]);

    public static Task UnpackAsync(string image, string folder) =>
        RunAsync("unsquashfs", ["-quiet", "-no-progress", "-processors", "1", "-dest", folder, image]);

    private static async Task RunAsync(string tool, IEnumerable<string> arguments)
    {
        using var process = new Process();
        process.StartInfo = new ProcessStartInfo(tool, arguments) { RedirectStandardError = true, RedirectStandardOutput = true };
        try
        {
            process.Start();
        }
        catch (Win32Exception)
        {
            Assert.Fail($"{tool} is not here: install squashfs-tools");
        }

        var cancellationToken = TestContext.Current.CancellationToken;
        var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        var errors = await process.StandardError.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        process.ExitCode.ShouldBe(0, $"{tool} {string.Join(' ', process.StartInfo.ArgumentList)}\n{await output}\n{errors}");
    }
}
