using Gtc.Model;

namespace Gtc.Store;

/// <summary>The file of secrets, wherever it is kept. It is replaced whole.</summary>
internal abstract class SecretsFile
{
    /// <summary>Where, for people.</summary>
    public abstract string Path { get; }

    /// <summary>Whether anybody but the owner may do anything with it.</summary>
    public abstract bool IsOpenToOthers { get; }

    /// <summary>Waits for the right to write.</summary>
    public abstract IDisposable Lock(DateTimeOffset now);

    /// <summary>The file as it is, or null when there is none.</summary>
    public abstract byte[]? Bytes();

    /// <summary>The text, empty when there is no file. Under the lock nothing but a broken disk can make it torn.</summary>
    public SecretsFileText Read() => Bytes() is { } bytes ? SecretsFileText.Parse(bytes) : SecretsFileText.None;

    /// <summary>Replaces the file.</summary>
    public void Write(SecretsFileText text)
    {
        var bytes = text.ToBytes();
        if (bytes.Length > SecretsFileText.MaxBytes)
        {
            throw new BrokenSecretsException($"it would have {bytes.Length:N0} bytes, the most is {SecretsFileText.MaxBytes:N0}");
        }

        Replace(bytes);
    }

    protected abstract void Replace(byte[] bytes);
}

/// <summary>The file of secrets as it came from a store server; what is written goes back there.</summary>
/// <param name="place">Where it is, for people.</param>
/// <param name="bytes">The file; empty when there is none.</param>
internal sealed class SecretsFileAtHand(string place, byte[] bytes) : SecretsFile
{
    public override string Path => place;

    public override bool IsOpenToOthers => false;

    /// <summary>What was written; null when nothing was.</summary>
    public byte[]? Written { get; private set; }

    /// <summary>The server compares what it has with what was read, so there is nothing to lock.</summary>
    public override IDisposable Lock(DateTimeOffset now) => new MemoryStream();

    public override byte[]? Bytes() => (Written ?? bytes) is { Length: > 0 } present ? present : null;

    protected override void Replace(byte[] bytes) => Written = bytes;
}

/// <summary>
/// The file of secrets on disk, for its owner alone. Writers exclude each other, those of the existing runtime included, by the lock of a file beside
/// it (store.md §8.4).
/// </summary>
internal sealed class SecretsFileOnDisk(string path, AtomicFile atomic) : SecretsFile
{
    private const string Variable = "GREENTIC_DEV_SECRETS_PATH";

    public override string Path => path;

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

    public override IDisposable Lock(DateTimeOffset now)
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

    public override byte[]? Bytes() => atomic.Read(path, SecretsFileText.MaxBytes);

    public override bool IsOpenToOthers => atomic.Calls.Status(path, followLinks: true) is { IsOpenToOthers: true };

    protected override void Replace(byte[] bytes) => atomic.Replace(path, bytes, AtomicFile.Private);
}
