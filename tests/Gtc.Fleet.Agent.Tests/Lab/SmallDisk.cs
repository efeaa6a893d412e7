using System.Diagnostics;

namespace Gtc.Fleet.Agent.Tests.Lab;

/// <summary>A disk of half a MiB in memory, that a test can fill. Needs root.</summary>
internal sealed class SmallDisk : IAsyncDisposable
{
    private readonly string _folder;

    private SmallDisk(string folder) => _folder = folder;

    private string Ballast => Path.Combine(_folder, "ballast");

    public static async Task<SmallDisk> MountAsync(string folder)
    {
        Directory.CreateDirectory(folder);
        (await RunAsync("mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", folder)).ShouldBe(0);
        return new SmallDisk(folder);
    }

    public void Fill()
    {
        using var file = File.Create(Ballast);
        try
        {
            while (true)
            {
                file.Write(new byte[4096]);
                file.Flush();
            }
        }
        catch (IOException)
        {
            // Full.
        }
    }

    public void Empty() => File.Delete(Ballast);

    public async ValueTask DisposeAsync() => await RunAsync("umount", "-l", _folder);

    private static async Task<int> RunAsync(string program, params string[] words)
    {
        using var process = Process.Start(program, words);
        await process.WaitForExitAsync(CancellationToken.None);
        return process.ExitCode;
    }
}
