using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Gtc.Fleet.Agent.Setup;

/// <summary>
/// The locks that useradd, usermod and their kin take: a record lock on <c>/etc/.pwd.lock</c>, and a file <c>FILE.lock</c> that holds the process's id and is made by a hard link.
/// Whoever holds them is alone with the file, whichever program the others are. A lock of a process that is gone is taken over.
/// </summary>
internal sealed partial class ShadowLock : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private readonly FileStream _passwords;
    private readonly List<string> _held = [];

    private ShadowLock(FileStream passwords) => _passwords = passwords;

    /// <summary>Takes the locks of some files, all or none.</summary>
    /// <param name="folder">Where they are, e.g. <c>/etc</c>.</param>
    /// <param name="names">The files, always in the same order.</param>
    /// <param name="patience">How long to wait for others.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task<AgentResult<ShadowLock>> TakeAsync(string folder, string[] names, TimeSpan patience, TimeProvider time, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        while (true)
        {
            if (TryTake(folder, names, out var holder) is { } taken)
            {
                return taken;
            }

            if (time.GetElapsedTime(began) > patience)
            {
                return new AgentError($"{holder} is held by another program for {patience.TotalSeconds:0} s already; end it, or remove the file if no useradd or usermod is running");
            }

            await Task.Delay(Pause, time, cancellationToken);
        }
    }

    public void Dispose()
    {
        foreach (var held in _held)
        {
            File.Delete(held);
        }

        _passwords.Dispose();
    }

    private static ShadowLock? TryTake(string folder, string[] names, out string holder)
    {
        holder = Path.Combine(folder, ".pwd.lock");
        var passwords = new FileStream(holder, new FileStreamOptions
        {
            Mode = FileMode.OpenOrCreate,
            Access = FileAccess.ReadWrite,
            Share = FileShare.ReadWrite,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        });
        var taken = new ShadowLock(passwords);
        try
        {
            // Everything from the first byte on, as lckpwdf(3).
            passwords.Lock(0, 0);
        }
        catch (IOException)
        {
            taken.Dispose();
            return null;
        }

        foreach (var name in names)
        {
            holder = Path.Combine(folder, name + ".lock");
            if (!TryLink(holder))
            {
                taken.Dispose();
                return null;
            }

            taken._held.Add(holder);
        }

        return taken;
    }

    private static bool TryLink(string path)
    {
        var own = string.Create(CultureInfo.InvariantCulture, $"{path}.{Environment.ProcessId}.{Environment.CurrentManagedThreadId}");
        File.WriteAllBytes(own, Encoding.ASCII.GetBytes(Environment.ProcessId.ToString(CultureInfo.InvariantCulture) + "\0"));
        try
        {
            if (Link(own, path) == 0)
            {
                return true;
            }

            if (!IsStale(path))
            {
                return false;
            }

            // Nobody else can take it over at the same time: the record lock is held.
            File.Delete(path);
            return Link(own, path) == 0;
        }
        finally
        {
            File.Delete(own);
        }
    }

    private static bool IsStale(string path)
    {
        try
        {
            var text = File.ReadAllText(path).TrimEnd('\0', '\n', ' ');
            return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var process) && process > 0 && !Directory.Exists($"/proc/{process}");
        }
        catch (IOException)
        {
            // It went this moment.
            return false;
        }
    }

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(string from, string to);
}
