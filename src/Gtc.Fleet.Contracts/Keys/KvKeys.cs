namespace Gtc.Fleet.Contracts;

/// <summary>
/// Every key of every bucket (fleet.md §4.2). No other code puts a key together. A device writes only keys that end with its own id or have it as
/// second token, so that its permissions can name them.
/// </summary>
public static class KvKeys
{
    /// <summary>The last token of a manifest's key. Deployment names have no underscore, so it cannot be one.</summary>
    public const string ManifestToken = "_manifest";

    /// <summary>The longest key.</summary>
    public const int MaxLength = 255;

    private const string InfoPrefix = "info.";
    private const string StatePrefix = "state.";
    private const string HeartbeatPrefix = "heartbeat.";
    private const string EventsPrefix = "events.";

    /// <summary><c>&lt;device&gt;.&lt;deployment&gt;</c> in <c>desired-state</c>: the score that a device has to run.</summary>
    public static string DesiredState(DeviceId device, DeploymentName deployment) => $"{device.Value}.{deployment.Value}";

    /// <summary><c>&lt;device&gt;._manifest</c> in <c>desired-state</c>: which scores a device has to run.</summary>
    public static string Manifest(DeviceId device) => $"{device.Value}.{ManifestToken}";

    /// <summary><c>info.&lt;device&gt;</c> in <c>device-info</c>: labels and inventory.</summary>
    public static string Info(DeviceId device) => InfoPrefix + device.Value;

    /// <summary><c>events.&lt;device&gt;</c> in <c>device-info</c>: the ring of a device's recent events.</summary>
    public static string Events(DeviceId device) => EventsPrefix + device.Value;

    /// <summary><c>state.&lt;device&gt;.&lt;deployment&gt;</c> in <c>device-state</c>: the phase of one deployment on one device.</summary>
    public static string State(DeviceId device, DeploymentName deployment) => $"{StatePrefix}{device.Value}.{deployment.Value}";

    /// <summary><c>heartbeat.&lt;device&gt;</c> in <c>device-heartbeat</c>.</summary>
    public static string Heartbeat(DeviceId device) => HeartbeatPrefix + device.Value;

    /// <summary>Splits a key of <c>desired-state</c>. The deployment is null for the device's manifest.</summary>
    /// <returns>False when it is no such key.</returns>
    public static bool TryParseDesired(string key, out DeviceId device, out DeploymentName? deployment)
    {
        ArgumentNullException.ThrowIfNull(key);
        deployment = null;
        device = default;
        var dot = key.IndexOf('.', StringComparison.Ordinal);
        if (dot < 0 || !DeviceId.TryParse(key[..dot], out device))
        {
            return false;
        }

        var rest = key[(dot + 1)..];
        if (rest == ManifestToken)
        {
            return true;
        }

        var isName = DeploymentName.TryParse(rest, out var name);
        deployment = isName ? name : null;
        return isName;
    }

    /// <summary>Splits a key of <c>device-state</c>.</summary>
    /// <returns>False when it is no such key.</returns>
    public static bool TryParseState(string key, out DeviceId device, out DeploymentName deployment)
    {
        deployment = default;
        device = default;
        return Rest(key, StatePrefix) is { } rest
            && rest.IndexOf('.', StringComparison.Ordinal) is var dot and > 0
            && DeviceId.TryParse(rest[..dot], out device)
            && DeploymentName.TryParse(rest[(dot + 1)..], out deployment);
    }

    /// <summary>Splits a key of <c>device-state</c> that is bytes, without making anything.</summary>
    /// <param name="key">The key, without <c>$KV.&lt;bucket&gt;.</c></param>
    /// <param name="device">The device's id.</param>
    /// <param name="deployment">The deployment's name.</param>
    /// <returns>False when it is no such key.</returns>
    public static bool TryParseState(ReadOnlySpan<byte> key, out ReadOnlySpan<byte> device, out ReadOnlySpan<byte> deployment)
    {
        device = deployment = default;
        if (!key.StartsWith("state."u8))
        {
            return false;
        }

        var rest = key["state."u8.Length..];
        var dot = rest.IndexOf((byte)'.');
        if (dot <= 0)
        {
            return false;
        }

        device = rest[..dot];
        deployment = rest[(dot + 1)..];
        return FleetName.IsValid(device) && FleetName.IsValid(deployment);
    }

    /// <summary>The device of a key of <c>device-info</c> that holds labels and inventory.</summary>
    public static bool TryParseInfo(string key, out DeviceId device) => DeviceId.TryParse(Rest(key, InfoPrefix), out device);

    /// <summary>The device of a key of <c>device-info</c> that holds a ring of events.</summary>
    public static bool TryParseEvents(string key, out DeviceId device) => DeviceId.TryParse(Rest(key, EventsPrefix), out device);

    /// <summary>The device of a key of <c>device-heartbeat</c>.</summary>
    public static bool TryParseHeartbeat(string key, out DeviceId device) => DeviceId.TryParse(Rest(key, HeartbeatPrefix), out device);

    /// <summary>
    /// Whether a text can be a key at all: <c>[-/_=.a-zA-Z0-9]</c>, 1 to 255 of them, no empty token. A broker does not check this: a message to a
    /// subject with an empty token is dropped without a word, so it has to be checked before sending.
    /// </summary>
    public static bool IsValid(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        if (key.Length is 0 or > MaxLength || key[0] == '.' || key[^1] == '.' || key.Contains("..", StringComparison.Ordinal))
        {
            return false;
        }

        return key.All(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '/' or '_' or '=' or '.');
    }

    private static string? Rest(string key, string prefix)
    {
        ArgumentNullException.ThrowIfNull(key);
        return key.StartsWith(prefix, StringComparison.Ordinal) ? key[prefix.Length..] : null;
    }
}
