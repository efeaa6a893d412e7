using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Gtc.Fleet.Contracts;

namespace Gtc.Fleet.Agent.Running;

/// <summary>Answers to requests on <c>fleet.rpc.&lt;device&gt;.&lt;verb&gt;</c>.</summary>
internal static class Rpc
{
    /// <summary>What is known of the agent.</summary>
    public static byte[] Ping(AgentShell shell) => JsonSerializer.SerializeToUtf8Bytes(
        new PingAnswer(true, shell.Config.Device.Value, shell.Store.InstanceId, shell.Ports.Version, Device.HostFacts.UptimeSeconds()),
        RpcJson.Default.PingAnswer);

    /// <summary>What the device runs.</summary>
    public static byte[] Status(AgentShell shell) => JsonSerializer.SerializeToUtf8Bytes(
        new StatusAnswer(
            true,
            shell.Config.Device.Value,
            shell.Store.Manifest?.Rev,
            [
                .. shell.Book.All().Where(pair => !pair.Value.IsRemoved).Select(pair => new DeploymentAnswer(
                    pair.Key.Value,
                    (pair.Value.Told?.Phase ?? DeploymentPhase.Pending).ToString(),
                    pair.Value.Told?.LastError,
                    pair.Value.Told?.ScoreHash,
                    pair.Value.Told?.Seq ?? 0,
                    pair.Value.IsSent)),
            ]),
        RpcJson.Default.StatusAnswer);

    /// <summary>It will be done.</summary>
    public static byte[] Accepted() => JsonSerializer.SerializeToUtf8Bytes(new PlainAnswer(true, null), RpcJson.Default.PlainAnswer);

    /// <summary>It will not.</summary>
    public static byte[] Unknown(string verb) => JsonSerializer.SerializeToUtf8Bytes(
        new PlainAnswer(false, $"`{BoundedText.Cut(verb, 40)}` is no request that this agent answers; ping, status and reconcile are"),
        RpcJson.Default.PlainAnswer);
}

internal sealed record PlainAnswer(bool Ok, string? Error);

internal sealed record PingAnswer(bool Ok, string DeviceId, string InstanceId, string AgentVersion, [property: JsonPropertyName("uptime_s")] long? UptimeSeconds);

internal sealed record StatusAnswer(bool Ok, string DeviceId, long? ManifestRev, ImmutableArray<DeploymentAnswer> Deployments);

internal sealed record DeploymentAnswer(string Deployment, string Phase, string? LastError, string? ScoreHash, long Seq, bool IsSent);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(PlainAnswer))]
[JsonSerializable(typeof(PingAnswer))]
[JsonSerializable(typeof(StatusAnswer))]
internal sealed partial class RpcJson : JsonSerializerContext;
