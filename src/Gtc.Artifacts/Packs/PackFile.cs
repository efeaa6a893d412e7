using System.Collections.Immutable;
using Gtc.Artifacts.Cbor;
using Gtc.Model;

namespace Gtc.Artifacts.Packs;

/// <summary>An open <c>.gtpack</c>: its manifest is read and checked, its members are read on demand. Safe to read from several threads.</summary>
public sealed class PackFile : IDisposable
{
    /// <summary>The member every pack must have.</summary>
    public const string ManifestMember = "manifest.cbor";

    private readonly PackArchive _archive;
    private readonly PackLimits _limits;

    private PackFile(string label, PackArchive archive, PackLimits limits, PackManifest manifest)
    {
        Label = label;
        _archive = archive;
        _limits = limits;
        Manifest = manifest;
    }

    /// <summary>How the pack is called in messages: its path, or the name it was opened under.</summary>
    public string Label { get; }

    /// <summary>What the pack says about itself.</summary>
    public PackManifest Manifest { get; }

    /// <summary>All files in the pack, sorted by name.</summary>
    public ImmutableArray<PackMember> Members => _archive.Members;

    /// <summary>Opens a pack file and reads its manifest.</summary>
    /// <returns>The pack; <see cref="Refusal.InvalidArgument"/> for a folder, <see cref="Refusal.FileFailed"/> when the file cannot be read, <see cref="Refusal.MalformedArtifact"/> when it is not a sound pack.</returns>
    public static Outcome<PackFile> Open(string path, PackLimits? limits = null)
    {
        if (Directory.Exists(path))
        {
            return new Refusal.InvalidArgument($"{path} is a folder, and a .gtpack file was expected") { Next = $"gtc pack build {path}" };
        }

        try
        {
            return Open(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read), path, limits);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return new Refusal.FileFailed($"{path} cannot be read: {exception.Message}");
        }
    }

    /// <summary>Opens a pack from a seekable stream, which from then on belongs to the pack (also when it is refused).</summary>
    /// <param name="content">The archive.</param>
    /// <param name="label">How to call it in messages.</param>
    /// <param name="limits">What it may cost; <see cref="PackLimits.Standard"/> when null.</param>
    public static Outcome<PackFile> Open(Stream content, string label, PackLimits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(content);
        limits ??= PackLimits.Standard;
        if (!MalformedDocumentException.Guard(label, () => PackArchive.Open(content, limits)).TryGet(out var archive, out var refusal))
        {
            content.Dispose();
            return refusal;
        }

        if (archive.Read(ManifestMember, CborDocument.MaxBytes).TryGet(out var bytes, out refusal)
            && PackManifestReader.Read(bytes, member => archive.Read(member, CborDocument.MaxBytes)).TryGet(out var manifest, out refusal))
        {
            return new PackFile(label, archive, limits, manifest);
        }

        archive.Dispose();
        return new Refusal.MalformedArtifact($"{label} is not a sound pack: {refusal.Message}");
    }

    /// <summary>Reads a member whole.</summary>
    /// <param name="name">Its exact name.</param>
    /// <returns>The content, <see cref="Refusal.Missing"/>, or <see cref="Refusal.MalformedArtifact"/> when it does not unpack to what was promised.</returns>
    public Outcome<byte[]> Read(string name) => _archive.Read(name, _limits.MaxMemberBytes);

    /// <summary>Reads a member whole, unless it has more bytes than are wanted: then the refusal is <see cref="Refusal.MalformedArtifact"/>.</summary>
    public Outcome<byte[]> Read(string name, long maxBytes) => _archive.Read(name, Math.Min(maxBytes, _limits.MaxMemberBytes));

    /// <summary>Whether there is a member of this exact name.</summary>
    public bool Contains(string name) => _archive.Contains(name);

    /// <summary>Reads an asset: the path as given, then the same under <c>assets/</c>.</summary>
    public Outcome<byte[]> ReadAsset(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return Read(_archive.Contains(path) ? path : "assets/" + path);
    }

    /// <summary>Reads <c>pack.lock.cbor</c>; <see cref="Refusal.Missing"/> when the pack has none.</summary>
    public Outcome<PackLock> ReadLock() => Read(PackLock.Member).Then(bytes => PackLock.Read(bytes));

    /// <summary>Reads the list of files, <c>sbom.cbor</c> or the older <c>sbom.json</c>; <see cref="Refusal.Missing"/> when the pack has neither.</summary>
    public Outcome<PackSbom> ReadSbom() => _archive.Contains(PackSbom.Member)
        ? Read(PackSbom.Member).Then(bytes => PackSbom.Read(bytes))
        : Read(PackSbom.LegacyMember).Then(bytes => PackSbom.ReadJson(bytes));

    /// <summary>Reads <c>components/&lt;id&gt;.manifest.cbor</c>; <see cref="Refusal.Missing"/> when the component has none.</summary>
    public Outcome<ComponentManifest> ReadComponentManifest(string componentId) =>
        Read($"components/{componentId}.manifest.cbor").Then(bytes => ComponentManifest.Read(bytes));

    /// <inheritdoc/>
    public void Dispose() => _archive.Dispose();
}
