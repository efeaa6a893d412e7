using Gtc.Model;

namespace Gtc.Store;

/// <summary>Whether a folder keeps what the file store builds on: it can be written and flushed, files can be renamed, and a held lock is not given twice.</summary>
/// <param name="FileSystem">The file system's name as the kernel spells it, e.g. <c>ext4</c>; empty when it does not say.</param>
/// <param name="ExcludesOthers">Whether a lock that is held was refused to a second holder.</param>
/// <param name="FlushMilliseconds">How long the quickest of three flushes took, milliseconds. Far under a tenth of one, nothing was flushed to a disk.</param>
public sealed record DiskProbe(string FileSystem, bool ExcludesOthers, double FlushMilliseconds)
{
    private const int Flushes = 3;

    /// <summary>Tries it with a small file that is removed again.</summary>
    /// <param name="folder">An existing folder.</param>
    /// <param name="time">Measures the flush.</param>
    /// <param name="random">Names the file.</param>
    /// <returns>What was found; or a refusal that says which call failed.</returns>
    public static Outcome<DiskProbe> Run(string folder, TimeProvider time, RandomSource random)
    {
        ArgumentNullException.ThrowIfNull(time);
        ArgumentNullException.ThrowIfNull(random);
        return Run(folder, time, random, LinuxFileCalls.Instance);
    }

    internal static Outcome<DiskProbe> Run(string folder, TimeProvider time, RandomSource random, IFileCalls calls)
    {
        Span<byte> noise = stackalloc byte[Ulid.RandomLength];
        random(noise);
        var first = Path.Combine(folder, $".probe-{Ulid.From(time.GetUtcNow(), noise)}");
        var second = first + ".renamed";
        try
        {
            return Try(first, second, time, calls);
        }
        catch (FileCallException error)
        {
            return FileRefusals.Store($"{folder} does not keep what the store builds on", error);
        }
        finally
        {
            Remove(first, calls);
            Remove(second, calls);
        }
    }

    private static DiskProbe Try(string first, string second, TimeProvider time, IFileCalls calls)
    {
        using var file = calls.Open(first, OpenWay.CreateNew, AtomicFile.Private);
        var quickest = double.MaxValue;
        for (var flush = 0; flush < Flushes; flush++)
        {
            calls.Write(file, "gtc\n"u8, first);
            var began = time.GetTimestamp();
            calls.SyncData(file, first);
            quickest = Math.Min(quickest, time.GetElapsedTime(began).TotalMilliseconds);
        }

        calls.Rename(first, second);
        calls.SyncFolder(Path.GetDirectoryName(second)!);
        using var one = calls.Open(second, OpenWay.Append, AtomicFile.Private);
        using var other = calls.Open(second, OpenWay.Append, AtomicFile.Private);
        var excludes = calls.Lock(one, wait: false, second) && !calls.Lock(other, wait: false, second);
        return new DiskProbe(FileSystemOf(second), excludes, quickest);
    }

    private static string FileSystemOf(string path)
    {
        try
        {
            return new DriveInfo(path).DriveFormat;
        }
        catch (IOException)
        {
            return "";
        }
    }

    private static void Remove(string path, IFileCalls calls)
    {
        try
        {
            calls.Unlink(path);
        }
        catch (FileCallException)
        {
            // What cannot be removed could not be made either, and that was said already.
        }
    }
}
