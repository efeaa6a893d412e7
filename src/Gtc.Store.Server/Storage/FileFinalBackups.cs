using System.Collections.Immutable;
using Gtc.Model;

namespace Gtc.Store.Server;

/// <summary>Final backups as files, <c>.server/ended/ID.json</c> beside <c>ID.br</c>; ids are in the order of time.</summary>
internal sealed class FileFinalBackups(StoreLayout layout, RandomSource random)
{
    private const string Manifest = ".json";
    private const string Content = ".br";

    private readonly string _folder = Path.Combine(layout.Root, ".server", "ended");

    /// <summary>Keeps one, and no more than <see cref="FinalBackup.Most"/>.</summary>
    /// <returns>Null when it is kept.</returns>
    public Refusal? Save(FinalBackup backup) => Tried(() =>
    {
        Directory.CreateDirectory(_folder);
        var file = new AtomicFile(random);
        var id = backup.Manifest.BackupId;

        // The manifest last: what it tells of is there then.
        if ((file.Write(PathOf(id, Content), backup.Content.Span, AtomicFile.Private) ?? file.Write(PathOf(id, Manifest), FinalBackup.ToBytes(backup.Manifest), AtomicFile.Private)) is { } unwritten)
        {
            return unwritten;
        }

        foreach (var surplus in Ids().SkipLast(FinalBackup.Most))
        {
            File.Delete(PathOf(surplus, Manifest));
            File.Delete(PathOf(surplus, Content));
        }

        return (Outcome<bool>)true;
    }).Refusal;

    /// <summary>All manifests, oldest first.</summary>
    public Outcome<ImmutableArray<BackupManifest>> List() => Tried(() => FinalBackup.Parse(Ids().Select(id => File.ReadAllBytes(PathOf(id, Manifest)))));

    /// <summary>One of them.</summary>
    public Outcome<EnvironmentImage> Read(string id) => Tried(() => !File.Exists(PathOf(id, Manifest)) ? new Refusal.Missing($"there is no backup {id}")
        : FinalBackup.Parse(File.ReadAllBytes(PathOf(id, Manifest))).Then(manifest => KeptBackups.Read(manifest, new SideDocument(File.ReadAllBytes(PathOf(id, Content))))));

    private List<string> Ids() => Directory.Exists(_folder)
        ? Directory.EnumerateFiles(_folder, "*" + Manifest).Select(path => Path.GetFileNameWithoutExtension(path)!).Where(name => Ulid.TryParse(name, out _)).Order(StringComparer.Ordinal).ToList()
        : [];

    private string PathOf(string id, string kind) => Path.Combine(_folder, id + kind);

    private static Outcome<T> Tried<T>(Func<Outcome<T>> work)
    {
        try
        {
            return work();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return new Refusal.StoreFailed($"final backups cannot be used: {error.Message}");
        }
    }
}
