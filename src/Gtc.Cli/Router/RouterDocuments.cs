using System.Text.Json.Serialization;

namespace Gtc.Cli.Router;

/// <summary>What <c>gtc router</c> takes; a file of <c>--config</c> has the same members.</summary>
internal sealed record RouterPayload
{
    /// <summary>Where it listens when nothing is said.</summary>
    public const string DefaultListen = "127.0.0.1:8080";

    /// <summary>Where it listens.</summary>
    public string? Listen { get; init; }

    /// <summary>Servers as <c>name=weight@[h2c://]ip:port</c>.</summary>
    public IReadOnlyList<string>? Backend { get; init; }

    /// <summary>A file with these members; it is followed when it changes.</summary>
    public string? Config { get; init; }

    /// <summary>How many threads serve.</summary>
    public uint? Cpus { get; init; }

    /// <summary>How long a head may take, in seconds.</summary>
    public uint? HeaderTimeout { get; init; }

    /// <summary>How long an exchange may go without a byte, in seconds.</summary>
    public uint? UpstreamTimeout { get; init; }

    /// <summary>Peers whose forwarding fields are believed, as CIDR.</summary>
    public IReadOnlyList<string>? TrustedProxies { get; init; }

    /// <summary>The field that a caller is known by.</summary>
    public string? CallerField { get; init; }

    /// <summary>Callers that are not known get no cookie.</summary>
    public bool NoCallerCookie { get; init; }

    /// <summary>Where status and metrics are answered.</summary>
    public string? Admin { get; init; }

    /// <summary>What backends are asked for, to see whether they are well.</summary>
    public string? HealthPath { get; init; }
}

/// <summary>What <c>gtc router</c> answers once it listens.</summary>
internal sealed record RouterResult(string Address, string? Admin, IReadOnlyList<RouterBackend> Backends);

/// <summary>One server behind the router.</summary>
internal sealed record RouterBackend(string Name, string Address, uint WeightBps);

/// <summary>What <c>GET /status</c> on the admin address answers.</summary>
internal sealed record RouterStatus(string Schema, string Listen, string? Problem, IReadOnlyList<RouterBackendStatus> Backends);

/// <summary>One server, what was asked for it and what it got.</summary>
internal sealed record RouterBackendStatus(string Name, string Address, uint WeightBps, double SeenBps, bool Healthy, long InFlight, long Requests, long Errors);

/// <summary>The payload and results of <c>gtc router</c>.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    AllowDuplicateProperties = false)]
[JsonSerializable(typeof(RouterPayload))]
[JsonSerializable(typeof(RouterResult))]
[JsonSerializable(typeof(RouterStatus))]
internal sealed partial class RouterJson : JsonSerializerContext;
