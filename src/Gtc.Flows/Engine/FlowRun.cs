using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Gtc.Artifacts.Packs;
using Microsoft.Extensions.Logging;

namespace Gtc.Flows;

/// <summary>One run of one flow, from its start to its end (flows-and-components.md §2.1–2.7).</summary>
internal sealed partial class FlowRun(LoadedFlow loaded, FlowScope scope, FlowLimits limits, ILogger logger)
{
    private const int LoggedBytes = 2048;

    private readonly MappingRenderer _renderer = new(scope, limits.MaxPayloadBytes);
    private readonly List<JsonElement> _egress = [];
    private long _rendered;

    /// <summary>How many components were called so far, built-in ones included.</summary>
    public long ComponentCalls { get; private set; }

    /// <summary>Runs to the end and returns one payload per reply.</summary>
    /// <exception cref="FlowFault">The flow cannot go on.</exception>
    public ImmutableArray<JsonElement> ToEnd(string? entryNode, CancellationToken cancellationToken)
    {
        var node = loaded.Start(entryNode);
        for (var step = 1; ; step++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (step > limits.MaxSteps)
            {
                throw new FlowFault($"flow {loaded.Flow.Id} ran {limits.MaxSteps} nodes without an end");
            }

            var output = Run(node);
            scope.Finish(node.Id, output);
            if (FlowRoutes.Next(node.Routing, output, scope) is not { } next)
            {
                return Result(output);
            }

            node = loaded.Node(next);
        }
    }

    private JsonElement Run(FlowNode node)
    {
        var mapping = _renderer.Render(node.Input);
        _rendered += JsonMarshal.GetRawUtf8Value(mapping).Length;
        if (_rendered > limits.MaxTotalBytes)
        {
            throw new FlowFault($"flow {loaded.Flow.Id} rendered more than {limits.MaxTotalBytes} bytes");
        }

        var kind = node.ComponentId == BuiltInComponents.ComponentExec ? ExecTarget(node, mapping) : node.ComponentId;
        if (kind.StartsWith(BuiltInComponents.EmitPrefix, StringComparison.Ordinal))
        {
            ComponentCalls++;
            return Emit(kind, node, mapping);
        }

        if (BuiltInComponents.Contains(kind))
        {
            throw new FlowFault($"unsupported node kind `{kind}` (node `{node.Id}`)");
        }

        throw loaded.Pack.Components.Any(component => component.Id == kind)
            ? new FlowFault($"unsupported node kind: component `{kind}` (node `{node.Id}`) needs a WebAssembly host, which this build does not have")
            : new FlowFault($"component `{kind}` (node `{node.Id}`) is not in pack `{loaded.Pack.PackId}`");
    }

    private JsonElement Emit(string kind, FlowNode node, JsonElement mapping)
    {
        var payload = TemplatePath.Walk(mapping, ["input"]) ?? TemplatePath.Walk(mapping, ["payload"]) ?? mapping;
        if (kind != BuiltInComponents.EmitLog)
        {
            _egress.Add(payload);
        }
        else if (logger.IsEnabled(LogLevel.Information))
        {
            var text = JsonMarshal.GetRawUtf8Value(payload);
            Log.Emitted(logger, loaded.Pack.PackId, loaded.Flow.Id, node.Id, Encoding.UTF8.GetString(text[..Math.Min(text.Length, LoggedBytes)]));
        }

        return payload;
    }

    // The last payload also closes the list, so that a flow which ends in emit.response answers it twice. Clients rely on it.
    private ImmutableArray<JsonElement> Result(JsonElement last) => _egress.Count == 0
        ? last.ValueKind == JsonValueKind.Array ? [.. last.EnumerateArray()] : [last]
        : [.. _egress.Append(last).SelectMany(Flattened).Where(payload => payload.ValueKind != JsonValueKind.Null)];

    private static IEnumerable<JsonElement> Flattened(JsonElement payload) => payload.ValueKind == JsonValueKind.Array ? payload.EnumerateArray() : [payload];

    private static string ExecTarget(FlowNode node, JsonElement mapping) =>
        (TemplatePath.Walk(mapping, ["component"]) ?? TemplatePath.Walk(mapping, ["component_ref"])) is { ValueKind: JsonValueKind.String } target
            ? target.GetString()!
            : throw new FlowFault($"{BuiltInComponents.ComponentExec} node `{node.Id}` names no component");

    private static partial class Log
    {
        [LoggerMessage(4301, LogLevel.Information, "Flow {PackId}/{FlowId} node {NodeId} logs {Payload}")]
        public static partial void Emitted(ILogger logger, string packId, string flowId, string nodeId, string payload);
    }
}
