using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Gtc.Fleet.Agent.Configuration;
using Gtc.Fleet.Agent.Storage;

namespace Gtc.Fleet.Agent.Setup;

/// <summary>
/// Prepares a Debian host for the agent and rootless podman (fleet.md §11). Each part looks first and changes only what is not as it has to be, so it may be run again at any time.
/// </summary>
public sealed class DeviceSetup
{
    private static readonly string[] Packages = ["podman", "uidmap", "slirp4netns", "dbus-user-session"];
    private static readonly string[] UserUnits = ["podman.socket", "podman-restart.service"];
    private const UnixFileMode Readable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private readonly ISetupHost _host;
    private readonly TimeProvider _time;
    private readonly SetupPlan _plan;
    private readonly bool _isDryRun;
    private readonly ImmutableArray<SetupStep>.Builder _steps = ImmutableArray.CreateBuilder<SetupStep>();
    private readonly List<string> _warnings = [];
    private bool _isUnitNew;

    private DeviceSetup(SetupPlan plan, bool isDryRun, ISetupHost host, TimeProvider time)
    {
        _plan = plan;
        _isDryRun = isDryRun;
        _host = host;
        _time = time;
    }

    /// <summary>Sets this host up.</summary>
    /// <param name="plan">For what.</param>
    /// <param name="isDryRun">True to say only what would be done.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Ends it between two parts.</param>
    public static Task<SetupReport> RunAsync(SetupPlan plan, bool isDryRun, TimeProvider time, CancellationToken cancellationToken) =>
        RunAsync(plan, isDryRun, new ThisHost(), time, cancellationToken);

    internal static Task<SetupReport> RunAsync(SetupPlan plan, bool isDryRun, ISetupHost host, TimeProvider time, CancellationToken cancellationToken) =>
        new DeviceSetup(plan, isDryRun, host, time).RunAsync(cancellationToken);

    /// <summary>What is wrong with a plan, or null.</summary>
    public static AgentError? Check(SetupPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        // A user's name stands in paths, units and colon-separated files.
        if (plan.User.Length is 0 or > 31 || !char.IsAsciiLetterLower(plan.User[0]) || !plan.User.All(character => char.IsAsciiLetterLower(character) || char.IsAsciiDigit(character) || character is '-' or '_'))
        {
            return new AgentError($"`{plan.User}` is no name of a user: a letter and up to 30 of a-z, 0-9, - and _ were expected");
        }

        if (!Path.IsPathRooted(plan.Program) || plan.Program.Any(character => char.IsWhiteSpace(character) || character is '%' or '"'))
        {
            return new AgentError($"`{plan.Program}` is no absolute path without blanks");
        }

        if (plan.SubordinateCount is < 1 or > 1 << 24)
        {
            return new AgentError($"{plan.SubordinateCount} subordinate ids were asked for, 1 to {1 << 24} were expected; podman needs {SubordinateIds.DefaultCount}");
        }

        return AgentConfigReader.Read(SetupFiles.Configuration(plan, 0), SetupPlan.ConfigPath, _ => "").Error;
    }

    private async Task<SetupReport> RunAsync(CancellationToken cancellationToken)
    {
        var parts = new Func<CancellationToken, Task<SetupStep>>[]
        {
            PackagesAsync, UserAsync, SubordinateIdsAsync, LingerAsync, UserUnitsAsync, ConfigurationAsync, UnitAsync, LowPortsAsync, ServiceAsync,
        };
        foreach (var part in parts)
        {
            cancellationToken.ThrowIfCancellationRequested();
            SetupStep step;
            try
            {
                step = await part(cancellationToken);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                step = new("files", SetupState.Failed, $"a file cannot be written: {error.Message}; run it as root");
            }

            if (step.Text.Length > 0)
            {
                _steps.Add(step);
            }

            if (step.State == SetupState.Failed)
            {
                break;
            }
        }

        return new SetupReport(_steps.ToImmutable(), [.. _warnings]);
    }

    private async Task<SetupStep> PackagesAsync(CancellationToken cancellationToken)
    {
        var missing = new List<string>();
        foreach (var package in Packages)
        {
            if (await _host.RunAsync("dpkg-query", ["-W", "-f=${Status}", package], cancellationToken) is not { ExitCode: 0 } found || !found.Output.Contains("ok installed", StringComparison.Ordinal))
            {
                missing.Add(package);
            }
        }

        return missing.Count == 0
            ? new("packages", SetupState.Unchanged, string.Join(", ", Packages))
            : await DoAsync("packages", $"install {string.Join(", ", missing)}", ["apt-get", "install", "-y", "-q", "--no-install-recommends", .. missing], cancellationToken);
    }

    private async Task<SetupStep> UserAsync(CancellationToken cancellationToken) =>
        Uid() is { } uid
            ? new("user", SetupState.Unchanged, $"{_plan.User} ({uid})")
            : await DoAsync(
                "user",
                $"make the system user {_plan.User} with home {Home}",
                ["useradd", "--system", "--user-group", "--create-home", "--home-dir", Home, "--shell", "/usr/sbin/nologin", _plan.User],
                cancellationToken);

    private async Task<SetupStep> SubordinateIdsAsync(CancellationToken cancellationToken)
    {
        if (!(await new SubordinateIds(_host, _time).EnsureAsync(_plan.User, Uid(), _plan.SubordinateCount, _isDryRun, cancellationToken)).TryGet(out var given, out var error))
        {
            return new("ids", SetupState.Failed, error.Message);
        }

        _warnings.AddRange(given.Warnings);
        if (!given.IsChanged)
        {
            return new("ids", SetupState.Unchanged, $"{_plan.SubordinateCount} from {given.Start} on");
        }

        if (!_isDryRun && Directory.Exists(_host.PathOf($"{Home}/.local/share/containers/storage")))
        {
            // podman keeps the old ids until it is told.
            await _host.RunAsync("runuser", ["-u", _plan.User, "--", "podman", "system", "migrate"], cancellationToken);
        }

        return new("ids", Done, $"give {_plan.User} {_plan.SubordinateCount} subordinate ids from {given.Start} on");
    }

    private async Task<SetupStep> LingerAsync(CancellationToken cancellationToken) =>
        File.Exists(_host.PathOf($"/var/lib/systemd/linger/{_plan.User}"))
            ? new("linger", SetupState.Unchanged, "the user's services run without a login")
            : await DoAsync("linger", "let the user's services run without a login", ["loginctl", "enable-linger", _plan.User], cancellationToken);

    private async Task<SetupStep> UserUnitsAsync(CancellationToken cancellationToken)
    {
        // Enabled units are links below the user's configuration; asking the user's manager would need it to run already.
        var wants = _host.PathOf($"{Home}/.config/systemd/user");
        var missing = UserUnits.Where(unit => !Directory.Exists(wants) || !Directory.EnumerateFileSystemEntries(wants, unit, SearchOption.AllDirectories).Any()).ToArray();
        return missing.Length == 0
            ? new("units", SetupState.Unchanged, string.Join(", ", UserUnits))
            : await DoAsync(
                "units",
                $"enable {string.Join(", ", missing)} for {_plan.User}",
                ["runuser", "-u", _plan.User, "--", "env", $"XDG_RUNTIME_DIR=/run/user/{UidText}", "systemctl", "--user", "enable", "--now", .. missing],
                cancellationToken);
    }

    private async Task<SetupStep> ConfigurationAsync(CancellationToken cancellationToken)
    {
        var path = _host.PathOf(SetupPlan.ConfigPath);
        if (File.Exists(path))
        {
            return new("config", SetupState.Unchanged, $"{SetupPlan.ConfigPath} is there and is not written over");
        }

        var step = Write("config", SetupPlan.ConfigPath, SetupFiles.Configuration(_plan, Uid() ?? 0), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        if (step.State == SetupState.Changed)
        {
            await _host.RunAsync("chgrp", [_plan.User, path], cancellationToken);
        }

        return step;
    }

    private Task<SetupStep> UnitAsync(CancellationToken cancellationToken)
    {
        var step = Write("unit", SetupFiles.UnitPath, SetupFiles.Unit(_plan, Uid() ?? 0), Readable);
        _isUnitNew = step.State != SetupState.Unchanged;
        return Task.FromResult(step);
    }

    private async Task<SetupStep> LowPortsAsync(CancellationToken cancellationToken)
    {
        if (!_plan.AllowsLowPorts)
        {
            return new("ports", SetupState.Unchanged, "");
        }

        var step = Write("ports", SetupFiles.SysctlPath, SetupFiles.Sysctl, Readable);
        return step.State == SetupState.Changed
            ? await DoAsync("ports", "let users listen on ports from 80 on", ["sysctl", "-q", "-p", SetupFiles.SysctlPath], cancellationToken)
            : step;
    }

    private async Task<SetupStep> ServiceAsync(CancellationToken cancellationToken)
    {
        var isEnabled = await _host.RunAsync("systemctl", ["is-enabled", "fleet-agent.service"], cancellationToken) is { ExitCode: 0 };
        var isActive = await _host.RunAsync("systemctl", ["is-active", "fleet-agent.service"], cancellationToken) is { ExitCode: 0 };
        if (!_isUnitNew && isEnabled && isActive)
        {
            return new("service", SetupState.Unchanged, "fleet-agent.service runs");
        }

        if (!_isDryRun && await _host.RunAsync("systemctl", ["daemon-reload"], cancellationToken) is not { ExitCode: 0 })
        {
            return new("service", SetupState.Failed, "systemd does not answer; the agent needs it");
        }

        var enabled = await DoAsync("service", "enable and start fleet-agent.service", ["systemctl", "enable", "fleet-agent.service"], cancellationToken);
        return enabled.State == SetupState.Changed ? await DoAsync("service", enabled.Text, ["systemctl", "restart", "fleet-agent.service"], cancellationToken) : enabled;
    }

    private SetupStep Write(string name, string path, string text, UnixFileMode mode)
    {
        var file = _host.PathOf(path);
        if (File.Exists(file) && File.ReadAllText(file) == text)
        {
            return new(name, SetupState.Unchanged, path);
        }

        if (!_isDryRun)
        {
            DurableFiles.Write(file, Encoding.UTF8.GetBytes(text), mode);
        }

        return new(name, Done, $"write {path}");
    }

    private async Task<SetupStep> DoAsync(string name, string what, string[] command, CancellationToken cancellationToken)
    {
        if (_isDryRun)
        {
            return new(name, SetupState.WouldChange, what);
        }

        return await _host.RunAsync(command[0], command[1..], cancellationToken) switch
        {
            { ExitCode: 0 } => new(name, SetupState.Changed, what),
            { } failed => new(name, SetupState.Failed, $"{what}: {string.Join(' ', command)} ended with {failed.ExitCode}: {Contracts.BoundedText.Cut((failed.Error.Trim() is { Length: > 0 } error ? error : failed.Output.Trim()).ReplaceLineEndings(" "), 300)}"),
            null => new(name, SetupState.Failed, $"{what}: {command[0]} is not installed; this set-up is for Debian and its kin with systemd"),
        };
    }

    private SetupState Done => _isDryRun ? SetupState.WouldChange : SetupState.Changed;

    private string Home => $"/var/lib/{_plan.User}";

    private string UidText => Uid()?.ToString(CultureInfo.InvariantCulture) ?? "UID";

    private long? Uid()
    {
        var file = _host.PathOf("/etc/passwd");
        var parts = (File.Exists(file) ? File.ReadAllLines(file) : []).Select(line => line.Split(':')).FirstOrDefault(line => line.Length > 2 && line[0] == _plan.User);
        return parts is not null && long.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out var uid) ? uid : null;
    }
}
