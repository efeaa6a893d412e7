using System.Collections.Immutable;
using System.CommandLine;
using System.Text.Json.Serialization;
using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.Fleet.Agent.Setup;
using Gtc.Model;

namespace Gtc.Cli.Fleet.Devices;

/// <summary><c>gtc fleet device setup</c>: prepares a host for rootless podman and the agent.</summary>
internal static class DeviceSetupVerb
{
    /// <summary>Builds the command.</summary>
    public static Command Create(CliContext context) => VerbFlags.Alone(Verb, context);

    private static Verb<DeviceSetupPayload> Verb => new()
    {
        Noun = "device",
        Name = "setup",
        Purpose = "Prepare this host for the agent: packages, user, subordinate ids, services; again at any time",
        Remark = "It needs root, Debian or its kin, and systemd. Each part looks first and changes only what is not as it has to be; /etc/fleet-agent/agent.toml is never written over.\n"
            + "Subordinate ids are the lowest block that is free in /etc/subuid and /etc/subgid, taken under the locks of useradd. Containers belong to the agent's user: other users do not see them.\n"
            + "--cloud-init prints user-data for a new machine whose image has gtc, and touches nothing.",
        Examples =
        [
            "fleet device setup --device-id pi-42 --nats-url nats://10.0.0.4:4222 --label group=lab",
            "fleet device setup --device-id pi-42 --nats-url nats://10.0.0.4:4222 --check --fail-on-findings",
            "fleet device setup --device-id vm-1 --nats-url nats://10.0.0.4:4222 --cloud-init --admin ann --ssh-key \"$(cat ~/.ssh/id_ed25519.pub)\" > user-data",
        ],
        Payload = DeviceSetupJson.Default.DeviceSetupPayload,
        Fields =
        [
            new("device_id", "the name of this device", "--device-id", "ID"),
            new("nats_url", "a broker; more than one may be given", "--nats-url", "URL"),
            new("label", "a label of the device; more than one may be given", "--label", "KEY=VALUE"),
            new("creds_file", "the file with the device's JWT and key", "--creds-file", "FILE"),
            new("user", $"the user that the agent runs as; {SetupPlan.DefaultUser} when not given", "--user", "NAME"),
            new("program", "where gtc is on the device; this program when not given", "--program", "FILE"),
            new("low_ports", "let containers listen on ports from 80 on", "--low-ports"),
            new("dry_run", "say what would be done and do nothing", "--dry-run"),
            new("check", "as --dry-run; what would change is a finding", "--check"),
            new("cloud_init", "print user-data for cloud-init and do nothing", "--cloud-init"),
            new("admin", "with --cloud-init: a user that may log in and become root", "--admin", "NAME"),
            new("ssh_key", "with --cloud-init: its public key", "--ssh-key", "KEY"),
        ],
        ReportsFindings = true,
        RunAsync = RunAsync,
    };

    private static async Task<Outcome<Answer>> RunAsync(DeviceSetupPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        if (!Plan(payload, call.Context).TryGet(out var plan, out var refusal))
        {
            return refusal;
        }

        if (payload.CloudInit)
        {
            return CloudInit(payload, plan);
        }

        if (payload.Admin is not null || payload.SshKey is not null)
        {
            return new Refusal.InvalidArgument("--admin and --ssh-key go with --cloud-init; on this host users are made by useradd");
        }

        var isDryRun = payload.DryRun || payload.Check;
        if (!isDryRun && !Environment.IsPrivilegedProcess)
        {
            return new Refusal.InvalidArgument("a device is set up by root; with --dry-run it only says what it would do");
        }

        var report = await DeviceSetup.RunAsync(plan, isDryRun, call.Context.Time, cancellationToken);
        foreach (var warning in report.Warnings)
        {
            call.Warn(warning);
        }

        if (report.Steps.FirstOrDefault(step => step.State == SetupState.Failed) is { } failed)
        {
            return new Refusal.InvalidArgument($"{failed.Name}: {failed.Text}");
        }

        var result = new DeviceSetupResult([.. report.Steps.Select(step => new DeviceSetupPart(step.Name, Word(step.State), step.Text))]);
        return Answer.Of(result, DeviceSetupJson.Default.DeviceSetupResult, screen => Show(result, isDryRun, screen))
            with { HasFindings = payload.Check && report.Steps.Any(step => step.State == SetupState.WouldChange) };
    }

    private static Outcome<Answer> CloudInit(DeviceSetupPayload payload, SetupPlan plan)
    {
        if ((payload.Admin is null) != (payload.SshKey is null))
        {
            return new Refusal.InvalidArgument("--admin goes with --ssh-key: a user without a key could not log in");
        }

        var text = CloudInitUserData.Of(plan, payload.Admin, payload.SshKey).ToText();
        return Answer.Of(new CloudInitResult(text), DeviceSetupJson.Default.CloudInitResult, _ => { }) with { Lines = output => output.Write(text) };
    }

    private static Outcome<SetupPlan> Plan(DeviceSetupPayload payload, CliContext context)
    {
        if (payload.DeviceId is not { } device || payload.NatsUrl.IsDefaultOrEmpty)
        {
            return new Refusal.InvalidArgument("--device-id and --nats-url were expected");
        }

        var labels = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var label in payload.Label.IsDefault ? [] : payload.Label)
        {
            if (label.Split('=', 2) is not [{ Length: > 0 } key, var value] || !labels.TryAdd(key, value))
            {
                return new Refusal.InvalidArgument($"`{label}` is no label, KEY=VALUE was expected, each key once");
            }
        }

        var plan = new SetupPlan
        {
            Device = device,
            NatsUrls = payload.NatsUrl,
            Labels = labels.ToImmutable(),
            CredsFile = payload.CredsFile,
            User = payload.User ?? SetupPlan.DefaultUser,
            Program = payload.Program ?? (payload.CloudInit ? "/usr/local/bin/gtc" : Environment.ProcessPath ?? context.ProgramName),
            AllowsLowPorts = payload.LowPorts,
        };
        return DeviceSetup.Check(plan) is { } wrong ? new Refusal.InvalidArgument(wrong.Message) : plan;
    }

    private static void Show(DeviceSetupResult result, bool isDryRun, Screen screen)
    {
        foreach (var part in result.Parts)
        {
            screen.Say($"{part.State,-12}  {part.Name,-8}  {part.Text}");
        }

        screen.Say(isDryRun ? "Nothing was changed." : $"Look at it: journalctl -u fleet-agent · containers: runuser -u {SetupPlan.DefaultUser} -- podman ps");
    }

    private static string Word(SetupState state) => state switch
    {
        SetupState.Unchanged => "unchanged",
        SetupState.Changed => "changed",
        SetupState.WouldChange => "would change",
        _ => "failed",
    };
}

/// <summary>What <c>gtc fleet device setup</c> takes.</summary>
internal sealed record DeviceSetupPayload
{
    /// <summary>The device's id.</summary>
    public string? DeviceId { get; init; }

    /// <summary>The brokers.</summary>
    public ImmutableArray<string> NatsUrl { get; init; } = [];

    /// <summary>Labels as <c>KEY=VALUE</c>.</summary>
    public ImmutableArray<string> Label { get; init; } = [];

    /// <summary>The file with the device's JWT and key.</summary>
    public string? CredsFile { get; init; }

    /// <summary>The agent's user.</summary>
    public string? User { get; init; }

    /// <summary>Where gtc is.</summary>
    public string? Program { get; init; }

    /// <summary>Open ports from 80 on.</summary>
    public bool LowPorts { get; init; }

    /// <summary>Do nothing.</summary>
    public bool DryRun { get; init; }

    /// <summary>Do nothing; changes are findings.</summary>
    public bool Check { get; init; }

    /// <summary>Print user-data.</summary>
    public bool CloudInit { get; init; }

    /// <summary>Who may log in.</summary>
    public string? Admin { get; init; }

    /// <summary>Its public key.</summary>
    public string? SshKey { get; init; }
}

/// <summary>What it answers.</summary>
/// <param name="Parts">The parts of the set-up, in order.</param>
internal sealed record DeviceSetupResult(ImmutableArray<DeviceSetupPart> Parts);

/// <summary>One part.</summary>
/// <param name="Name">What it is about.</param>
/// <param name="State"><c>unchanged</c>, <c>changed</c> or <c>would change</c>.</param>
/// <param name="Text">What it is or would be.</param>
internal sealed record DeviceSetupPart(string Name, string State, string Text);

/// <summary>What it answers with <c>--cloud-init</c>.</summary>
/// <param name="UserData">The text that cloud-init takes.</param>
internal sealed record CloudInitResult(string UserData);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    AllowDuplicateProperties = false)]
[JsonSerializable(typeof(DeviceSetupPayload))]
[JsonSerializable(typeof(DeviceSetupResult))]
[JsonSerializable(typeof(CloudInitResult))]
internal sealed partial class DeviceSetupJson : JsonSerializerContext;
