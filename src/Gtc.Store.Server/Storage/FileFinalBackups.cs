using System.Collections.Immutable;
using Gtc.Model;

namespace Gtc.Store.Server;

/// <summary>Final backups as files, <c>.server/ended/ID.json</c> beside <c>ID.br</c> and <c>ID.artifacts</c>; ids are in the order of time.</summary>
internal sealed class FileFinalBackups(FileEnvironmentStore store, RandomSource random)
{
    private const string Manifest = ".json";
    private const string Content = ".br";
    private const string Artifacts = ".artifacts";

    /// <summary>A longer audit log stays in <c>.destroyed/</c> when its environment comes back.</summary>
    private const long MostLog = 128 << 20;

    private readonly string _folder = Path.Combine(store.Layout.Root, ".server", "ended");

    /// <summary>Keeps one, and no more than <see cref="FinalBackup.Most"/>.</summary>
    /// <returns>Null when it is kept.</returns>
    public Refusal? Save(FinalBackup backup) => Tried(() =>
    {
        Directory.CreateDirectory(_folder);
        var file = new AtomicFile(random);
        var id = backup.Manifest.BackupId;

        // The manifest last: what it tells of is there then.
        if ((file.Write(PathOf(id, Content), backup.Content.Span, AtomicFile.Private)
            ?? file.Write(PathOf(id, Artifacts), FinalBackup.ToBytes(backup.Artifacts), AtomicFile.Private)
            ?? file.Write(PathOf(id, Manifest), FinalBackup.ToBytes(backup.Manifest), AtomicFile.Private)) is { } unwritten)
        {
            return unwritten;
        }

        foreach (var surplus in Ids().SkipLast(FinalBackup.Most))
        {
            File.Delete(PathOf(surplus, Manifest));
            File.Delete(PathOf(surplus, Content));
            File.Delete(PathOf(surplus, Artifacts));
        }

        return (Outcome<bool>)true;
    }).Refusal;

    /// <summary>All manifests, oldest first.</summary>
    public Outcome<ImmutableArray<BackupManifest>> List() => Tried(() => FinalBackup.Parse(Ids().Select(id => File.ReadAllBytes(PathOf(id, Manifest)))));

    /// <summary>One of them, with the log that its environment left behind.</summary>
    public Outcome<EnvironmentImage> Read(string id) => Tried(() => !File.Exists(PathOf(id, Manifest)) ? new Refusal.Missing($"there is no backup {id}")
        : FinalBackup.Parse(File.ReadAllBytes(PathOf(id, Manifest))).Then(manifest => KeptBackups.Read(manifest, new SideDocument(File.ReadAllBytes(PathOf(id, Content)))).Then(image => WithLog(image, manifest))));

    /// <summary>The artifacts that one of them names.</summary>
    public Outcome<ImmutableArray<string>> ReadArtifacts(string id) => Tried(() => !File.Exists(PathOf(id, Manifest)) ? new Refusal.Missing($"there is no backup {id}")
        : File.Exists(PathOf(id, Artifacts)) ? FinalBackup.ParseArtifacts(File.ReadAllBytes(PathOf(id, Artifacts)))
        : Read(id).Then<ImmutableArray<string>>(image => UnusedArtifacts.NamedBy(image.Document).ToImmutableArray()));

    /// <summary>Without that log there is none, unless the backup has all of it.</summary>
    private Outcome<EnvironmentImage> WithLog(EnvironmentImage image, BackupManifest manifest) =>
        (manifest.AuditHead is { } head ? store.EndedLog(image.Document.EnvironmentId, head, MostLog) : ImmutableArray<ReadOnlyMemory<byte>>.Empty).Then<EnvironmentImage>(lines =>
            lines.IsEmpty && image.Audit.Length == manifest.AuditLines ? image : image with { Audit = lines });

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
