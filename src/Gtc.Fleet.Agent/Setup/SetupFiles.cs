using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Gtc.Fleet.Agent.Setup;

/// <summary>The files that a set-up writes.</summary>
public static class SetupFiles
{
    /// <summary>The unit of the agent.</summary>
    public const string UnitPath = "/etc/systemd/system/fleet-agent.service";

    /// <summary>Where ports below 1,024 are opened to users.</summary>
    public const string SysctlPath = "/etc/sysctl.d/60-fleet-agent.conf";

    /// <summary>The file of <see cref="SysctlPath"/>.</summary>
    public const string Sysctl = "# Containers of the fleet's agent may listen on low ports.\nnet.ipv4.ip_unprivileged_port_start=80\n";

    /// <summary>The heap that the agent may have, in bytes: with it the process stays below 60 MiB.</summary>
    public const int HeapBytes = 24 * 1024 * 1024;

    /// <summary>Variables that keep the agent small. The .NET runtime reads them before the program does, so they stand in what starts it and not in its configuration.</summary>
    public static ImmutableArray<string> RuntimeSettings { get; } =
        [$"DOTNET_GCHeapHardLimit=0x{HeapBytes:X}", "DOTNET_GCConserveMemory=7", "DOTNET_gcConcurrent=0", "DOTNET_TieredCompilation=0"];

    /// <summary>The configuration of a new device; one that is there is never written over.</summary>
    /// <param name="plan">What the host is set up for.</param>
    /// <param name="uid">The number of the agent's user, below whose run-time folder podman's socket is.</param>
    public static string Configuration(SetupPlan plan, long uid)
    {
        ArgumentNullException.ThrowIfNull(plan);
        var text = new StringBuilder()
            .Append(CultureInfo.InvariantCulture, $"# Read when the agent starts: systemctl restart fleet-agent\n[agent]\ndevice_id = {Quote(plan.Device)}\ndata_dir = \"/var/lib/{plan.User}\"\n\n")
            .Append(CultureInfo.InvariantCulture, $"[nats]\nurls = [{string.Join(", ", plan.NatsUrls.Select(Quote))}]\n\n[podman]\nsocket = \"/run/user/{uid}/podman/podman.sock\"\n");
        if (plan.CredsFile is { } file)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n[credentials]\nsource = \"creds-file\"\nfile = {Quote(file)}\n");
        }

        if (!plan.Labels.IsEmpty)
        {
            text.Append("\n[labels]\n");
            foreach (var (key, value) in plan.Labels)
            {
                text.Append(CultureInfo.InvariantCulture, $"{Quote(key)} = {Quote(value)}\n");
            }
        }

        return text.ToString();
    }

    /// <summary>The unit of the agent: it starts without the network, and systemd restarts it when it ends or is silent.</summary>
    public static string Unit(SetupPlan plan, long uid)
    {
        ArgumentNullException.ThrowIfNull(plan);
        return string.Create(CultureInfo.InvariantCulture, $"""
            [Unit]
            Description=Agent of the fleet
            After=network-online.target user@{uid}.service
            Wants=network-online.target user@{uid}.service

            [Service]
            Type=notify
            User={plan.User}
            ExecStart={plan.Program} fleet agent --config {SetupPlan.ConfigPath}
            Restart=always
            RestartSec=5
            WatchdogSec=60
            Environment=XDG_RUNTIME_DIR=/run/user/{uid}
            # The garbage collector reads these before the program does, so they stand here and not in its configuration.
            Environment={string.Join(' ', RuntimeSettings)}

            [Install]
            WantedBy=multi-user.target

            """);
    }

    private static string Quote(string text) => $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
}
