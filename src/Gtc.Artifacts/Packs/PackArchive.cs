using System.Collections.Immutable;
using System.IO.Compression;
using Gtc.Artifacts.Cbor;
using Gtc.Model;

namespace Gtc.Artifacts.Packs;

/// <summary>
/// The ZIP container of a pack. Names and promised sizes are checked when it is opened; when a member is read it may yield exactly
/// the bytes it promised and not one more, so that the checked total holds for what is really unpacked.
/// </summary>
internal sealed class PackArchive : IDisposable
{
    private readonly Stream _stream;
    private readonly ZipArchive _zip;
    private readonly Dictionary<string, ZipArchiveEntry> _entries;
    private readonly Lock _reading = new();

    private PackArchive(Stream stream, ZipArchive zip, Dictionary<string, ZipArchiveEntry> entries)
    {
        _stream = stream;
        _zip = zip;
        _entries = entries;
        Members = [.. entries.Values.Select(entry => new PackMember(entry.FullName, entry.Length)).OrderBy(member => member.Name, StringComparer.Ordinal)];
    }

    public ImmutableArray<PackMember> Members { get; }

    public static PackArchive Open(Stream stream, PackLimits limits)
    {
        ZipArchive? zip = null;
        try
        {
            ZipPreflight.Check(stream, limits);
            stream.Position = 0;
            zip = new ZipArchive(stream, ZipArchiveMode.Read, leaveOpen: true);
            return new(stream, zip, Index(zip, limits));
        }
        catch (Exception exception) when (exception is InvalidDataException or EndOfStreamException or ArgumentException)
        {
            zip?.Dispose();
            throw new MalformedDocumentException($"it is not a readable ZIP archive: {exception.Message}");
        }
        catch (MalformedDocumentException)
        {
            zip?.Dispose();
            throw;
        }
    }

    public bool Contains(string name) => _entries.ContainsKey(name);

    public Outcome<byte[]> Read(string name, long maxBytes)
    {
        if (!_entries.TryGetValue(name, out var entry))
        {
            return new Refusal.Missing($"the pack has no member {name}");
        }

        if (entry.Length > maxBytes)
        {
            return new Refusal.MalformedArtifact($"{name} has {entry.Length} bytes, at most {maxBytes} are accepted");
        }

        lock (_reading)
        {
            try
            {
                using var content = entry.Open();
                var bytes = new byte[entry.Length];
                var read = content.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
                return read == bytes.Length && content.ReadByte() < 0 && Crc32.Of(bytes) == entry.Crc32
                    ? bytes
                    : new Refusal.MalformedArtifact($"{name} does not unpack to the {entry.Length} bytes that the archive promises");
            }
            catch (Exception exception) when (exception is InvalidDataException or IOException)
            {
                return new Refusal.MalformedArtifact($"{name} cannot be unpacked: {exception.Message}");
            }
        }
    }

    public void Dispose()
    {
        _zip.Dispose();
        _stream.Dispose();
    }

    private static Dictionary<string, ZipArchiveEntry> Index(ZipArchive zip, PackLimits limits)
    {
        var files = new Dictionary<string, ZipArchiveEntry>(StringComparer.Ordinal);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        long total = 0;
        foreach (var entry in zip.Entries)
        {
            var shown = DocumentValue.Shown(entry.FullName);
            if (MemberName.Problem(entry.FullName) is { } problem)
            {
                throw new MalformedDocumentException($"the member name `{shown}` {problem}");
            }

            if (!seen.Add(entry.FullName.TrimEnd('/')))
            {
                throw new MalformedDocumentException($"the member `{shown}` occurs twice");
            }

            if (entry.IsEncrypted)
            {
                throw new MalformedDocumentException($"the member `{shown}` is encrypted");
            }

            total += entry.Length;
            if (entry.Length > limits.MaxMemberBytes || total > limits.MaxTotalBytes)
            {
                throw new MalformedDocumentException($"`{shown}` makes the pack unpack to more than is accepted "
                    + $"({limits.MaxMemberBytes} bytes per member, {limits.MaxTotalBytes} together)");
            }

            if (!entry.FullName.EndsWith('/'))
            {
                files.Add(entry.FullName, entry);
            }
        }

        return files;
    }
}
