using Gtc.Model;

namespace Gtc.EnvPacks;

/// <summary>Says whether the files of an installed pack are signed by a trusted key.</summary>
/// <param name="folder">The pack's folder.</param>
/// <returns>Null when they are, else why not.</returns>
public delegate Refusal? PackVerifier(string folder);

/// <summary>The env-packs of other people: a folder <c>&lt;kind&gt;@&lt;version&gt;</c> each. A pack's bytes are verified before they are read, and read before they are run.</summary>
public sealed class InstalledPacks
{
    private readonly PackVerifier _verify;
    private readonly Func<string, string?> _variable;
    private readonly TimeProvider _time;

    /// <summary>Names the folder of all packs; it need not exist.</summary>
    /// <param name="root">The folder.</param>
    /// <param name="verify">Checks signatures.</param>
    /// <param name="variable">Reads a variable of this process, for packs that ask for it.</param>
    /// <param name="time">Measures deadlines.</param>
    public InstalledPacks(string root, PackVerifier verify, Func<string, string?> variable, TimeProvider time) =>
        (Root, _verify, _variable, _time) = (root, verify, variable, time);

    /// <summary>The folder of all packs.</summary>
    public string Root { get; }

    /// <summary>The descriptors of what is installed, sorted by path and version; whether it can be believed is not looked at.</summary>
    public IReadOnlyList<PackDescriptor> List() => !Directory.Exists(Root)
        ? []
        : [.. Directory.GetDirectories(Root)
            .Select(folder => PackDescriptor.TryParse(Path.GetFileName(folder), out var kind) ? kind : (PackDescriptor?)null)
            .OfType<PackDescriptor>()
            .OrderBy(kind => kind.Path, StringComparer.Ordinal)
            .ThenBy(kind => PackVersion.TryParse(kind.Version, out var version) ? version : default)];

    /// <summary>Finds, verifies and greets a pack.</summary>
    /// <param name="kind">What is looked for.</param>
    /// <param name="slot">The slot that it is to fill; any of its own when null.</param>
    /// <param name="cancellationToken">Stops waiting for its program.</param>
    public async Task<Resolution> FindAsync(PackDescriptor kind, CapabilitySlot? slot, CancellationToken cancellationToken)
    {
        var folder = Path.Combine(Root, kind.ToString());
        if (!Directory.Exists(folder))
        {
            var others = List().Where(other => other.Path == kind.Path).Select(other => $"={other.Version}").ToList();
            return others.Count == 0 ? new RegistryError.Unknown(kind) : new RegistryError.VersionUnsupported(kind, kind.Version, string.Join(" or ", others));
        }

        if (_verify(folder) is { } untrusted)
        {
            return new RegistryError.Unusable(kind, untrusted.Message);
        }

        if (!(await LoadAsync(folder, slot, cancellationToken)).TryGet(out var pack, out var refusal))
        {
            return new RegistryError.Unusable(kind, refusal.Message);
        }

        return pack.Manifest.Kind == kind ? Resolution.Found(pack) : new RegistryError.Unusable(kind, $"its {PackManifest.FileName} says `{pack.Manifest.Kind}`");
    }

    /// <summary>Reads the manifest of a folder.</summary>
    /// <returns>The manifest, or <see cref="Refusal.MalformedArtifact"/>.</returns>
    public static Outcome<PackManifest> ReadManifest(string folder)
    {
        var file = new FileInfo(Path.Combine(folder, PackManifest.FileName));
        return file is { Exists: true, Length: <= PackManifest.MaxBytes }
            ? PackManifest.Parse(File.ReadAllBytes(file.FullName))
            : new Refusal.MalformedArtifact(file.Exists ? $"{PackManifest.FileName} has {file.Length} bytes, the most is {PackManifest.MaxBytes}" : $"{folder} has no {PackManifest.FileName}");
    }

    private async Task<Outcome<ExternalPack>> LoadAsync(string folder, CapabilitySlot? slot, CancellationToken cancellationToken)
    {
        if (!ReadManifest(folder).TryGet(out var manifest, out var refusal)
            || !(await StartAsync(folder, manifest, cancellationToken)).TryGet(out var process, out refusal))
        {
            return refusal;
        }

        await using (process)
        {
            var fits = slot is { } wanted && manifest.Slots.Contains(wanted) ? wanted : manifest.Slots[0];
            var form = manifest.Questions
                ? (await process.CallAsync(PackMethod.Questions, [], null, cancellationToken)).Then(FormDocuments.Read).Then<QuestionForm?>(read => read)
                : (QuestionForm?)null;
            return form.Then<ExternalPack>(questions => new ExternalPack(manifest, folder, fits, questions, stop => StartAsync(folder, manifest, stop)));
        }
    }

    private Task<Outcome<PackProcess>> StartAsync(string folder, PackManifest manifest, CancellationToken cancellationToken) =>
        PackProcess.StartAsync(folder, manifest, _variable, _time, cancellationToken);
}
