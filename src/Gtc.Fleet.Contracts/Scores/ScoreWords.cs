using System.Text.Json.Serialization;

namespace Gtc.Fleet.Contracts;

/// <summary>When a container that ended is started again.</summary>
[JsonConverter(typeof(RestartPolicyConverter))]
public enum RestartPolicy
{
    /// <summary><c>always</c></summary>
    Always,

    /// <summary><c>onfailure</c></summary>
    OnFailure,

    /// <summary><c>no</c></summary>
    No,
}

/// <summary>When an image is fetched.</summary>
[JsonConverter(typeof(PullPolicyConverter))]
public enum PullPolicy
{
    /// <summary><c>IfNotPresent</c></summary>
    IfNotPresent,

    /// <summary><c>Always</c></summary>
    Always,

    /// <summary><c>Never</c>: it has to be there.</summary>
    Never,
}

/// <summary>Which network a container is in.</summary>
[JsonConverter(typeof(NetworkModeConverter))]
public enum NetworkMode
{
    /// <summary><c>bridge</c>: one of its own, with published ports.</summary>
    Bridge,

    /// <summary><c>host</c>: that of the device.</summary>
    Host,

    /// <summary><c>none</c></summary>
    None,
}

internal sealed class RestartPolicyConverter() : WordConverter<RestartPolicy>(
    null, (RestartPolicy.Always, "always"), (RestartPolicy.OnFailure, "onfailure"), (RestartPolicy.No, "no"));

internal sealed class PullPolicyConverter() : WordConverter<PullPolicy>(
    null, (PullPolicy.IfNotPresent, "IfNotPresent"), (PullPolicy.Always, "Always"), (PullPolicy.Never, "Never"));

internal sealed class NetworkModeConverter() : WordConverter<NetworkMode>(
    null, (NetworkMode.Bridge, "bridge"), (NetworkMode.Host, "host"), (NetworkMode.None, "none"));
