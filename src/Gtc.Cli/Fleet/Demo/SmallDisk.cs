using System.Globalization;
using Gtc.EnvPacks;
using Gtc.Model;

namespace Gtc.Cli.Fleet.Demo;

/// <summary>A small disk of its own for one device, so that it can be filled without harm: a file with a file system, or memory where there are no loop devices. Needs root.</summary>
internal sealed class SmallDisk(string file, string place, IToolRunner tools)
{
    private const int Mebibytes = 160;

    private string Filler => Path.Combine(place, "filler");

    /// <summary>Makes and mounts it.</summary>
    public async Task<Refusal?> MountAsync(CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(place);
        await using (var image = File.Create(file))
        {
            image.SetLength(Mebibytes << 20);
        }

        if (await RunAsync("mkfs.ext4", ["-q", "-m", "0", file], cancellationToken) is null && await RunAsync("mount", ["-o", "loop", file, place], cancellationToken) is null)
        {
            return null;
        }

        var size = string.Create(CultureInfo.InvariantCulture, $"size={Mebibytes}m");
        return await RunAsync("mount", ["-t", "tmpfs", "-o", size, "tmpfs", place], cancellationToken);
    }

    /// <summary>Fills it.</summary>
    /// <param name="left">How many bytes stay free.</param>
    public Refusal? Fill(long left)
    {
        try
        {
            var free = new DriveInfo(place).AvailableFreeSpace;
            using var filler = new FileStream(Filler, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 20);
            var zeros = new byte[1 << 20];
            for (var rest = free - left; rest > 0; rest -= zeros.Length)
            {
                filler.Write(zeros, 0, (int)Math.Min(rest, zeros.Length));
            }

            return null;
        }
        catch (IOException error)
        {
            return new Refusal.FileFailed($"the small disk could not be filled: {error.Message}");
        }
    }

    /// <summary>Makes room again.</summary>
    public void Free() => File.Delete(Filler);

    /// <summary>Takes it away; one that is not mounted is no failure.</summary>
    public Task UnmountAsync(CancellationToken cancellationToken) => RunAsync("umount", ["-l", place], cancellationToken);

    private async Task<Refusal?> RunAsync(string program, string[] words, CancellationToken cancellationToken) => await tools.RunAsync(program, words, cancellationToken) switch
    {
        { ExitCode: 0 } => null,
        null => new Refusal.Missing($"{program} is not installed") { Next = "apt-get install -y mount e2fsprogs" },
        var ran => new Refusal.FileFailed($"`{program} {string.Join(' ', words)}` ended with {ran.ExitCode}: {ran.Error.Trim()}"),
    };
}
