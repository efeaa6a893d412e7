using System.Globalization;
using System.Runtime.InteropServices;

namespace Gtc.Fleet.Agent.Device;

/// <summary>
/// Pages of gtc's own file that the process has mapped. One file holds all verbs, and starting touches much of it that an agent never needs again; the kernel would leave it mapped
/// until memory is short. Given back, a page that is needed after all comes from the page cache.
/// </summary>
internal static partial class ProgramPages
{
    private const int DontNeed = 4;

    /// <summary>Gives back what is mapped of the program's file without having been written: such a page is the file's, and can be read again at any time.</summary>
    public static void GiveBack()
    {
        if (Environment.ProcessPath is not { } program)
        {
            return;
        }

        foreach (var (start, length) in Find(File.ReadLines("/proc/self/smaps"), program))
        {
            // Advice that is refused leaves everything as it was.
            _ = Advise(start, length, DontNeed);
        }
    }

    /// <summary>The mappings of a file that no page was written in and none can be.</summary>
    /// <param name="lines"><c>/proc/self/smaps</c> (proc(5)).</param>
    /// <param name="program">The file. Nothing unmaps it while the process lives, so that between looking and giving back no other memory can take its place.</param>
    internal static IEnumerable<(nint Start, nuint Length)> Find(IEnumerable<string> lines, string program)
    {
        (nint Start, nuint Length)? mapping = null;
        foreach (var line in lines)
        {
            if (line.StartsWith("Anonymous:", StringComparison.Ordinal))
            {
                // Relocated pages are the process's own although nobody may write them any more.
                if (mapping is { } found && line.AsSpan("Anonymous:".Length).Trim().SequenceEqual("0 kB"))
                {
                    yield return found;
                }

                mapping = null;
            }
            else if (char.IsAsciiHexDigitLower(line[0]) && line.Split(' ', 6) is [var range, var rights, _, _, _, var path])
            {
                mapping = path.TrimStart() == program && rights[0] == 'r' && rights[1] == '-' ? Range(range) : null;
            }
        }
    }

    private static (nint Start, nuint Length) Range(string range)
    {
        var dash = range.IndexOf('-', StringComparison.Ordinal);
        var start = ulong.Parse(range.AsSpan(0, dash), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        var end = ulong.Parse(range.AsSpan(dash + 1), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        return ((nint)start, (nuint)(end - start));
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(nint start, nuint length, int advice);
}
