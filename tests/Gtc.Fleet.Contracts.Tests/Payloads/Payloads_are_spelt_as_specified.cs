using System.Collections.Immutable;
using System.Text;

namespace Gtc.Fleet.Contracts.Tests.Payloads;

public class Payloads_are_spelt_as_specified
{
    private static readonly DeviceId Pi = DeviceId.Parse("pi-42").Value;
    private static readonly DeploymentName Hello = DeploymentName.Parse("hello-world").Value;
    private static readonly DateTimeOffset At = new(2026, 5, 3, 18, 59, 43, TimeSpan.FromHours(2));

    [Fact]
    public void A_device()
    {
        var device = new DeviceInfo
        {
            DeviceId = Pi,
            Labels = ImmutableSortedDictionary.CreateRange(new Dictionary<string, string> { ["group"] = "lab", ["device-id"] = "pi-42" }),
            Inventory = new() { Hostname = "pi-42", Arch = "aarch64", Os = "Ubuntu 24.04", Kernel = "6.8.0", CpuCores = 4, MemoryMb = 7936, AgentVersion = "0.1.0" },
            UpdatedAt = At,
        };

        Text(device.ToBytes()).ShouldBe(
            """{"device_id":"pi-42","labels":{"device-id":"pi-42","group":"lab"},"inventory":{"hostname":"pi-42","arch":"aarch64","os":"Ubuntu 24.04","kernel":"6.8.0","cpu_cores":4,"memory_mb":7936,"agent_version":"0.1.0"},"updated_at":"2026-05-03T16:59:43Z"}""");
    }

    [Fact]
    public void A_state_says_that_there_is_no_error() =>
        Text(new DeploymentState { DeviceId = Pi, Deployment = Hello, Phase = DeploymentPhase.Running, LastEventAt = At, ScoreHash = "sha256:00", Seq = 7 }.ToBytes()).ShouldBe(
            """{"device_id":"pi-42","deployment":"hello-world","phase":"Running","last_event_at":"2026-05-03T16:59:43Z","last_error":null,"score_hash":"sha256:00","seq":7,"recent_events":[]}""");

    [Fact]
    public void A_state_with_what_happened() =>
        Text(new DeploymentState
        {
            DeviceId = Pi,
            Deployment = Hello,
            Phase = DeploymentPhase.Failed,
            LastError = "pull failed: größer ☃ \"quoted\"",
            RecentEvents = [new() { At = At, Severity = EventSeverity.Error, Message = "pull failed" }],
        }.ToBytes()).ShouldBe(
            """{"device_id":"pi-42","deployment":"hello-world","phase":"Failed","last_error":"pull failed: größer ☃ \"quoted\"","recent_events":[{"at":"2026-05-03T16:59:43Z","severity":"Error","message":"pull failed"}]}""");

    [Fact]
    public void A_heartbeat() =>
        Text(new Heartbeat { DeviceId = Pi, At = At, BootId = "b", InstanceId = "i", Seq = 17, UptimeSeconds = 9321, ManifestRev = 5 }.ToBytes()).ShouldBe(
            """{"device_id":"pi-42","at":"2026-05-03T16:59:43Z","boot_id":"b","instance_id":"i","seq":17,"uptime_s":9321,"manifest_rev":5}""");

    [Fact]
    public void A_manifest() =>
        Text(new DeviceManifest
        {
            Rev = 7,
            Entries = ImmutableSortedDictionary.CreateRange([KeyValuePair.Create(Hello, new ManifestEntry { Hash = "sha256:00", Seq = 1234 })]),
            HeartbeatSeconds = 30,
            ReconnectWindowSeconds = 30,
        }.ToBytes()).ShouldBe("""{"rev":7,"entries":{"hello-world":{"hash":"sha256:00","seq":1234}},"heartbeat_s":30,"reconnect_window_s":30}""");

    [Fact]
    public void A_ring_of_events() =>
        Text(new DeviceEvents { DeviceId = Pi, Events = [new() { At = At.AddMilliseconds(250), Severity = EventSeverity.Warn, Message = "disk low", Deployment = "web" }], Dropped = 3 }.ToBytes()).ShouldBe(
            """{"device_id":"pi-42","events":[{"at":"2026-05-03T16:59:43.25Z","severity":"Warn","message":"disk low","deployment":"web"}],"dropped":3}""");

    private static string Text(byte[] bytes) => Encoding.UTF8.GetString(bytes);
}
