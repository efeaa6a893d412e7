using System.Diagnostics;

namespace Gtc.Store.Tests;

/// <summary>A memory disk of 64 KiB. Mounting takes rights that not every machine gives; then the test skips.</summary>
internal sealed class SmallDisk : IDisposable
{
    private readonly string _folder;

    private SmallDisk(string folder) => _folder = folder;

    public static SmallDisk Mount(string folder)
    {
        Directory.CreateDirectory(folder);
        Assert.SkipUnless(Run("mount", "-t", "tmpfs", "-o", "size=64k", "none", folder), "a memory disk cannot be mounted here");
        return new SmallDisk(folder);
    }

    public void MakeReadOnly() => Run("mount", "-o", "remount,ro", _folder).ShouldBeTrue();

    public void Dispose() => Run("umount", _folder);

    private static bool Run(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
