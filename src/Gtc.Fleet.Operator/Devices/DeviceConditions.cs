using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gtc.Fleet.Contracts;

namespace Gtc.Fleet.Operator;

/// <summary>What a Device's conditions say of its life (fleet.md §13). Pure.</summary>
internal static class DeviceConditions
{
    /// <summary>The merge patch of a change.</summary>
    public static JsonElement Patch(LifeChange change, bool isConflict, DateTimeOffset now)
    {
        var (reachable, late, reason, message) = (change.Life, change.IsFlapping) switch
        {
            (_, true) => ("Unknown", true, "Flapping", "the device comes and goes"),
            (DeviceLife.Online, _) => ("True", false, "HeartbeatReceived", "the device gives signs of life"),
            (DeviceLife.Stale, _) => ("Unknown", true, "HeartbeatLate", "the last sign of life is late"),
            _ => ("False", true, "HeartbeatTimeout", "no sign of life for so long that the device is taken for gone"),
        };
        var reachability = change.IsUnheard
            ? Condition("Reachable", "Unknown", "ControlPlaneDisconnected", "the operator does not hear the broker, and so no device", now)
            : Condition("Reachable", reachable, reason, message, now);
        var status = new DeviceStatus
        {
            Conditions =
            [
                reachability,
                Condition("Stale", late ? "True" : "False", reason, message, now),
                Condition("IdentityConflict", isConflict ? "True" : "False", isConflict ? "TwoInstances" : "OneInstance", isConflict ? "two machines use this device's id in turn" : "one machine uses this device's id", now),
            ],
            LastHeartbeatTime = change.Life == DeviceLife.Online && !change.IsUnheard ? now : null,
        };
        return JsonElement.Parse(new JsonObject { ["status"] = JsonNode.Parse(JsonSerializer.Serialize(status, ResourceJson.Default.DeviceStatus)) }.ToJsonString());
    }

    private static ResourceCondition Condition(string type, string status, string reason, string message, DateTimeOffset now) =>
        new() { Type = type, Status = status, Reason = reason, Message = message, LastTransitionTime = now };
}
