using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Gtc.Fleet.Contracts;

namespace Gtc.Load.Fleet;

/// <summary>What simulated devices write and are told.</summary>
internal sealed class DevicePayloads
{
    private const string Stamp = "stamp ";
    private readonly Dictionary<string, int> _versions = new(StringComparer.Ordinal);
    private readonly StringBuilder _text = new(512, 512);
    private readonly byte[] _buffer = new byte[512];
    private readonly List<string> _hashes = [""];

    /// <summary>The score of a version; the same for every deployment.</summary>
    public static ReconcileScore Score(int version) => new()
    {
        PodmanV0 = new PodmanV0 { Services = [new PodmanService { Name = "web", Image = $"registry.example/load:v{version}" }] },
    };

    /// <summary>The version of the bytes that a device was given; 0 for bytes that are none of ours.</summary>
    public int VersionOf(ReadOnlySpan<byte> score)
    {
        var hash = ScoreHash.Of(score);
        if (_versions.TryGetValue(hash, out var known))
        {
            return known;
        }

        for (var version = 1; version <= 64; version++)
        {
            if (HashOf(version) == hash)
            {
                return version;
            }
        }

        return 0;
    }

    /// <summary>What a device reports, spelled as <see cref="DeploymentState.ToBytes"/> does; without objects, because it is written very often.</summary>
    /// <param name="transition">What happened.</param>
    /// <param name="stamp">The clock's reading that a failure carries, to find it again in a status.</param>
    /// <returns>Valid until the next call.</returns>
    public ReadOnlyMemory<byte> State(in Transition transition, long stamp)
    {
        _text.Clear();
        var phase = transition.Phase switch { DeploymentPhase.Running => "Running", DeploymentPhase.Failed => "Failed", _ => "Pending" };
        _text.Append(CultureInfo.InvariantCulture, $$"""{"device_id":"{{FleetNames.Device(transition.Device)}}","deployment":"{{FleetNames.Deployment(transition.Deployment)}}","phase":"{{phase}}","last_error":""");
        if (transition.Phase == DeploymentPhase.Failed)
        {
            _text.Append(CultureInfo.InvariantCulture, $"\"{Stamp}{stamp}\"");
        }
        else
        {
            _text.Append("null");
        }

        _text.Append(CultureInfo.InvariantCulture, $$""","score_hash":"{{HashOf(transition.Version)}}","seq":{{transition.Seq}}}""");
        var length = 0;
        foreach (var chunk in _text.GetChunks())
        {
            length += Encoding.ASCII.GetBytes(chunk.Span, _buffer.AsSpan(length));
        }

        return _buffer.AsMemory(0, length);
    }

    /// <summary>The reading that an error carries.</summary>
    public static bool TryStamp(string? error, out long stamp)
    {
        stamp = 0;
        return error is not null && error.StartsWith(Stamp, StringComparison.Ordinal) && long.TryParse(error.AsSpan(Stamp.Length), out stamp);
    }

    /// <summary>What a device is.</summary>
    public static byte[] Details(int device, int group) => new DeviceInfo
    {
        DeviceId = DeviceId.Parse(FleetNames.Device(device)).Value,
        Labels = ImmutableSortedDictionary<string, string>.Empty.Add(DeviceInfo.DeviceIdLabel, FleetNames.Device(device)).Add(FleetNames.GroupLabel, FleetNames.Group(group)),
        Inventory = new DeviceInventory { Hostname = FleetNames.Device(device), Arch = "x86_64", Os = "Debian 12", AgentVersion = "load" },
    }.ToBytes();

    /// <summary>A sign of life.</summary>
    public static byte[] Heartbeat(int device, DateTimeOffset now) => new Heartbeat { DeviceId = DeviceId.Parse(FleetNames.Device(device)).Value, At = now }.ToBytes();

    private string HashOf(int version)
    {
        while (_hashes.Count <= version)
        {
            var hash = Score(_hashes.Count).ComputeHash();
            _versions[hash] = _hashes.Count;
            _hashes.Add(hash);
        }

        return _hashes[version];
    }
}
