using System.Globalization;

namespace Gtc.Deployers.LocalProcess;

/// <summary>What the kernel tells about processes (proc(5)).</summary>
internal static class ProcFiles
{
    private const int MostOfEnvironment = 1 << 20;

    /// <summary>The ids of all processes.</summary>
    public static IEnumerable<int> Pids() => Directory.EnumerateDirectories("/proc")
        .Select(folder => int.TryParse(Path.GetFileName(folder.AsSpan()), NumberStyles.None, CultureInfo.InvariantCulture, out var pid) ? pid : 0)
        .Where(pid => pid > 0);

    /// <summary>What boot this is.</summary>
    public static string BootId()
    {
        try
        {
            return File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim();
        }
        catch (IOException)
        {
            return "";
        }
    }

    /// <summary>When a process began in ticks since boot, and its parent; null when there is none, or it has ended and waits to be collected.</summary>
    public static (ulong Started, int Parent)? Running(int pid)
    {
        try
        {
            // The second field is the program's name in parentheses, and may hold anything.
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return fields is ["Z" or "X" or "x", ..]
                ? null
                : (ulong.Parse(fields[19], CultureInfo.InvariantCulture), int.Parse(fields[1], CultureInfo.InvariantCulture));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>The variables that a process was started with, one <c>NAME=value</c> each; empty when they are another user's.</summary>
    public static string[] Variables(int pid)
    {
        try
        {
            using var file = File.OpenRead($"/proc/{pid}/environ");
            var bytes = new byte[MostOfEnvironment];
            var length = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            return System.Text.Encoding.UTF8.GetString(bytes, 0, length).Split('\0');
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
