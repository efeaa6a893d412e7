using System.Collections.Immutable;
using System.Text;
using Gtc.Fleet.Agent.Setup;
using Gtc.Model;
using Gtc.Podman;

namespace Gtc.Cli.Fleet.Demo;

/// <summary>A device on this machine: a podman with storage of its own, and an agent that speaks to it.</summary>
internal sealed class DemoDevice : IDisposable
{
    private const string Managed = "io.nationtech.fleet/managed=true";
    private const string DeploymentLabel = "io.nationtech.fleet/deployment";
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    private readonly string _script;

    /// <summary>Makes one; nothing is started.</summary>
    /// <param name="id">Its name.</param>
    /// <param name="folder">Everything of it.</param>
    /// <param name="repository">Where <c>eng/podman-service</c> is.</param>
    /// <param name="program">The words that start gtc.</param>
    /// <param name="time">The clock.</param>
    public DemoDevice(string id, string folder, string repository, ImmutableArray<string> program, TimeProvider time)
    {
        Id = id;
        Folder = folder;
        _script = Path.Combine(repository, "eng", "podman-service");
        Service = new ChildProcess(folder, "podman", [_script, Storage]);
        Agent = new ChildProcess(folder, "agent", ["env", .. SetupFiles.RuntimeSettings, .. program, "fleet", "agent", "--config", ConfigFile]);
        Client = new PodmanClient(Path.Combine(Storage, "podman.sock"), time);
    }

    public string Id { get; }

    public string Folder { get; }

    /// <summary>What podman's storage is on; a small disk in the case of one device.</summary>
    public string Disk => DiskOf(Folder);

    /// <summary>Where podman keeps everything.</summary>
    public string Storage => StorageOf(Folder);

    public string ConfigFile => Path.Combine(Folder, "agent.toml");

    /// <summary>podman's REST API.</summary>
    public ChildProcess Service { get; }

    public ChildProcess Agent { get; }

    public PodmanClient Client { get; }

    /// <summary>The words that run podman's own program on the device's storage.</summary>
    public string PodmanCommand => $"{_script} {Storage} run";

    public static string DiskOf(string folder) => Path.Combine(folder, "disk");

    public static string StorageOf(string folder) => Path.Combine(DiskOf(folder), "podman");

    /// <summary>Writes <c>agent.toml</c>.</summary>
    public void WriteConfig(string broker, string registry)
    {
        Directory.CreateDirectory(Folder);
        var text = new StringBuilder()
            .Append("[agent]\n").Append("device_id = \"").Append(Id).Append("\"\n")
            .Append("data_dir = \"").Append(Path.Combine(Folder, "state")).Append("\"\n")
            .Append("start_spread_s = 0\n\n")
            .Append("[nats]\nurls = [\"").Append(broker).Append("\"]\n")
            .Append("reconnect_window_s = 2\n\n")
            .Append("[labels]\n").Append(FleetLab.Label).Append(" = \"").Append(FleetLab.LabelValue).Append("\"\n\n")
            .Append("[podman]\nsocket = \"").Append(Path.Combine(Storage, "podman.sock")).Append("\"\n\n")
            .Append("[limits]\nmin_free_mb = 8\n\n")
            .Append("[[registries]]\nhost = \"").Append(registry).Append("\"\ninsecure = true\n");
        File.WriteAllText(ConfigFile, text.ToString());
    }

    /// <summary>The containers that the agent answers for, by their deployment.</summary>
    /// <returns>The containers, or what podman said.</returns>
    public async Task<Outcome<ImmutableArray<DemoContainer>>> ContainersAsync(CancellationToken cancellationToken)
    {
        if (!(await Client.ListAsync([Managed], cancellationToken)).TryGet(out var found, out var error))
        {
            return new Refusal.Conflict($"podman of {Id} does not answer: {error.Message}");
        }

        return found.Select(container => new DemoContainer(container.Labels?.GetValueOrDefault(DeploymentLabel) ?? "", container.Id, container.Name, container.State)).ToImmutableArray();
    }

    /// <summary>Stops a container behind the agent's back.</summary>
    public async Task<Refusal?> StopContainerAsync(string name, CancellationToken cancellationToken) =>
        (await Client.StopAsync(name, Grace, cancellationToken)).Error is { } error ? new Refusal.Conflict($"podman of {Id} does not stop {name}: {error.Message}") : null;

    public void Dispose() => Client.Dispose();
}

/// <summary>A container of a device.</summary>
/// <param name="Deployment">The deployment that it is of.</param>
/// <param name="Id">podman's id.</param>
/// <param name="Name">Its name.</param>
/// <param name="State">podman's word for how it is.</param>
internal sealed record DemoContainer(string Deployment, string Id, string Name, string State)
{
    public bool IsRunning => State == "running";

    public override string ToString() => $"{Name} ({State})";
}
