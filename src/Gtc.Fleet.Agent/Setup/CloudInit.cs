using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gtc.Fleet.Agent.Setup;

/// <summary>User-data of cloud-init: the mandatory first line, then JSON, which is YAML too (fleet.md §12). The only command is gtc's own set-up.</summary>
public sealed record CloudInitUserData
{
    private const string FirstLine = "#cloud-config\n";

    /// <summary>The host's name.</summary>
    public required string Hostname { get; init; }

    /// <summary>People who may log in; the image's own user too when it is empty.</summary>
    public ImmutableArray<CloudInitUser>? Users { get; init; }

    /// <summary>True to refresh the index of packages at the first boot.</summary>
    public bool PackageUpdate { get; init; } = true;

    /// <summary>Packages.</summary>
    public required ImmutableArray<string> Packages { get; init; }

    /// <summary>Commands of the first boot, each as its words.</summary>
    public required ImmutableArray<ImmutableArray<string>> Runcmd { get; init; }

    /// <summary>The user-data of a device.</summary>
    /// <param name="plan">What the host is set up for.</param>
    /// <param name="admin">A user that may become root, or null for none.</param>
    /// <param name="sshKey">Its public key.</param>
    public static CloudInitUserData Of(SetupPlan plan, string? admin, string? sshKey)
    {
        ArgumentNullException.ThrowIfNull(plan);
        return new()
        {
            Hostname = plan.Device,
            Users = admin is null || sshKey is null ? null : [new CloudInitUser(admin, "/bin/bash", "ALL=(ALL) NOPASSWD:ALL", [sshKey])],
            Packages = ["podman", "uidmap", "slirp4netns", "dbus-user-session"],
            Runcmd = [[plan.Program, "fleet", "device", "setup", .. Words(plan)]],
        };
    }

    /// <summary>The bytes that cloud-init takes.</summary>
    public string ToText() => FirstLine + JsonSerializer.Serialize(this, CloudInitJson.Default.CloudInitUserData) + "\n";

    private static IEnumerable<string> Words(SetupPlan plan)
    {
        yield return "--device-id";
        yield return plan.Device;
        foreach (var url in plan.NatsUrls)
        {
            yield return "--nats-url";
            yield return url;
        }

        foreach (var (key, value) in plan.Labels)
        {
            yield return "--label";
            yield return $"{key}={value}";
        }

        foreach (var (flag, value) in ((string, string?)[])[("--creds-file", plan.CredsFile), ("--user", plan.User == SetupPlan.DefaultUser ? null : plan.User), ("--program", plan.Program)])
        {
            if (value is not null)
            {
                yield return flag;
                yield return value;
            }
        }

        if (plan.AllowsLowPorts)
        {
            yield return "--low-ports";
        }
    }
}

/// <summary>A person who may log in.</summary>
/// <param name="Name">The user's name.</param>
/// <param name="Shell">The shell.</param>
/// <param name="Sudo">A line of sudoers.</param>
/// <param name="SshAuthorizedKeys">Public keys.</param>
public sealed record CloudInitUser(string Name, string Shell, string Sudo, ImmutableArray<string> SshAuthorizedKeys);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, WriteIndented = true)]
[JsonSerializable(typeof(CloudInitUserData))]
internal sealed partial class CloudInitJson : JsonSerializerContext;
