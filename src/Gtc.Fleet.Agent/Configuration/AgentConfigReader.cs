using System.Collections.Immutable;
using Gtc.Fleet.Contracts;
using Gtc.Podman;

namespace Gtc.Fleet.Agent.Configuration;

/// <summary>Reads <c>agent.toml</c>. Unknown tables and keys are refused: a misspelt one would silently do nothing.</summary>
public static class AgentConfigReader
{
    /// <summary>The folder of a device that says none.</summary>
    public const string DefaultDataFolder = "/var/lib/fleet-agent";

    /// <summary>Reads a file.</summary>
    public static async Task<AgentResult<AgentConfig>> ReadFileAsync(string path, CancellationToken cancellationToken)
    {
        string text;
        try
        {
            text = await File.ReadAllTextAsync(path, cancellationToken);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return new AgentError($"the configuration cannot be read: {error.Message}");
        }

        return Read(text, path, name => File.ReadAllText(Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, name)));
    }

    /// <summary>Reads a text.</summary>
    /// <param name="text">What the file says.</param>
    /// <param name="name">How the file is called, for errors.</param>
    /// <param name="readFile">Reads a file that is named in it, e.g. one with a password; relative paths are beside the configuration.</param>
    public static AgentResult<AgentConfig> Read(string text, string name, Func<string, string> readFile)
    {
        try
        {
            return Build(TomlReader.Read(text), readFile);
        }
        catch (TomlException error)
        {
            return new AgentError($"{name}, line {error.Line}: {error.Message}");
        }
    }

    private static AgentConfig Build(TomlDocument document, Func<string, string> readFile)
    {
        Refuse(document.Tables.Values.FirstOrDefault(table => table.Name is not ("agent" or "nats" or "labels" or "credentials" or "podman" or "limits")));
        Refuse(document.Lists.Values.Select(list => list[0]).FirstOrDefault(table => table.Name != "registries"));
        var agent = new TomlSection(document, "agent", ["device_id", "data_dir", "heartbeat_s", "start_spread_s"]);
        var nats = new TomlSection(document, "nats", ["urls", "inbox_prefix", "ca_file", "reconnect_window_s"]);
        var podman = new TomlSection(document, "podman", ["socket", "nofile", "nproc"]);
        var limits = new TomlSection(document, "limits", ["min_free_mb", "parallel", "prune_images", "keep_images_h"]);
        var device = Device(agent);
        return new AgentConfig
        {
            Device = device,
            DataFolder = agent.Text("data_dir") ?? DefaultDataFolder,
            Heartbeat = TimeSpan.FromSeconds(agent.Number("heartbeat_s", 1, 3600) ?? 30),
            StartSpread = TimeSpan.FromSeconds(agent.Number("start_spread_s", 0, 600) ?? 10),
            ReconnectWindow = TimeSpan.FromSeconds(nats.Number("reconnect_window_s", 0, 3600) ?? 30),
            Urls = Urls(nats),
            InboxPrefix = nats.Text("inbox_prefix") ?? FleetSubjects.InboxPrefix(device),
            CertificateFile = nats.Text("ca_file"),
            Labels = Labels(document, device),
            Credentials = Credentials(new TomlSection(document, "credentials", ["source", "user", "password", "password_file", "file"]), readFile),
            Socket = podman.Text("socket") ?? throw podman.Wrong("socket", "the path of podman's socket, e.g. \"/run/user/990/podman/podman.sock\", was expected"),
            Limits = ProcessLimits(podman),
            Registries = [.. (document.Lists.GetValueOrDefault("registries") ?? []).Select(table => Registry(table, readFile))],
            MinFreeMb = limits.Number("min_free_mb", 0, 1 << 30) ?? 256,
            PrunesImages = limits.Switch("prune_images") ?? true,
            KeepsImages = TimeSpan.FromHours(limits.Number("keep_images_h", 0, 8760) ?? 24),
            Parallel = (int)(limits.Number("parallel", 1, 16) ?? 2),
        };
    }

    private static void Refuse(TomlTable? unknown)
    {
        if (unknown is not null)
        {
            throw new TomlException(unknown.Line, $"[{unknown.Name}] is not known; agent, nats, labels, credentials, podman, limits and [[registries]] are");
        }
    }

    private static ImmutableArray<string> Urls(TomlSection nats)
    {
        if (nats.Texts("urls") is not { Length: > 0 } urls)
        {
            throw nats.Wrong("urls", "a list with at least one broker, e.g. [\"nats://10.0.0.4:4222\"], was expected");
        }

        return urls.FirstOrDefault(url => !IsBroker(url)) is { } wrong
            ? throw nats.Wrong("urls", $"`{wrong}` is no broker; nats://HOST:PORT, tls://HOST:PORT or HOST:PORT was expected")
            : urls;
    }

    private static bool IsBroker(string url) =>
        Uri.TryCreate(url.Contains("://", StringComparison.Ordinal) ? url : "nats://" + url, UriKind.Absolute, out var parsed)
        && parsed is { Scheme: "nats" or "tls", Host.Length: > 0, PathAndQuery: "/" or "", UserInfo: "" };

    private static DeviceId Device(TomlSection agent)
    {
        var text = agent.Text("device_id") ?? throw agent.Wrong("device_id", "the name of this device was expected");
        return DeviceId.Parse(text).TryGet(out var device, out var error) ? device : throw agent.Wrong("device_id", error.Message);
    }

    private static ImmutableSortedDictionary<string, string> Labels(TomlDocument document, DeviceId device)
    {
        var labels = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var (key, value) in document.Tables.GetValueOrDefault("labels")?.Values ?? [])
        {
            labels[key] = value is TomlText text ? text.Text : throw new TomlException(value.Line, $"labels.{key}: a text was expected, {value.Kind} was found");
        }

        labels[Contracts.DeviceInfo.DeviceIdLabel] = device.Value;
        return labels.Count <= FleetBounds.MaxLabels
            ? labels.ToImmutable()
            : throw new TomlException(document.Tables["labels"].Line, $"{labels.Count} labels were found, at most {FleetBounds.MaxLabels} were expected");
    }

    private static AgentCredentials Credentials(TomlSection section, Func<string, string> readFile) => section.Text("source") switch
    {
        null when section.IsAbsent => new AgentCredentials.Anonymous(),
        "static" => new AgentCredentials.UserPassword(
            section.Text("user") ?? throw section.Wrong("user", "a name was expected"),
            section.Secret("password", readFile) ?? throw section.Wrong("password", "password or password_file was expected")),
        "creds-file" => new AgentCredentials.CredsFile(section.Text("file") ?? throw section.Wrong("file", "the path of a .creds file was expected")),
        var other => throw section.Wrong("source", $"`{other}` is no source of credentials, static or creds-file was expected"),
    };

    private static ImmutableArray<ProcessLimit> ProcessLimits(TomlSection podman)
    {
        var limits = ImmutableArray.CreateBuilder<ProcessLimit>();
        foreach (var name in (string[])["nofile", "nproc"])
        {
            if (podman.Number(name, 1, 1 << 30) is { } limit)
            {
                limits.Add(new(name, (ulong)limit, (ulong)limit));
            }
        }

        // One of them alone leaves the other at what podman was started with, which a host that cannot raise limits refuses.
        return limits.Count == 1 ? throw podman.Wrong(limits[0].Type, "nofile and nproc go together") : limits.DrainToImmutable();
    }

    private static RegistryRule Registry(TomlTable table, Func<string, string> readFile)
    {
        var section = new TomlSection(table, ["host", "username", "password", "password_file", "insecure", "mirrors"]);
        var user = section.Text("username");
        var password = section.Secret("password", readFile);
        return new RegistryRule
        {
            Host = section.Text("host") ?? throw section.Wrong("host", "the registry as images name it, e.g. \"docker.io\", was expected"),
            Login = (user, password) switch
            {
                (null, null) => null,
                ({ } name, { } secret) => new RegistryLogin(name, secret),
                _ => throw section.Wrong("username", "username goes with password or password_file"),
            },
            IsInsecure = section.Switch("insecure") ?? false,
            Mirrors = section.Texts("mirrors") ?? [],
        };
    }
}
