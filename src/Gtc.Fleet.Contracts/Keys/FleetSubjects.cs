namespace Gtc.Fleet.Contracts;

/// <summary>Subjects outside the buckets (fleet.md §4.3).</summary>
public static class FleetSubjects
{
    /// <summary>What the broker republishes <c>desired-state</c> to: <c>fleet.desired.&gt;</c>.</summary>
    public const string DesiredOfAll = "fleet.desired.>";

    /// <summary>Everything that one device has to run, as it changes: <c>fleet.desired.&lt;device&gt;.&gt;</c>.</summary>
    public static string DesiredOf(DeviceId device) => $"fleet.desired.{device.Value}.>";

    /// <summary>One republished key, e.g. <c>fleet.desired.pi-42.hello-world</c>.</summary>
    /// <param name="key">A key of <c>desired-state</c>.</param>
    public static string Desired(string key) => $"fleet.desired.{key}";

    /// <summary>The requests that one device answers: <c>fleet.rpc.&lt;device&gt;.&gt;</c>.</summary>
    public static string RpcOf(DeviceId device) => $"fleet.rpc.{device.Value}.>";

    /// <summary>One request to a device.</summary>
    /// <param name="device">The device.</param>
    /// <param name="verb"><c>logs</c>, <c>ping</c>, <c>status</c> or <c>reconcile</c>.</param>
    public static string Rpc(DeviceId device, string verb) => $"fleet.rpc.{device.Value}.{verb}";

    /// <summary>The lines of one log session of a device.</summary>
    public static string Log(DeviceId device, string session) => $"fleet.log.{device.Value}.{session}";

    /// <summary>Events that a device tells whoever listens, without being kept.</summary>
    public static string Event(DeviceId device) => $"fleet.event.{device.Value}";

    /// <summary>A question to the operator, e.g. <c>fleet.query.summary</c>.</summary>
    public static string Query(string verb) => $"fleet.query.{verb}";

    /// <summary>Where answers to a device's requests arrive: its inbox has its id in it, so that nobody else may subscribe to it.</summary>
    public static string InboxPrefix(DeviceId device) => $"_INBOX.{device.Value}";
}
