using System.Globalization;

namespace Gtc.EndToEnd.Tests.Cluster;

/// <summary>A device with a network, a podman and an agent of its own, joined to this machine by one link. Needs root.</summary>
internal sealed class RealDevice(string network, string folder, string id, string address, string bridge) : IAsyncDisposable
{
    private readonly string _space = $"{network}{id}";
    private ServerProcess? _podman;
    private ServerProcess? _agent;

    public string Id => id;

    /// <summary>Where its ports are.</summary>
    public string Address => address;

    public int AgentProcess => _agent!.Id;

    /// <summary>What the agent has in memory, in MiB: now, or the most that it ever had.</summary>
    public async Task<double> MemoryAsync(string field = "VmRSS:")
    {
        var line = (await File.ReadAllLinesAsync($"/proc/{AgentProcess}/status", CancellationToken.None)).First(line => line.StartsWith(field, StringComparison.Ordinal));
        return double.Parse(line[field.Length..].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture) / 1024;
    }

    public string AgentLog => _agent?.Log ?? "";

    public string Socket => Path.Combine(folder, "p", "podman.sock");

    private string Storage => Path.Combine(folder, "p");

    private string[] Inside => ["nsenter", $"--net=/run/netns/{_space}"];

    /// <summary>Makes its network and its podman, and gives podman an image.</summary>
    public async Task UpAsync(string gateway, string? image)
    {
        var link = $"{_space}h";
        await IpAsync("netns", "add", _space);
        await IpAsync("link", "add", link, "type", "veth", "peer", "name", "eth0", "netns", _space);
        await IpAsync("link", "set", link, "master", bridge, "up");
        await IpAsync("-n", _space, "link", "set", "lo", "up");
        await IpAsync("-n", _space, "addr", "add", $"{address}/24", "dev", "eth0");
        await IpAsync("-n", _space, "link", "set", "eth0", "up");
        await IpAsync("-n", _space, "route", "add", "default", "via", gateway);
        Directory.CreateDirectory(folder);
        _podman = ServerProcess.Start(folder, "podman", null, [.. Inside, Script, Storage]);
        await RunningCluster.UntilAsync($"podman of {id} listens: {_podman.Log}", TimeSpan.FromMinutes(2), () => Task.FromResult(File.Exists(Socket)));
        if (image is not null)
        {
            await PodmanAsync("load", "-q", "-i", image);
        }
    }

    /// <summary>Starts the agent, for the first time or again.</summary>
    public void Boot(string broker, string labels, IReadOnlyDictionary<string, string>? variables = null)
    {
        var config = Path.Combine(folder, "agent.toml");
        File.WriteAllText(config, $"""
            [agent]
            device_id = "{id}"
            data_dir = "{folder}/state"
            start_spread_s = 0
            [nats]
            urls = ["{broker}"]
            [labels]
            {labels}
            [podman]
            socket = "{Socket}"
            nofile = 1024
            nproc = 900
            [limits]
            min_free_mb = 8
            """);
        _agent = ServerProcess.Start(folder, "agent", variables, [.. Inside, GtcExecutable.Path, "fleet", "agent", "--config", config]);
    }

    /// <summary>Ends the agent at once; containers go on.</summary>
    public async Task KillAsync()
    {
        if (_agent is not null)
        {
            await _agent.DisposeAsync();
        }
    }

    /// <summary>Runs podman's own program on the device.</summary>
    public Task<string> PodmanAsync(params string[] words) => Cluster.Script.RunAsync("nsenter", null, [Inside[1], Script, Storage, "run", .. words]);

    /// <summary>The fleet's containers that run.</summary>
    public async Task<string[]> ContainersAsync() => (await PodmanAsync("ps", "-q", "--no-trunc")).Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>When a container was made, and when it was started.</summary>
    public async Task<(DateTimeOffset Made, DateTimeOffset Started)> TimesAsync(string container)
    {
        const string Layout = "\"2006-01-02T15:04:05.000000Z07:00\"";
        var times = (await PodmanAsync("inspect", "--format", $"{{{{.Created.Format {Layout}}}}} {{{{.State.StartedAt.Format {Layout}}}}}", container)).Trim().Split(' ');
        return (DateTimeOffset.Parse(times[0], CultureInfo.InvariantCulture), DateTimeOffset.Parse(times[1], CultureInfo.InvariantCulture));
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        if (_podman is not null)
        {
            await _podman.DisposeAsync();
            await Cluster.Script.TryAsync("nsenter", null, Inside[1], Script, Storage, "down");
        }

        await Cluster.Script.TryAsync("ip", null, "netns", "del", _space);
        await Cluster.Script.TryAsync("ip", null, "link", "del", $"{_space}h");
    }

    private static string Script => Path.Combine(Repository.Root, "eng", "podman-service");

    private static Task<string> IpAsync(params string[] words) => Cluster.Script.RunAsync("ip", null, words);
}
