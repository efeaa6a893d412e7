using System.Security.Cryptography;
using System.Text.Json;
using Gtc.Cli.Start;
using Gtc.Model;
using Gtc.Proxy;
using Gtc.Proxy.Http2;
using Gtc.Routing;

namespace Gtc.Cli.Router;

/// <summary>A router while it runs.</summary>
internal sealed class RouterRun
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan ProbeInterval = TimeSpan.FromSeconds(1);

    private readonly NamedDial _dial = new();
    private readonly Queue<(long Since, Backend Backend)> _leaving = new();
    private readonly RouterPolicy _policy;
    private readonly RouterPlan _plan;
    private readonly CliContext _context;
    private ProxyServer _server = null!;
    private ProxyServer? _admin;
    private volatile string? _problem;

    private RouterRun(RouterPlan plan, CliContext context)
    {
        _plan = plan;
        _context = context;
        _policy = new RouterPolicy(new RouterSettings
        {
            Time = context.Time,
            Random = RandomNumbers.Bits(context.Random),
            CallerField = plan.CallerField,
            GivesCallerCookie = plan.GivesCallerCookie,
            Trusted = plan.Trusted,
            Faulted = fault => context.Stderr.WriteLine($"a connection was cut because of a fault in the router: {fault}"),
        });
    }

    /// <summary>Where it listens.</summary>
    public string Address => _server.EndPoint.ToString();

    /// <summary>Where it tells about itself, or null.</summary>
    public string? Admin => _admin?.EndPoint.ToString();

    /// <summary>Listens.</summary>
    public static Outcome<RouterRun> Start(RouterPlan plan, CliContext context)
    {
        var run = new RouterRun(plan, context);
        run._policy.Table = run._dial.Turn(plan.Backends, out _);
        try
        {
            run._server = ProxyServer.Start(plan.Listen, plan.Options, run._policy, new Http2Side(plan.Options, run._policy));
            run._admin = plan.Admin is null ? null : ProxyServer.Start(plan.Admin, new ProxyOptions(), new AdminPolicy(run));
            return run;
        }
        catch (IOException error)
        {
            _ = run._server?.DisposeAsync().AsTask();
            return new Refusal.InvalidArgument(error.Message) { Next = "choose another address, or port 0 for any free one" };
        }
    }

    /// <summary>Serves until it is stopped.</summary>
    public async Task UntilAsync(string? config, CancellationToken stop)
    {
        var probing = _plan.HealthPath is { } path ? new HealthProbes(path, ProbeInterval, _context.Time).RunAsync(() => _policy.Table, stop) : Task.CompletedTask;
        if (config is null)
        {
            await Task.Delay(Timeout.Infinite, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        else
        {
            await FollowAsync(config, stop);
        }

        await probing;
        await _server.StopAsync(Grace, CancellationToken.None);
        if (_admin is not null)
        {
            await _admin.StopAsync(TimeSpan.Zero, CancellationToken.None);
        }
    }

    private async Task FollowAsync(string config, CancellationToken stop)
    {
        var seen = Fingerprint(config);
        using var timer = new PeriodicTimer(LookAgain, _context.Time);
        try
        {
            while (await timer.WaitForNextTickAsync(stop))
            {
                CloseLeftTunnels();

                // By content and not by time: a file that is swapped in by a rename, or a link that is, may carry any time.
                var now = Fingerprint(config);
                if (now != seen)
                {
                    seen = now;
                    Turn(config);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Asked to end.
        }
    }

    /// <summary>Takes over a changed file; one that is wrong changes nothing and is told.</summary>
    private void Turn(string config)
    {
        Outcome<RouterPlan> read;
        try
        {
            read = RouterPlan.ReadConfig(config, _context.ProgramName).Then(RouterPlan.Of);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            read = new Refusal.FileFailed(error.Message);
        }

        if (!read.TryGet(out var plan, out var refusal))
        {
            _problem = refusal.Message;
            _context.Stderr.WriteLine($"{config} is not taken over, the dial stays as it was: {refusal.Message}");
            return;
        }

        _policy.Table = _dial.Turn(plan.Backends, out var gone);
        foreach (var backend in gone)
        {
            _server.Forget(backend);
            _leaving.Enqueue((_context.Time.GetTimestamp(), backend));
        }

        _problem = plan.Listen.Equals(_plan.Listen) && plan.Options == _plan.Options && Equals(plan.Admin, _plan.Admin)
            ? null
            : "listen, admin, cpus and timeouts change at the next start";
        _context.Stderr.WriteLine($"the dial is {string.Join(", ", plan.Backends.Select(backend => $"{backend.Name} {backend.WeightBps / 100.0:0.##} %"))}{(_problem is null ? "" : $"; {_problem}")}");
    }

    /// <summary>Sockets to a backend that left the file may end by themselves for a while; then they are told to come again.</summary>
    private void CloseLeftTunnels()
    {
        while (_leaving.TryPeek(out var left) && _context.Time.GetElapsedTime(left.Since) > Grace)
        {
            _server.CloseTunnels(_leaving.Dequeue().Backend);
        }
    }

    private static string? Fingerprint(string path)
    {
        try
        {
            return Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(path)));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private byte[] Status()
    {
        var revisions = _policy.Table.Routes.SelectMany(route => route.Revisions).ToList();
        var total = Math.Max(1, revisions.Sum(revision => revision.State.Meter.Requests));
        return JsonSerializer.SerializeToUtf8Bytes(
            new RouterStatus("greentic.router-status.v1", Address, _problem,
            [
                .. revisions.Select(revision => new RouterBackendStatus(
                    revision.State.Backend!.Name,
                    revision.State.Backend.EndPoint.ToString(),
                    revision.WeightBps,
                    Math.Round(revision.State.Meter.Requests * (double)TrafficSplit.Whole / total, 1),
                    revision.State.IsHealthy,
                    revision.State.Backend.InFlight,
                    revision.State.Meter.Requests,
                    revision.State.Meter.Errors)),
            ]),
            RouterJson.Default.RouterStatus);
    }

    /// <summary>Answers what is asked about the router.</summary>
    private sealed class AdminPolicy(RouterRun run) : ProxyPolicy
    {
        private static readonly byte[] Json = "application/json"u8.ToArray();
        private static readonly byte[] Ok = "ok"u8.ToArray();
        private static readonly byte[] Unknown = "ask for /status, /metrics or /healthz"u8.ToArray();

        public override void Choose(in RequestView request, ref Choice choice)
        {
            if (request.Path.SequenceEqual("/status"u8))
            {
                choice.Reply(200, run.Status());
                choice.ContentType = Json;
            }
            else if (request.Path.SequenceEqual("/metrics"u8))
            {
                choice.Reply(200, PrometheusText.Of(run._policy.Table));
                choice.ContentType = PrometheusText.MediaType;
            }
            else
            {
                var isProbe = request.Path.SequenceEqual("/healthz"u8);
                choice.Reply(isProbe ? 200 : 404, isProbe ? Ok : Unknown);
            }
        }
    }
}
