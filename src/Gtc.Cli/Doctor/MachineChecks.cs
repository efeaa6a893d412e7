using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.InteropServices;
using Gtc.Store;

namespace Gtc.Cli.Doctor;

/// <summary>The checks of a machine. Each answers one line and none changes anything that stays.</summary>
internal static class MachineChecks
{
    /// <summary>Below it a worker with a few hundred connections and bundles runs out.</summary>
    private const long WantedOpenFiles = 4096;

    /// <summary>Faster than any disk that keeps its promise; seen on memory disks and where flushes are switched off.</summary>
    private const double SuspiciousFlushMilliseconds = 0.02;

    private static readonly string[] NetworkFileSystems = ["nfs", "nfs4", "cifs", "smb", "smb2", "smb3", "smbfs", "9p", "ceph", "afs", "fuse.sshfs"];
    private static readonly string[] MemoryFileSystems = ["tmpfs", "ramfs"];

    /// <summary>Runs all of them.</summary>
    public static ImmutableArray<MachineCheck> Run(StoreLayout layout, CliContext context) =>
    [
        .. Disk(layout, context),
        Library("libcrypto", ["libcrypto.so.3", "libcrypto.so"], "libssl3", "signatures cannot be made or verified"),
        Library("libzstd", ["libzstd.so.1"], "libzstd1", "bundles compressed with zstd cannot be read"),
        Library("liblzma", ["liblzma.so.5"], "liblzma5", "bundles compressed with xz cannot be read"),
        Clock(layout, context),
        OpenFiles(),
        Program(context, "kubectl", "kubernetes-client", "to look into a cluster by hand"),
        Program(context, "podman", "podman", "to run containers on devices"),
    ];

    private static IEnumerable<MachineCheck> Disk(StoreLayout layout, CliContext context)
    {
        var folder = layout.Root;
        while (!Directory.Exists(folder) && Path.GetDirectoryName(folder) is { } parent && !File.Exists(folder))
        {
            folder = parent;
        }

        if (!DiskProbe.Run(folder, context.Time, new RandomSource(context.Random)).TryGet(out var probe, out var refusal))
        {
            yield return new("store-root", CheckStatus.Finding, $"{layout.Root} cannot be written: {refusal.Message}", refusal.Next ?? $"ls -ld {folder}");
            yield break;
        }

        yield return new("store-root", CheckStatus.Ok, folder == layout.Root ? $"{folder} can be written" : $"{layout.Root} is made at the first change; {folder} can be written");
        yield return Locks(probe, folder);
        yield return Flushes(probe);
    }

    private static MachineCheck Locks(DiskProbe probe, string folder) => !probe.ExcludesOthers
        ? new("file-locks", CheckStatus.Finding, $"{probe.FileSystem} gives a held lock twice: two changes at once would lose one", "keep environments on a local disk: --store-root or GREENTIC_STORE_ROOT")
        : NetworkFileSystems.Contains(probe.FileSystem)
            ? new("file-locks", CheckStatus.Finding, $"{probe.FileSystem} is a network file system: locks hold on this machine and perhaps on no other", $"findmnt -T {folder}")
            : new("file-locks", CheckStatus.Ok, $"{(probe.FileSystem.Length == 0 ? "the file system" : probe.FileSystem)} refuses a held lock to others");

    private static MachineCheck Flushes(DiskProbe probe)
    {
        var took = string.Create(CultureInfo.InvariantCulture, $"a flush takes {probe.FlushMilliseconds:0.00} ms");
        return MemoryFileSystems.Contains(probe.FileSystem)
            ? new("flush", CheckStatus.Finding, $"{took}, but {probe.FileSystem} is memory: environments are gone after a restart", "keep environments on a disk: --store-root or GREENTIC_STORE_ROOT")
            : probe.FlushMilliseconds < SuspiciousFlushMilliseconds
                ? new("flush", CheckStatus.Hint, $"{took}: too quick for a disk; what is acknowledged may not outlive a power cut")
                : new("flush", CheckStatus.Ok, took);
    }

    private static MachineCheck Library(string name, string[] files, string package, string without)
    {
        foreach (var file in files)
        {
            if (NativeLibrary.TryLoad(file, out _))
            {
                return new(name, CheckStatus.Ok, $"{file} is there");
            }
        }

        return new(name, CheckStatus.Finding, $"{files[0]} is missing: {without}", $"apt-get install {package}");
    }

    private static MachineCheck Clock(StoreLayout layout, CliContext context)
    {
        var now = context.Time.GetUtcNow();
        var newest = Directory.Exists(layout.Root)
            ? Directory.EnumerateDirectories(layout.Root).Select(folder => new DateTimeOffset(Directory.GetLastWriteTimeUtc(folder))).DefaultIfEmpty(DateTimeOffset.MinValue).Max()
            : DateTimeOffset.MinValue;
        var stamp = now.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        return newest > now + TimeSpan.FromMinutes(5)
            ? new("clock", CheckStatus.Finding, $"it is {stamp}, and the store was changed later than that: the clock went back", "timedatectl status")
            : KernelClock.IsSynchronized()
                ? new("clock", CheckStatus.Ok, $"it is {stamp}, and the kernel's clock is kept in step")
                : new("clock", CheckStatus.Hint, $"it is {stamp}; nothing on this machine tells the kernel that its clock is kept in step", "timedatectl set-ntp true");
    }

    private static MachineCheck OpenFiles()
    {
        // "Max open files   1024   1048576   files" (proc(5)); the runtime raises the first to the second when it starts.
        var words = File.ReadLines("/proc/self/limits").First(line => line.StartsWith("Max open files", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var limit = long.TryParse(words[4], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : long.MaxValue;
        return limit >= WantedOpenFiles
            ? new("open-files", CheckStatus.Ok, $"up to {words[4]} open files")
            : new("open-files", CheckStatus.Finding, $"only {words[4]} open files: a busy worker needs {WantedOpenFiles}", $"ulimit -Hn {WantedOpenFiles}");
    }

    private static MachineCheck Program(CliContext context, string name, string package, string use)
    {
        var found = (context.Variable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries).Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
        return found is not null
            ? new(name, CheckStatus.Ok, found)
            : new(name, CheckStatus.Hint, $"not on PATH; only wanted {use}", $"apt-get install {package}");
    }
}
