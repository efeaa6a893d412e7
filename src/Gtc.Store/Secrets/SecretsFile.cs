using Gtc.Model;
using Microsoft.Win32.SafeHandles;

namespace Gtc.Store;

/// <summary>
/// The file of secrets on disk. It is replaced whole, for its owner alone; writers exclude each other, those of the existing runtime
/// included, by the lock of a file beside it (store.md §8.4).
/// </summary>
internal sealed class SecretsFile(string path, AtomicFile atomic)
{
    private const string Variable = "GREENTIC_DEV_SECRETS_PATH";

    public string Path => path;

    /// <summary>Where the file is or will be (store.md §8.1).</summary>
    public static string Locate(EnvironmentLayout layout, SecretAccess access, AtomicFile atomic)
    {
        if (access.Filled(Variable) is { } named)
        {
            return System.IO.Path.GetFullPath(named);
        }

        const string Name = ".dev.secrets.env";
        var usual = System.IO.Path.Combine(layout.Folder, ".greentic", "dev", Name);
        var older = System.IO.Path.Combine(layout.Folder, ".greentic", "state", "dev", Name);
        return atomic.Calls.Status(usual, followLinks: true) is null && atomic.Calls.Status(older, followLinks: true) is not null ? older : usual;
    }

    /// <summary>Waits for the right to write.</summary>
    public SafeFileHandle Lock(DateTimeOffset now)
    {
        var sidecar = path + ".lock";
        var folder = System.IO.Path.GetDirectoryName(path)!;
        atomic.EnsureFolder(folder);
        var file = atomic.Calls.Open(sidecar, OpenWay.Append, AtomicFile.Private);
        try
        {
            atomic.Calls.Lock(file, wait: true, sidecar);
        }
        catch (FileCallException)
        {
            file.Dispose();
            throw;
        }

        atomic.Sweep(folder, now);
        return file;
    }

    /// <summary>The text, empty when there is no file. Under the lock nothing but a broken disk can make it torn.</summary>
    public SecretsFileText Read() => atomic.Read(path, SecretsFileText.MaxBytes) is { } bytes ? SecretsFileText.Parse(bytes) : SecretsFileText.None;

    /// <summary>Replaces the file.</summary>
    public void Write(SecretsFileText text)
    {
        var bytes = text.ToBytes();
        if (bytes.Length > SecretsFileText.MaxBytes)
        {
            throw new BrokenSecretsException($"it would have {bytes.Length:N0} bytes, the most is {SecretsFileText.MaxBytes:N0}");
        }

        atomic.Replace(path, bytes, AtomicFile.Private);
    }

    /// <summary>Whether anybody but the owner may do anything with it.</summary>
    public bool IsOpenToOthers => atomic.Calls.Status(path, followLinks: true) is { IsOpenToOthers: true };
}
