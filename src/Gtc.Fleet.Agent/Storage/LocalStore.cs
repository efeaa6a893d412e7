using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Gtc.Fleet.Agent.CatchingUp;
using Gtc.Fleet.Contracts;

namespace Gtc.Fleet.Agent.Storage;

/// <summary>
/// The device's own copy of what it has to run and what it told (fleet.md §8.2). What is damaged counts as absent, one deployment at a time, and is fetched again.
/// One process has it at a time. Not safe for several threads, except that each deployment's state and files may be written by its own.
/// </summary>
internal sealed class LocalStore : IDisposable
{
    /// <summary>How much all scores together may have.</summary>
    public const long MaxBytes = 16 * 1024 * 1024;

    /// <summary>How many images are remembered; older ones stay where they are.</summary>
    public const int MaxImages = 1000;

    private const int MaxImagesBytes = 1024 * 1024;
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private readonly string _folder;
    private readonly FileStream _lock;
    private readonly Dictionary<DeploymentName, (LocalEntry Entry, int Length)> _desired = [];

    private LocalStore(string folder, FileStream held)
    {
        _folder = folder;
        _lock = held;
    }

    /// <summary>Which deployments the device has to run.</summary>
    public IReadOnlyDictionary<DeploymentName, LocalEntry> Desired => _desired.ToDictionary(pair => pair.Key, pair => pair.Value.Entry);

    /// <summary>The manifest that was taken over last, or null when none is known.</summary>
    public DeviceManifest? Manifest { get; private set; }

    /// <summary>Differs between two machines that use one id.</summary>
    public required string InstanceId { get; init; }

    /// <summary>Opens a folder, making it when it is not there.</summary>
    public static AgentResult<LocalStore> Open(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder, Private);
            var held = new FileStream(Path.Combine(folder, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            try
            {
                var store = new LocalStore(folder, held) { InstanceId = Instance(folder) };
                store.Load();
                return store;
            }
            catch
            {
                held.Dispose();
                throw;
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return new AgentError($"the agent's folder {folder} cannot be used: {error.Message}; is another agent running in it, or may this user not write there?");
        }
    }

    /// <summary>The bytes of a deployment as they were received; null when they are not there or damaged.</summary>
    public byte[]? ReadDesired(DeploymentName name) =>
        _desired.TryGetValue(name, out var known) && DurableFiles.Read(DesiredFile(name), FleetBounds.MaxValueBytes) is { } bytes && ScoreHash.Of(bytes) == known.Entry.Hash ? bytes : null;

    /// <summary>Keeps the bytes of a deployment.</summary>
    /// <returns>Why they cannot be kept, or null.</returns>
    public AgentError? SaveDesired(DeploymentName name, ReadOnlySpan<byte> bytes, long seq)
    {
        if (_desired.Where(pair => pair.Key != name).Sum(pair => (long)pair.Value.Length) + bytes.Length > MaxBytes)
        {
            return new AgentError($"the scores of this device have more than {MaxBytes / (1024 * 1024)} MiB together");
        }

        var entry = new LocalEntry(ScoreHash.Of(bytes), seq);
        DurableFiles.Write(DesiredFile(name), bytes);
        DurableFiles.Write(SeqFile(name), Encoding.ASCII.GetBytes($"{seq.ToString(CultureInfo.InvariantCulture)} {entry.Hash}"));
        _desired[name] = (entry, bytes.Length);
        return null;
    }

    /// <summary>Forgets what a deployment was to be; its state stays until the broker has been told.</summary>
    public void RemoveDesired(DeploymentName name)
    {
        _desired.Remove(name);
        DurableFiles.Delete(SeqFile(name));
        DurableFiles.Delete(DesiredFile(name));
    }

    /// <summary>Keeps a manifest.</summary>
    public void SaveManifest(DeviceManifest manifest)
    {
        DurableFiles.Write(Path.Combine(_folder, "manifest.json"), manifest.ToBytes());
        Manifest = manifest;
    }

    /// <summary>What is remembered of every deployment.</summary>
    public Dictionary<DeploymentName, StoredState> ReadStates()
    {
        var states = new Dictionary<DeploymentName, StoredState>();
        foreach (var name in Names("state", ".json"))
        {
            // Damaged is absent: the phase is told anew.
            if (DurableFiles.Read(StateFile(name), 2 * FleetBounds.MaxValueBytes) is { } bytes && StoredState.Read(bytes) is { } state)
            {
                states[name] = state;
            }
        }

        return states;
    }

    public void SaveState(DeploymentName name, StoredState state) => DurableFiles.Write(StateFile(name), state.ToBytes());

    public void RemoveState(DeploymentName name) => DurableFiles.Delete(StateFile(name));

    /// <summary>The ring of the device's events, or null.</summary>
    public DeviceEvents? ReadEvents() =>
        DurableFiles.Read(Path.Combine(_folder, "events.json"), FleetBounds.MaxValueBytes) is { } bytes && DeviceEvents.Parse(bytes).TryGet(out var events, out _) ? events : null;

    public void SaveEvents(DeviceEvents events) => DurableFiles.Write(Path.Combine(_folder, "events.json"), events.ToBytes());

    /// <summary>The images that the agent pulled.</summary>
    public ImmutableArray<OwnImage> ReadImages() => DurableFiles.Read(ImagesFile, MaxImagesBytes) is { } bytes ? OwnImage.Read(bytes) : [];

    public void SaveImages(ImmutableArray<OwnImage> images) => DurableFiles.Write(ImagesFile, OwnImage.ToBytes(images));

    /// <summary>Where the files of a deployment are.</summary>
    public string FilesFolder(DeploymentName name) => Path.Combine(_folder, "files", name.Value);

    /// <summary>Writes the files of a deployment; a file that is as it has to be is not touched. Files of before stay until their container is gone.</summary>
    public void SaveFiles(DeploymentName name, IEnumerable<ScoreFile> files)
    {
        foreach (var file in files)
        {
            var path = Path.Combine(FilesFolder(name), file.Path);
            var bytes = Encoding.UTF8.GetBytes(file.Content);
            var mode = (UnixFileMode)Convert.ToInt32(file.Mode ?? ScoreFile.DefaultMode, 8);
            if (DurableFiles.Read(path, FleetBounds.MaxFileBytes) is not { } there || !there.AsSpan().SequenceEqual(bytes) || File.GetUnixFileMode(path) != mode)
            {
                DurableFiles.Write(path, bytes, mode);
            }
        }
    }

    /// <summary>Removes files of a deployment that its score has no more.</summary>
    public void TrimFiles(DeploymentName name, IEnumerable<ScoreFile> files)
    {
        var folder = FilesFolder(name);
        if (!Directory.Exists(folder))
        {
            return;
        }

        var wanted = files.Select(file => Path.Combine(folder, file.Path)).ToHashSet(StringComparer.Ordinal);
        foreach (var path in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Where(path => !wanted.Contains(path)).ToList())
        {
            File.Delete(path);
        }

        if (wanted.Count == 0)
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    public void Dispose() => _lock.Dispose();

    private static string Instance(string folder)
    {
        var path = Path.Combine(folder, "instance");
        if (DurableFiles.Read(path, 100) is { Length: 32 } known)
        {
            return Encoding.ASCII.GetString(known);
        }

        var fresh = Guid.NewGuid().ToString("N");
        DurableFiles.Write(path, Encoding.ASCII.GetBytes(fresh));
        return fresh;
    }

    private void Load()
    {
        Manifest = DurableFiles.Read(Path.Combine(_folder, "manifest.json"), FleetBounds.MaxValueBytes) is { } bytes && DeviceManifest.Parse(bytes).TryGet(out var manifest, out _) ? manifest : null;
        foreach (var name in Names("desired", ".seq"))
        {
            var words = DurableFiles.Read(SeqFile(name), 200) is { } line ? Encoding.ASCII.GetString(line).Split(' ') : [];
            if (words is [var number, var hash]
                && long.TryParse(number, CultureInfo.InvariantCulture, out var seq)
                && DurableFiles.Read(DesiredFile(name), FleetBounds.MaxValueBytes) is { } score
                && ScoreHash.Of(score) == hash)
            {
                _desired[name] = (new LocalEntry(hash, seq), score.Length);
            }
        }
    }

    private IEnumerable<DeploymentName> Names(string folder, string ending)
    {
        var path = Path.Combine(_folder, folder);
        foreach (var file in Directory.Exists(path) ? Directory.GetFiles(path, "*" + ending) : [])
        {
            if (DeploymentName.TryParse(Path.GetFileName(file)[..^ending.Length], out var name))
            {
                yield return name;
            }
        }
    }

    private string ImagesFile => Path.Combine(_folder, "images.json");

    private string DesiredFile(DeploymentName name) => Path.Combine(_folder, "desired", name.Value + ".json");

    private string SeqFile(DeploymentName name) => Path.Combine(_folder, "desired", name.Value + ".seq");

    private string StateFile(DeploymentName name) => Path.Combine(_folder, "state", name.Value + ".json");
}
