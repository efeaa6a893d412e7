using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Gtc.Artifacts.Cbor;
using Gtc.Artifacts.Packs;

namespace Gtc.Flows;

/// <summary>
/// Runs nodes that read and write state (flows-and-components.md §2.2): <c>state.get</c> with <c>{key, default?}</c> gives the value, <c>state.set</c> with
/// <c>{key, value}</c> gives what it wrote, and null deletes. They share the state with the components of their flow.
/// </summary>
internal sealed class StateNode(RunSetting setting, LoadedFlow flow, FlowNode node)
{
    private static readonly JsonElement Null = JsonElement.Parse("null"u8);

    /// <exception cref="FlowFault">The mapping names no key, or the state is not to be had.</exception>
    public JsonElement Run(JsonElement mapping, CancellationToken cancellationToken)
    {
        var key = FlowJump.Text(mapping, "key") ?? throw new FlowFault($"{node.ComponentId} node `{node.Id}` names no key");
        var caller = flow.Components.Caller(setting.Context, flow.Flow.Id, node.Id, node.ComponentId) with { IsBuiltIn = true };
        if (node.ComponentId == BuiltInComponents.StateSet)
        {
            return Write(caller, key, TemplatePath.Walk(mapping, ["value"]) ?? Null, cancellationToken);
        }

        var answer = setting.Options.Host.ReadState(caller, key, cancellationToken);
        return answer.Fault switch
        {
            null => Read(answer.Value),
            { Code: "not_found" } => TemplatePath.Walk(mapping, ["default"]) ?? Null,
            { } fault => throw Failed(fault),
        };
    }

    private JsonElement Write(ComponentCaller caller, string key, JsonElement value, CancellationToken cancellationToken)
    {
        var fault = value.ValueKind == JsonValueKind.Null
            ? setting.Options.Host.DeleteState(caller, key, cancellationToken)
            : setting.Options.Host.WriteState(caller, key, JsonMarshal.GetRawUtf8Value(value).ToArray(), cancellationToken);
        return fault is null ? value : throw Failed(fault);
    }

    // A component may have written anything; what is no JSON is a text (§4).
    private JsonElement Read(ReadOnlyMemory<byte> bytes)
    {
        var value = BoundedJson.Parse(bytes.Span, "a value of state", CborDocument.MaxBytes, allowDuplicates: true).TryGet(out var json, out _)
            ? json
            : JsonElement.Parse(JsonText.OfText(Encoding.UTF8.GetString(bytes.Span)));
        setting.Budget.Spend(flow.Flow.Id, value);
        return value;
    }

    private FlowFault Failed(HostFault fault) => new($"{node.ComponentId} node `{node.Id}` failed: {fault.Code}: {fault.Message}");
}
