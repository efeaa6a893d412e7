using Gtc.Model;

namespace Gtc.Artifacts.Materialisation;

/// <summary>
/// Where a revision lies below an environment's folder, and how it is replaced: built beside as <c>&lt;id&gt;.new</c>, then
/// swapped in by rename with the old one kept as <c>&lt;id&gt;.bak</c> until the new one stands (worker-runtime.md §7).
/// </summary>
internal sealed class RevisionFolder(string environmentFolder, RevisionId revision)
{
    private const string Folder = "revisions";
    private const string NewSuffix = ".new";
    private const string BackupSuffix = ".bak";

    public string Live { get; } = Path.Combine(environmentFolder, Folder, revision.ToString());

    public string New => Live + NewSuffix;

    public string Bundle => Path.Combine(New, "bundle.gtbundle");

    public string Unpacked => Path.Combine(New, "bundle");

    public static string LockRef(RevisionId revision) => $"{Folder}/{revision}/{Bundles.PackListLock.FileName}";

    public static string UnpackedRef(RevisionId revision) => $"{Folder}/{revision}/bundle";

    public static string ConfigRef(RevisionId revision, string packId) => $"{Folder}/{revision}/pack-configs/{packId}.json";

    /// <summary>
    /// Mends what a killed process left: a backup whose live folder is missing is put back, every other backup and every
    /// unfinished folder is removed. The caller holds the environment's materialisation lock, so nobody else is at work here.
    /// </summary>
    public static void Recover(string environmentFolder)
    {
        var folder = Path.Combine(environmentFolder, Folder);
        if (!Directory.Exists(folder))
        {
            return;
        }

        foreach (var entry in Directory.GetDirectories(folder))
        {
            if (entry.EndsWith(NewSuffix, StringComparison.Ordinal))
            {
                Directory.Delete(entry, recursive: true);
            }
            else if (entry.EndsWith(BackupSuffix, StringComparison.Ordinal))
            {
                var live = entry[..^BackupSuffix.Length];
                if (Directory.Exists(live))
                {
                    Directory.Delete(entry, recursive: true);
                }
                else
                {
                    Directory.Move(entry, live);
                }
            }
        }
    }

    /// <summary>An empty private folder to build in.</summary>
    public void Begin()
    {
        Discard();
        Directory.CreateDirectory(New, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Directory.CreateDirectory(Unpacked);
    }

    /// <summary>Puts the new folder in the old one's place; on an error the old one is back where it was.</summary>
    public void Swap()
    {
        var backup = Live + BackupSuffix;
        var hadLive = Directory.Exists(Live);
        if (hadLive)
        {
            Directory.Move(Live, backup);
        }

        try
        {
            Directory.Move(New, Live);
        }
        catch (Exception) when (hadLive)
        {
            Directory.Move(backup, Live);
            throw;
        }

        if (hadLive)
        {
            Directory.Delete(backup, recursive: true);
        }
    }

    /// <summary>Takes the live folder away: under the name of an unfinished one, which <see cref="Recover"/> deletes whoever dies in between.</summary>
    public void Remove()
    {
        Discard();
        if (Directory.Exists(Live))
        {
            Directory.Move(Live, New);
            Discard();
        }
    }

    public void Discard()
    {
        if (Directory.Exists(New))
        {
            Directory.Delete(New, recursive: true);
        }
    }
}
