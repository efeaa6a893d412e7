using System.Collections.Immutable;
using System.Text.Json;
using Gtc.Flows;
using Microsoft.Extensions.Logging;

namespace Gtc.Cli.Flow;

/// <summary>Collects what a run does, and what it logs.</summary>
internal sealed class FlowTrace : IFlowObserver, ILogger
{
    private readonly List<FlowNodeRun> _nodes = [];
    private readonly List<string> _log = [];

    /// <inheritdoc/>
    public void Ran(FlowNodeRun run) => _nodes.Add(run);

    /// <summary>What was collected since the last time, as one message's.</summary>
    public MessageRan Take(JsonElement entry, FlowReply reply, TimeSpan elapsed)
    {
        var waits = _nodes.LastOrDefault()?.Next is { Kind: FlowNextKind.Park } next ? next.Target : null;
        var ran = new MessageRan(reply.FlowId, reply.HasFailed, Milliseconds(elapsed), entry, [.. _nodes.Select(Shown)], waits, reply.Payloads, [.. _log]);
        _nodes.Clear();
        _log.Clear();
        return ran;
    }

    /// <inheritdoc/>
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    /// <inheritdoc/>
    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

    /// <inheritdoc/>
    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => _log.Add(formatter(state, exception));

    private static NodeRan Shown(FlowNodeRun run) => new(
        run.FlowId, run.Depth, run.NodeId, run.Component, run.Operation, Milliseconds(run.Elapsed), run.Output, run.Error, run.Next?.Kind.ToString().ToLowerInvariant(), run.Next?.Target);

    private static double Milliseconds(TimeSpan time) => Math.Round(time.TotalMilliseconds, 3);
}
