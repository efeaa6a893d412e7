using Gtc.Model;

namespace Gtc.Store;

/// <summary>Turns a failed system call into words that help.</summary>
internal static class FileRefusals
{
    /// <summary>The store cannot do its work.</summary>
    /// <param name="attempt">What was attempted, e.g. <c>environment.json could not be written</c>.</param>
    /// <param name="error">Why.</param>
    public static Refusal.StoreFailed Store(string attempt, FileCallException error) => new($"{attempt}: {error.Message}")
    {
        Details = [new("file", error.Path), new("call", $"{error.Call} (errno {error.Errno})")],
        Next = Next(error),
    };

    /// <summary>A command that shows what is wrong, or null when none would.</summary>
    public static string? Next(FileCallException error)
    {
        var folder = Path.GetDirectoryName(error.Path) is { Length: > 0 } parent ? parent : error.Path;
        return error.Errno switch
        {
            Errno.NoSpace or Errno.QuotaExceeded => $"df -h {folder}",
            Errno.ReadOnlyFileSystem => $"findmnt -T {folder}",
            Errno.AccessDenied or Errno.NotPermitted => $"ls -ld {folder}",
            _ => null,
        };
    }
}
