using System.Diagnostics;
using System.Globalization;
using System.Threading.Channels;
using Gtc.Kubernetes;
using Gtc.Nats;
using Microsoft.Extensions.Logging;

namespace Gtc.Fleet.Operator.Tests.Running;

/// <summary>An operator in a process of its own, so that it can be stopped where it stands. What it logs can be waited for.</summary>
internal sealed class OperatorProcess : IAsyncDisposable
{
    /// <summary>The first word of its command line.</summary>
    public const string Word = "operator";

    private readonly Process _process;
    private readonly Channel<int> _events = Channel.CreateUnbounded<int>();
    private readonly Action<string> _log;
    private readonly Task _reading;

    private OperatorProcess(Process process, string identity, Action<string> log)
    {
        (_process, Identity, _log) = (process, identity, log);
        _reading = ReadAsync();
    }

    /// <summary>Its name on the Lease.</summary>
    public string Identity { get; }

    /// <param name="kubeconfig">The cluster.</param>
    /// <param name="broker">The broker's address.</param>
    /// <param name="ns">Its namespace.</param>
    /// <param name="identity">Its name.</param>
    /// <param name="log">Told of each line that it logs.</param>
    public static OperatorProcess Start(string kubeconfig, string broker, string ns, string identity, Action<string> log)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, [Word, kubeconfig, broker, ns, identity]) { RedirectStandardOutput = true, RedirectStandardInput = true };
        return new OperatorProcess(Process.Start(start)!, identity, log);
    }

    /// <summary>What such a process does: it serves until its input ends.</summary>
    public static async Task<int> ServeAsync(string[] words)
    {
        var options = new OperatorOptions
        {
            Kube = KubeConfig.Find(null, name => name == "KUBECONFIG" ? words[0] : null).Value!,
            Nats = new NatsOptions { Urls = [words[1]], LongestBackoff = TimeSpan.FromSeconds(1) },
            Namespace = words[2],
            Identity = words[3],
            Lease = new LeaseTimes(TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(0.3)),
            ApiBudget = 500,
            StatusInterval = TimeSpan.FromMilliseconds(20),
            CheckpointInterval = TimeSpan.FromMilliseconds(20),
            Jitter = static () => 0.5,
        };
        await using var fleet = FleetOperator.Create(options, TimeProvider.System, new EventLog()).Value;
        using var ends = new CancellationTokenSource();
        var running = fleet.RunAsync(ends.Token);
        await Task.WhenAny(running, Console.In.ReadToEndAsync(CancellationToken.None));
        await ends.CancelAsync();
        await running;
        return 0;
    }

    /// <summary>Waits until it logs one of some events.</summary>
    public async Task<int> LogsAsync(CancellationToken cancellationToken, params int[] events)
    {
        await foreach (var seen in _events.Reader.ReadAllAsync(cancellationToken))
        {
            if (events.Contains(seen))
            {
                return seen;
            }
        }

        throw new InvalidOperationException($"operator {Identity} ended");
    }

    /// <summary>Stops it where it stands (<c>STOP</c>), or lets it go on (<c>CONT</c>).</summary>
    public async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", ["-s", signal, _process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        await _reading;
        _process.Dispose();
    }

    private async Task ReadAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            _log($"{Identity}: {line}");
            _events.Writer.TryWrite(int.Parse(line.AsSpan(0, line.IndexOf(' ', StringComparison.Ordinal)), CultureInfo.InvariantCulture));
        }

        _events.Writer.Complete();
    }

    /// <summary>Writes ids and texts of events, a line each.</summary>
    private sealed class EventLog : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (this)
            {
                Console.Out.WriteLine($"{eventId.Id.ToString(CultureInfo.InvariantCulture)} {formatter(state, exception).ReplaceLineEndings(" ")}");
                Console.Out.Flush();
            }
        }
    }
}
