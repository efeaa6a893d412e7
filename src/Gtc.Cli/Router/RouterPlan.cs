using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Gtc.Cli.Payloads;
using Gtc.Cli.Verbs;
using Gtc.Model;
using Gtc.Proxy;
using Gtc.Routing;

namespace Gtc.Cli.Router;

/// <summary>What a router is to do, checked.</summary>
internal sealed record RouterPlan
{
    private const uint MaxCpus = 256;
    private const uint MaxSeconds = 86_400;
    private const int MaxBackends = 256;
    private const int MaxConfigBytes = 1024 * 1024;

    public required IPEndPoint Listen { get; init; }

    public required IPEndPoint? Admin { get; init; }

    public required ImmutableArray<NamedBackend> Backends { get; init; }

    public required ProxyOptions Options { get; init; }

    public required PeerRanges Trusted { get; init; }

    public required string? CallerField { get; init; }

    public required bool GivesCallerCookie { get; init; }

    public required string? HealthPath { get; init; }

    /// <summary>Reads a file of <c>--config</c>.</summary>
    public static Outcome<RouterPayload> ReadConfig(string path, string program)
    {
        try
        {
            var file = new FileInfo(path);
            if (file is { Exists: true, Length: > MaxConfigBytes })
            {
                return new Refusal.InvalidArgument($"{path} has more than {MaxConfigBytes:N0} bytes");
            }

            using var json = JsonDocument.Parse(File.ReadAllBytes(path), new JsonDocumentOptions { MaxDepth = 8 });
            return PayloadReader.Read(json.RootElement.Clone(), RouterJson.Default.RouterPayload, $"{program} router --config {path}");
        }
        catch (JsonException error)
        {
            return new Refusal.UnreadableAnswers($"{path} is not JSON: {error.Message}");
        }
    }

    /// <summary>Checks a payload.</summary>
    public static Outcome<RouterPlan> Of(RouterPayload payload)
    {
        IPEndPoint? admin = null;
        if (!HostEndPoint.Parse("listen", payload.Listen ?? RouterPayload.DefaultListen).TryGet(out var listen, out var refusal)
            || (payload.Admin is not null && !HostEndPoint.Parse("admin", payload.Admin).TryGet(out admin, out refusal))
            || !ReadBackends(payload.Backend ?? []).TryGet(out var backends, out refusal)
            || !Ranges(payload.TrustedProxies ?? []).TryGet(out var trusted, out refusal)
            || (refusal = CheckNumbers(payload)) is not null)
        {
            return refusal;
        }

        var defaults = new ProxyOptions();
        return new RouterPlan
        {
            Listen = listen,
            Admin = admin,
            Backends = backends,
            Trusted = trusted,
            CallerField = payload.CallerField,
            GivesCallerCookie = !payload.NoCallerCookie,
            HealthPath = payload.HealthPath,
            Options = defaults with
            {
                Threads = (int)(payload.Cpus ?? 1),
                HeaderTimeout = payload.HeaderTimeout is { } head ? TimeSpan.FromSeconds(head) : defaults.HeaderTimeout,
                UpstreamTimeout = payload.UpstreamTimeout is { } upstream ? TimeSpan.FromSeconds(upstream) : defaults.UpstreamTimeout,
            },
        };
    }

    private static Refusal.InvalidArgument? CheckNumbers(RouterPayload payload) =>
        payload.Cpus is 0 or > MaxCpus ? new Refusal.InvalidArgument($"cpus must be from 1 to {MaxCpus}, {payload.Cpus} was given")
        : payload.HeaderTimeout is 0 or > MaxSeconds ? new Refusal.InvalidArgument($"header_timeout must be from 1 to {MaxSeconds} seconds, {payload.HeaderTimeout} was given")
        : payload.UpstreamTimeout is 0 or > MaxSeconds ? new Refusal.InvalidArgument($"upstream_timeout must be from 1 to {MaxSeconds} seconds, {payload.UpstreamTimeout} was given")
        : payload.HealthPath is { } path && !path.StartsWith('/') ? new Refusal.InvalidArgument($"health_path `{path}` must begin with a slash")
        : null;

    private static Outcome<PeerRanges> Ranges(IReadOnlyList<string> texts)
    {
        var networks = new List<IPNetwork>();
        foreach (var text in texts)
        {
            if (!IPNetwork.TryParse(text, out var network))
            {
                return new Refusal.InvalidArgument($"trusted_proxies `{text}` must be a range of addresses, e.g. 10.0.0.0/8 or fd00::/8");
            }

            networks.Add(network);
        }

        return new PeerRanges(networks);
    }

    private static Outcome<ImmutableArray<NamedBackend>> ReadBackends(IReadOnlyList<string> texts)
    {
        if (texts.Count is 0 or > MaxBackends)
        {
            return new Refusal.InvalidArgument($"from 1 to {MaxBackends} backends are needed, e.g. --backend stable=90@127.0.0.1:9001; {texts.Count} were given");
        }

        var backends = ImmutableArray.CreateBuilder<NamedBackend>();
        foreach (var text in texts)
        {
            if (!ReadBackend(text).TryGet(out var backend, out var refusal))
            {
                return refusal;
            }

            if (backends.Any(other => other.Name == backend.Name))
            {
                return new Refusal.InvalidArgument($"backend `{backend.Name}` is given twice");
            }

            backends.Add(backend);
        }

        var sum = backends.Sum(backend => backend.WeightBps);
        return sum == TrafficSplit.Whole
            ? backends.ToImmutable()
            : new Refusal.InvalidDocument("BasisPointsSum", $"the backends' weights sum to {sum / 100.0:0.##} %, exactly 100 % were expected");
    }

    /// <summary>Reads <c>name=weight@[h2c://]ip:port</c>; a weight as <c>traffic set</c> takes it.</summary>
    private static Outcome<NamedBackend> ReadBackend(string text)
    {
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        var at = text.IndexOf('@', StringComparison.Ordinal);
        if (equals <= 0 || at < equals)
        {
            return new Refusal.InvalidArgument($"backend `{text}` must be name=weight@ip:port, e.g. stable=90@127.0.0.1:9001, or next=10@h2c://127.0.0.1:9002");
        }

        var (protocol, address) = ReadProtocol(text[(at + 1)..]);
        return Op.Traffic.WeightText.Parse(text[(equals + 1)..at]).Then(weight =>
            HostEndPoint.Parse("backend", address).Then(endPoint => (Outcome<NamedBackend>)new NamedBackend(text[..equals], weight, endPoint, protocol)));
    }

    /// <summary>Takes the scheme off an address: <c>h2c://</c> is HTTP/2 without TLS, <c>http://</c> or none HTTP/1.1.</summary>
    private static (BackendProtocol Protocol, string Address) ReadProtocol(string text)
    {
        const string Modern = "h2c://";
        const string Usual = "http://";
        return text.StartsWith(Modern, StringComparison.Ordinal) ? (BackendProtocol.Http2, text[Modern.Length..])
            : (BackendProtocol.Http1, text.StartsWith(Usual, StringComparison.Ordinal) ? text[Usual.Length..] : text);
    }
}
