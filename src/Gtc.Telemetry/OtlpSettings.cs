using System.Collections.Immutable;
using System.Globalization;
using Gtc.Model;

namespace Gtc.Telemetry;

/// <summary>How telemetry is framed on its way.</summary>
public enum OtlpFraming
{
    /// <summary><c>http/protobuf</c>.</summary>
    HttpProtobuf,

    /// <summary><c>grpc</c>.</summary>
    Grpc,
}

/// <summary>Which traces are kept when whoever called has not decided.</summary>
/// <param name="FollowsParent">Whether the caller's decision counts first.</param>
/// <param name="Ratio">From 0 for none to 1 for all.</param>
public sealed record OtlpSampling(bool FollowsParent, double Ratio);

/// <summary>Where telemetry goes, as the variables of the OpenTelemetry specification say.</summary>
public sealed record OtlpSettings
{
    private const int MaxEntries = 128;

    /// <summary>Where traces go, the path included; null when they are not exported.</summary>
    public Uri? Traces { get; init; }

    /// <summary>Where metrics go, the path included; null when they are not exported.</summary>
    public Uri? Metrics { get; init; }

    /// <summary>How they are framed.</summary>
    public OtlpFraming Framing { get; init; }

    /// <summary>Header fields for the receiver, e.g. a token.</summary>
    public ImmutableArray<KeyValuePair<string, string>> Headers { get; init; } = [];

    /// <summary>What this process calls itself.</summary>
    public string ServiceName { get; init; } = "gtc";

    /// <summary>What else is said about it.</summary>
    public ImmutableArray<KeyValuePair<string, string>> Resource { get; init; } = [];

    /// <summary>Which traces are kept.</summary>
    public OtlpSampling Sampling { get; init; } = new(true, 1);

    /// <summary>How long the receiver may take, in milliseconds.</summary>
    public int TimeoutMilliseconds { get; init; } = 10_000;

    /// <summary>How often metrics are sent, in milliseconds.</summary>
    public int MetricIntervalMilliseconds { get; init; } = 60_000;

    /// <summary>How long traces are gathered before they are sent, in milliseconds.</summary>
    public int TraceDelayMilliseconds { get; init; } = 5_000;

    /// <summary>Reads the variables.</summary>
    /// <param name="variable">Reads one.</param>
    /// <returns>The settings; or which variable says what cannot be understood.</returns>
    public static Outcome<OtlpSettings> Read(Func<string, string?> variable)
    {
        ArgumentNullException.ThrowIfNull(variable);
        string? Given(string name) => variable(name) is { } text && !string.IsNullOrWhiteSpace(text) ? text.Trim() : null;
        if (!FramingOf(Given("OTEL_EXPORTER_OTLP_PROTOCOL")).TryGet(out var framing, out var refusal)
            || !EndpointOf("TRACES", "v1/traces", framing, Given).TryGet(out var traces, out refusal)
            || !EndpointOf("METRICS", "v1/metrics", framing, Given).TryGet(out var metrics, out refusal)
            || !Pairs("OTEL_EXPORTER_OTLP_HEADERS", Given).TryGet(out var headers, out refusal)
            || !Pairs("OTEL_RESOURCE_ATTRIBUTES", Given).TryGet(out var resource, out refusal)
            || !SamplingOf(Given).TryGet(out var sampling, out refusal)
            || !Milliseconds("OTEL_EXPORTER_OTLP_TIMEOUT", 10_000, Given).TryGet(out var timeout, out refusal)
            || !Milliseconds("OTEL_METRIC_EXPORT_INTERVAL", 60_000, Given).TryGet(out var interval, out refusal)
            || !Milliseconds("OTEL_BSP_SCHEDULE_DELAY", 5_000, Given).TryGet(out var delay, out refusal))
        {
            return refusal;
        }

        return new OtlpSettings
        {
            Traces = traces,
            Metrics = metrics,
            Framing = framing,
            Headers = headers,
            ServiceName = Given("OTEL_SERVICE_NAME") ?? resource.LastOrDefault(pair => pair.Key == "service.name").Value ?? "gtc",
            Resource = [.. resource.Where(pair => pair.Key != "service.name")],
            Sampling = sampling,
            TimeoutMilliseconds = timeout,
            MetricIntervalMilliseconds = interval,
            TraceDelayMilliseconds = delay,
        };
    }

    private static Outcome<OtlpFraming> FramingOf(string? given) => given switch
    {
        null or "http/protobuf" => OtlpFraming.HttpProtobuf,
        "grpc" => OtlpFraming.Grpc,
        _ => new Refusal.InvalidArgument($"OTEL_EXPORTER_OTLP_PROTOCOL must be http/protobuf or grpc, `{given}` was given"),
    };

    private static Outcome<Uri?> EndpointOf(string signal, string path, OtlpFraming framing, Func<string, string?> given)
    {
        if (given($"OTEL_{signal}_EXPORTER") == "none")
        {
            return (Uri?)null;
        }

        var own = $"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT";
        var name = given(own) is null ? "OTEL_EXPORTER_OTLP_ENDPOINT" : own;
        if (given(name) is not { } text)
        {
            return (Uri?)null;
        }

        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
        {
            return new Refusal.InvalidArgument($"{name} must be an http or https URL such as http://127.0.0.1:4318, `{text}` was given");
        }

        // A signal's own endpoint is used as it is; below the common one each signal has its path, and gRPC has paths of its own.
        return name == own || framing == OtlpFraming.Grpc ? uri : new Uri(uri.AbsoluteUri.TrimEnd('/') + "/" + path);
    }

    private static Outcome<ImmutableArray<KeyValuePair<string, string>>> Pairs(string name, Func<string, string?> given)
    {
        var pairs = ImmutableArray.CreateBuilder<KeyValuePair<string, string>>();
        foreach (var entry in (given(name) ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (entry.IndexOf('=', StringComparison.Ordinal) is not (> 0 and var at) || pairs.Count == MaxEntries)
            {
                // What is given may be a token and is not repeated.
                return new Refusal.InvalidArgument($"{name} must be name=value,name=value with at most {MaxEntries} names; entry {pairs.Count + 1} is not");
            }

            pairs.Add(new(entry[..at].Trim(), Uri.UnescapeDataString(entry[(at + 1)..].Trim())));
        }

        return pairs.ToImmutable();
    }

    private static Outcome<OtlpSampling> SamplingOf(Func<string, string?> given)
    {
        var name = given("OTEL_TRACES_SAMPLER") ?? "parentbased_always_on";
        var argument = given("OTEL_TRACES_SAMPLER_ARG");
        var ratio = 1.0;
        if (argument is not null && (!double.TryParse(argument, NumberStyles.Float, CultureInfo.InvariantCulture, out ratio) || ratio is not (>= 0 and <= 1)))
        {
            return new Refusal.InvalidArgument($"OTEL_TRACES_SAMPLER_ARG must be from 0 to 1, `{argument}` was given");
        }

        return name switch
        {
            "always_on" => new OtlpSampling(false, 1),
            "always_off" => new OtlpSampling(false, 0),
            "traceidratio" => new OtlpSampling(false, ratio),
            "parentbased_always_on" => new OtlpSampling(true, 1),
            "parentbased_always_off" => new OtlpSampling(true, 0),
            "parentbased_traceidratio" => new OtlpSampling(true, ratio),
            _ => new Refusal.InvalidArgument($"OTEL_TRACES_SAMPLER must be always_on, always_off, traceidratio, or one of them after parentbased_; `{name}` was given"),
        };
    }

    private static Outcome<int> Milliseconds(string name, int otherwise, Func<string, string?> given) => given(name) is not { } text ? otherwise
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is > 0 and <= 3_600_000 ? number
        : new Refusal.InvalidArgument($"{name} must be a number of milliseconds from 1 to 3600000, `{text}` was given");
}
