using Gtc.Model;

namespace Gtc.Store;

/// <summary>The environment's key for cookies that keep callers on a revision, <c>revision-signing.key</c>: 32 raw bytes for the owner alone (dispatcher.md §2).</summary>
public static class RevisionSigningKey
{
    /// <summary>The file's name.</summary>
    public const string FileName = "revision-signing.key";

    /// <summary>The bytes of a key.</summary>
    public const int Length = 32;

    /// <summary>The key, or null when there is none. One of another length is refused: cookies signed with it would be worth nothing.</summary>
    /// <param name="files">The environment's files.</param>
    public static Outcome<byte[]?> Load(EnvironmentFiles files)
    {
        ArgumentNullException.ThrowIfNull(files);
        return files.Read(FileName, Length + 1).TryGet(out var key, out var refusal) ? key is null or { Length: Length } ? key : Broken(files) : Broken(files, refusal);
    }

    /// <summary>The key; made when there is none. Of two processes that make it at once, one does and both use its key.</summary>
    /// <param name="files">The environment's files.</param>
    /// <param name="random">Makes the key.</param>
    public static Outcome<byte[]> LoadOrMake(EnvironmentFiles files, RandomSource random)
    {
        ArgumentNullException.ThrowIfNull(files);
        ArgumentNullException.ThrowIfNull(random);
        if (!Load(files).TryGet(out var key, out var refusal))
        {
            return refusal;
        }

        if (key is not null)
        {
            return key;
        }

        try
        {
            files.Atomic.CreateNew(files.Layout.Resolve(FileName), Make(random), AtomicFile.Private);
        }
        catch (FileCallException error)
        {
            return FileRefusals.Store($"{FileName} could not be made", error);
        }

        // Whoever was first has made it; its content is whole before it has its name.
        return Load(files).Then<byte[]>(present => present is null ? Broken(files) : present);
    }

    /// <summary>A key that is kept nowhere: what a dry run shows in place of the one that would be made.</summary>
    /// <param name="random">Makes the key.</param>
    public static byte[] Make(RandomSource random)
    {
        ArgumentNullException.ThrowIfNull(random);
        var made = new byte[Length];
        random(made);
        return made;
    }

    private static Refusal.StoreFailed Broken(EnvironmentFiles files, Refusal? reason = null)
    {
        var path = files.Layout.Resolve(FileName);
        return new($"{path} must have exactly {Length} bytes{(reason is null ? "" : $": {reason.Message}")}") { Next = $"rm {path}   a new key is made; callers lose their cookies" };
    }
}
